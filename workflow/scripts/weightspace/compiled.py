"""How all inner loops are compiled: by Numba, at the first call, kept on disk where a folder can be written."""

import numba


def compiled(function):
    """Compile at the first call and keep the code on disk; where no folder can be written, compile anew in each
    process.
    """
    try:
        return numba.njit(function, cache=True, nogil=True)
    except RuntimeError:
        return numba.njit(function, nogil=True)

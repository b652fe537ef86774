"""How all inner loops are compiled: by Numba, at the first call, kept on disk where a folder can be written."""

import inspect
from collections.abc import Callable
from typing import Any

import numba
from numba import types
from numba.extending import intrinsic


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a function of numbers and arrays without Python's lock.

    Where no folder can be written, it is compiled anew in each process. The types of its arguments are not annotated:
    Numba finds them, and its docstring gives their shapes.
    """
    function = inspect.unwrap(function)  # the tests wrap every function in a check of its annotations
    try:
        return numba.njit(function, cache=True, nogil=True)
    except RuntimeError:
        return numba.njit(function, nogil=True)


@intrinsic
def count_bits(_typing, word):
    """Number of bits that are set in a word of 64; within compiled functions, one instruction."""

    def generate(_context, builder, _signature, arguments):
        return builder.ctpop(arguments[0])

    return types.int64(types.uint64), generate

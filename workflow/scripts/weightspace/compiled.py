"""How all inner loops are compiled: by Numba, at the first call, kept on disk where a folder can be written."""

import inspect
from collections.abc import Callable
from functools import partial
from typing import Any

import numba
from numba import types
from numba.extending import intrinsic


def compiled(function: Callable[..., Any] | None = None, *, fastmath: bool | set[str] = False) -> Callable[..., Any]:
    """Compile a function of numbers and arrays without Python's lock; ``fastmath`` says which rules of floating-point
    numbers it may bend.

    Where no folder can be written, it is compiled anew in each process. The types of its arguments are not annotated:
    Numba finds them, and its docstring gives their shapes.
    """
    if function is None:
        return partial(compiled, fastmath=fastmath)
    function = inspect.unwrap(function)  # the tests wrap every function in a check of its annotations
    try:
        return numba.njit(function, cache=True, nogil=True, fastmath=fastmath)
    except RuntimeError:
        return numba.njit(function, nogil=True, fastmath=fastmath)


def _generate_count_bits(_typing, word):
    def generate(_context, builder, _signature, arguments):
        return builder.ctpop(arguments[0])

    return types.int64(types.uint64), generate


# Number of bits that are set in a word of 64; within compiled functions, one instruction.
count_bits: Any = intrinsic(_generate_count_bits)

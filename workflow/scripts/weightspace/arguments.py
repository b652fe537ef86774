"""What users hand to a public function, checked at the door: each function here gives a copy of its own, in the type
that the library computes with, or says in one sentence which argument is wrong, what was found, and what is allowed.
"""

import math
import numbers
import os
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

import numpy as np
from jaxtyping import Bool, Float, Int8, Int64

Checks = Mapping[str, Callable[[str, Any], Any]]  # of settings by name: from name and value to what is kept of it
MOST_LABELS = 1_000_000


def patterns_of_signs(name: str, given: Any, *, size: int | None = None) -> Int8[np.ndarray, "B N"]:
    """Patterns (B, N) of ±1, of ``size`` pixels where that is known.

    Raises:
        ValueError: they are none.
    """
    found = _array(name, given)
    if found.ndim == 1 and found.size:
        raise ValueError(
            f"{name} is one vector of {found.size} values; allowed: an array (number, pixels), of one pattern"
            f" {name}[None]"
        )
    if found.ndim != 2 or 0 in found.shape:
        raise ValueError(f"{name} has the shape {found.shape}; allowed: (number, pixels), at least one of each")
    if size is not None and found.shape[1] != size:
        raise ValueError(f"{name} have {found.shape[1]} pixels each; allowed: {size}, as the model takes them")
    if found.dtype.kind not in "biuf" or not np.all((found == 1) | (found == -1)):
        raise ValueError(f"{name} must hold -1 and +1 only, found {_odd_one(found, lambda x: x in (1, -1))}")
    return np.ascontiguousarray(found).astype(np.int8)


def images(name: str, given: Any) -> Float[np.ndarray, "B ..."]:
    """Images (B, ...) of finite numbers, one at least.

    Raises:
        ValueError: they are none.
    """
    found = _array(name, given)
    if found.ndim < 2 or 0 in found.shape:
        raise ValueError(f"{name} has the shape {found.shape}; allowed: (number, ...), at least one image")
    if found.dtype.kind not in "biuf" or not np.isfinite(found).all():
        raise ValueError(f"{name} must hold finite numbers, found {_odd_one(found, _is_finite)}")
    return found.astype(np.float64)


def _is_finite(value):
    return isinstance(value, (int, float)) and bool(np.isfinite(value))


def labels_of(name: str, given: Any, count: int, *, most: int = MOST_LABELS) -> Int64[np.ndarray, " {count}"]:
    """Labels, one for each of ``count`` patterns, integers from 0 and below ``most``.

    Raises:
        ValueError: they are none.
    """
    found = _array(name, given)
    if found.shape != (count,):
        raise ValueError(f"{name} has the shape {found.shape}; allowed: ({count},), one label for each pattern")
    if found.dtype.kind not in "biu" or found.min() < 0 or found.max() >= most:
        odd = _odd_one(found, lambda x: isinstance(x, int) and 0 <= x < most)
        raise ValueError(f"{name} holds {odd}; allowed: integers from 0 to {most - 1}")
    return found.astype(np.int64)


def flags(name: str, given: Any, count: int) -> Bool[np.ndarray, " {count}"]:
    """True or false for each of ``count`` patterns.

    Raises:
        ValueError: they are none.
    """
    found = _array(name, given)
    if found.shape != (count,) or found.dtype != np.bool_:
        raise ValueError(
            f"{name} is an array of {found.dtype} of the shape {found.shape}; allowed: true or false for each of the"
            f" {count} patterns"
        )
    return found.copy()


def counts(name: str, given: Any, *, low: int, high: int) -> list[int]:
    """Different whole numbers in a list, ascending.

    Raises:
        ValueError: they are none.
    """
    allowed = f"allowed: a list of different whole numbers from {low} to {high}, ascending"
    found = _array(name, given)
    if found.ndim != 1 or not found.size or found.dtype.kind not in "iu":
        raise ValueError(f"{name} is {_short(given)}; {allowed}")
    if found.min() < low or found.max() > high or (found[1:] <= found[:-1]).any():
        raise ValueError(f"{name} is {_short(found.tolist())}; {allowed}")
    return found.tolist()


def whole(name: str, given: Any, *, low: int, high: int | None = None) -> int:
    """A whole number.

    Raises:
        ValueError: it is none.
    """
    ok = isinstance(given, numbers.Integral) and not isinstance(given, bool | np.bool_)
    if not ok or given < low or (high is not None and given > high):
        raise ValueError(
            f"{name} is {_short(given)}; allowed: a whole number from {low}{'' if high is None else f' to {high}'}"
        )
    return int(given)


def number(name: str, given: Any, *, low: float, high: float, above: bool = False) -> float:
    """A number between two bounds; ``above`` leaves the lower one out.

    Raises:
        ValueError: it is none.
    """
    ok = isinstance(given, numbers.Real) and not isinstance(given, bool | np.bool_) and math.isfinite(given)
    if not ok or given > high or given < low or (above and given == low):
        raise ValueError(
            f"{name} is {_short(given)}; allowed: a number {'above' if above else 'from'} {low:g}"
            f"{' and at most' if above else ' to'} {high:g}"
        )
    return int(given) if isinstance(given, numbers.Integral) else float(given)


def flag(name: str, given: Any) -> bool:
    """True or false.

    Raises:
        ValueError: it is neither.
    """
    if not isinstance(given, bool | np.bool_):
        raise ValueError(f"{name} is {_short(given)}; allowed: True, False")
    return bool(given)


def text(name: str, given: Any) -> str:
    """A text, or a path.

    Raises:
        ValueError: it is neither.
    """
    if not isinstance(given, str | os.PathLike):
        raise ValueError(f"{name} is {_short(given)}; allowed: a text")
    return str(given)


def image_shape(name: str, given: Any) -> tuple[int, ...] | None:
    """The shape of one image, whole numbers, or None.

    Raises:
        ValueError: it is neither.
    """
    if given is None:
        return None
    found = _array(name, given)
    if found.ndim != 1 or not found.size or found.dtype.kind not in "iu" or found.min() < 1:
        raise ValueError(f"{name} is {_short(given)}; allowed: the shape of one image, such as (1, 28, 28)")
    return tuple(found.tolist())


def lists(name: str, given: Any, *, checks: Checks) -> dict[str, list[Any]]:
    """A dict of lists that are not empty, with an entry for each of the ``checks``.

    Raises:
        ValueError: it is none.
    """
    if not isinstance(given, Mapping) or set(given) != set(checks):
        raise ValueError(f"{name} is {_short(given)}; allowed: a dict of lists with the keys {', '.join(checks)}")
    for key, values in given.items():
        if not isinstance(values, Sequence | np.ndarray) or isinstance(values, str) or not len(values):
            raise ValueError(f"{name} has the entry {key}: {_short(values)}; allowed: a list that is not empty")
    return {key: [checks[key](f"{name}: {key}", value) for value in given[key]] for key in checks}


def one_of(name: str, given: Any, allowed: Collection[str]) -> str:
    """One of some names.

    Raises:
        ValueError: it is another.
    """
    if not isinstance(given, str) or given not in allowed:
        raise ValueError(f"{name} is {_short(given)}; allowed: {', '.join(allowed)}")
    return given


def settings_of(what: str, given: Mapping[str, Any], checks: Checks, *, shipped: Mapping[str, Any]) -> dict[str, Any]:
    """The keywords ``given`` for what has the settings ``checks``, each checked by its function; those that are left
    out as ``shipped``.

    Raises:
        ValueError: a keyword is unknown, or missing and not shipped, or its value is not allowed.
    """
    for name in given:
        if name not in checks:
            raise ValueError(f"{name} is no setting of {what}; allowed: {', '.join(checks) or 'none'}")
    found = {**shipped, **{name: checks[name](name, value) for name, value in given.items()}}
    missing = [name for name in checks if name not in found]
    if missing:
        raise ValueError(f"{what} needs {' and '.join(missing)}")
    return found


def _array(name, given):
    if hasattr(given, "detach"):  # a tensor of PyTorch, wherever it lies
        given = given.detach().cpu()
    try:
        return np.asarray(given)
    except (ValueError, TypeError, RuntimeError) as error:
        raise ValueError(
            f"{name} is no array: {' '.join(str(error).split())}; allowed: rows of equal length"
        ) from error


def _odd_one(found, fits):
    """The first value that does not fit, in words."""
    return _short(next((value for value in found.ravel().tolist() if not fits(value)), f"values of {found.dtype}"))


def _short(value):
    try:
        text = " ".join(repr(value).split())
    except Exception:  # a value's own repr may do anything
        text = f"a {type(value).__name__}"
    return text if len(text) <= 60 else f"{text[:60]} ..."

"""How a fault of the configuration is said: one sentence with the key, what was found and what is allowed."""

import difflib
import math
import re
from collections.abc import Iterable
from typing import Any

LARGEST = 10**20


class ConfigError(ValueError):
    """The configuration or the claims cannot be used; the message is one sentence on one line that names the key."""


def sentence(path: Iterable[str | int], found: Any, allowed: str, hint: str = "") -> str:
    """``run.memories[2] is 'x'; allowed: ...``"""
    return f"{dotted(path)} is {show(found)}; allowed: {allowed}{hint}"


def dotted(path: Iterable[Any]) -> str:
    """``("run", "memories", 2)`` as ``run.memories[2]``."""
    words = (f".{key}" if isinstance(key, str) and re.fullmatch(r"\w{1,60}", key) else f"[{show(key)}]" for key in path)
    return "".join(words).removeprefix(".")


def show(value: Any) -> str:
    """A value as YAML would have it, on one line and never long."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, str):
        return repr(value if len(value) <= 60 else value[:57] + "...")
    if isinstance(value, int):
        return str(value) if abs(value) < LARGEST else "an integer of more than 20 digits"
    if isinstance(value, float):
        return str(value) if math.isfinite(value) else f"{value}, which is no finite number"
    if isinstance(value, list):
        return "an empty list" if not value else f"a list of length {len(value)}"
    if isinstance(value, dict):
        return "a mapping" if value else "an empty mapping"
    return f"a {type(value).__name__}"


def among(names: Iterable[Any]) -> str:
    return ", ".join("null" if name is None else str(name) for name in names)


def did_you_mean(found: Any, names: Iterable[str]) -> str:
    near = difflib.get_close_matches(found[:60].lower(), list(names), n=1) if isinstance(found, str) else []
    return f"; did you mean {show(near[0])}?" if near else ""

"""Load any associative memory that stores patterns, from its file alone, without the modules of networks."""

from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

from weightspace.files import FileError
from weightspace.memories.memory import AssociativeMemory
from weightspace.model_files import read_description


def _memory() -> Any:
    from weightspace.memories.memory import Memory

    return Memory


def _dense_memory() -> Any:
    from weightspace.memories.dense import DenseMemory

    return DenseMemory


# Kind, as a file says it, to a function that imports its class.
MEMORIES: dict[str, Callable[[], Any]] = {"memory": _memory, "dense_memory": _dense_memory}


def load_memory(
    path: str | Path, *, sweeps: int = 1000, order: str = "sequential", threads: int = 1
) -> AssociativeMemory:
    """The memory stored at ``path``.

    ``sweeps`` bounds its recall, ``order`` is that of updating, and ``threads`` share the images.

    Raises:
        FileError: missing, damaged, or no memory that stores patterns.
    """
    kind = kind_of(path, MEMORIES, "expected one that stores patterns")
    return MEMORIES[kind]().load(path, sweeps=sweeps, order=order, threads=threads)


def kind_of(path: str | Path, kinds: Collection[str], expected: str) -> str:
    """The kind of the model stored at ``path``, one of ``kinds``; ``expected`` stands before them in the refusal."""
    kind = read_description(path).get("kind", "")
    if kind not in kinds:
        raise FileError(f"{path} holds a model of kind {kind!r}; {expected}: {', '.join(kinds)}")
    return kind

"""Load any associative memory that stores patterns, from its file alone, without the modules of networks."""

from weightspace.files import FileError
from weightspace.model_files import read_description

KINDS = ("memory", "dense_memory")


def load_memory(path, *, sweeps=1000, order="sequential", threads=1):
    """Return the `memory.AssociativeMemory` stored at ``path``.

    ``sweeps`` bounds its recall, ``order`` is that of updating, and ``threads`` share the images.

    Raises:
        FileError: missing, damaged, or no memory that stores patterns.
    """
    kind = read_description(path).get("kind")
    if kind == "memory":
        from weightspace.memories.memory import Memory

        return Memory.load(path, sweeps=sweeps, order=order, threads=threads)
    if kind == "dense_memory":
        from weightspace.memories.dense import DenseMemory

        return DenseMemory.load(path, sweeps=sweeps, order=order, threads=threads)
    raise FileError(f"{path} holds a model of kind {kind!r}; expected one that stores patterns: {', '.join(KINDS)}")

"""Load any trained model from its file alone. Scoring and attacking use this; training scripts do not import it."""

from weightspace.files import FileError
from weightspace.memories.loading import KINDS, load_memory
from weightspace.model_files import read_description


def load(path, *, sweeps=1000, order="sequential", threads=1):
    """Return the classifier stored at ``path``; all of them offer ``predict(patterns) -> labels``.

    ``sweeps`` bounds the recall of memories, ``order`` is that of updating, and ``threads`` share the images. The
    classes are imported only when needed: recall needs no PyTorch.
    """
    kind = read_description(path).get("kind")
    if kind == "network":
        from weightspace.networks.architectures import Network

        return Network.load(path)
    if kind == "trained_dense_memory":
        from weightspace.memories.dense_training import TrainedDenseMemory

        return TrainedDenseMemory.load(path)
    if kind == "nearest_neighbour":
        from weightspace.memories.nearest_neighbour import NearestNeighbour

        return NearestNeighbour.load(path)
    if kind in KINDS:
        return load_memory(path, sweeps=sweeps, order=order, threads=threads)
    raise FileError(
        f"{path} holds a model of kind {kind!r}; known: {', '.join(KINDS)}, trained_dense_memory, nearest_neighbour,"
        " network"
    )

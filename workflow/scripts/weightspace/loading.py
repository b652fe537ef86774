"""Load any trained model from its file alone. Scoring and attacking use this; training scripts do not import it."""

from weightspace.files import FileError
from weightspace.model_files import read_description


def load(path, *, sweeps=1000):
    """Return the classifier stored at ``path``; all of them offer ``predict(patterns) -> labels``.

    ``sweeps`` bounds the recall of memories. The classes are imported only when needed: recall needs no PyTorch.
    """
    kind = read_description(path).get("kind")
    if kind == "memory":
        from weightspace.memory import Memory

        return Memory.load(path, sweeps=sweeps)
    if kind == "network":
        from weightspace.networks import Network

        return Network.load(path)
    raise FileError(f"{path} holds a model of kind {kind!r}; known: memory, network")

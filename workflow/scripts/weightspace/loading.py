"""Take in any classifier: a trained model from its file alone, or whatever a notebook holds. Scoring and attacking use
this; training scripts do not import it.

Here alone it is asked what something is. A trained model's file names its kind, and `KINDS` has an entry for each;
classes are imported only when needed, since recall needs no PyTorch.
"""

import math
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float, Int, Shaped

from weightspace import arguments
from weightspace.classifier import NO_ANSWER, Classifier, Labels
from weightspace.memories.loading import MEMORIES, kind_of, load_memory


def _trained_dense_memory() -> Any:
    from weightspace.memories.dense_training import TrainedDenseMemory

    return TrainedDenseMemory


def _continuous_memory() -> Any:
    from weightspace.memories.continuous import ContinuousMemory

    return ContinuousMemory


def _nearest_neighbour() -> Any:
    from weightspace.memories.nearest_neighbour import NearestNeighbour

    return NearestNeighbour


def _network() -> Any:
    from weightspace.networks.architectures import Network

    return Network


KINDS: dict[str, Callable[[], Any]] = MEMORIES | {
    "trained_dense_memory": _trained_dense_memory,
    "continuous_memory": _continuous_memory,
    "nearest_neighbour": _nearest_neighbour,
    "network": _network,
}


def load(path: str | Path, *, sweeps: int = 1000, order: str = "sequential", threads: int = 1) -> Classifier:
    """The classifier stored at ``path``.

    ``sweeps`` bounds the recall of memories, ``order`` is that of updating, and ``threads`` share the images.

    Raises:
        FileError: missing, damaged, or of no known kind.
        ValueError: another argument is not allowed.
    """
    path = arguments.text("path", path)
    arguments.whole("sweeps", sweeps, low=1)
    arguments.whole("threads", threads, low=1)
    kind = kind_of(path, KINDS, "known")
    if kind in MEMORIES:
        return load_memory(path, sweeps=sweeps, order=order, threads=threads)
    return KINDS[kind]().load(path)


def as_classifier(model: Any, *, shape: Sequence[int] | None = None) -> Classifier:
    """Any model as a classifier that can be attacked, scored and counted like those of the project.

    Args:
        model: a classifier of the project; a PyTorch module that takes patterns (B, N) of ±1, or images of one grey
            channel, and gives logits (B, C), and which is put into evaluation mode; or any object whose
            ``predict(patterns)`` gives labels (B,), integers from 0, -1 for no answer. If it has ``scores(patterns)``
            as well, (B, C), the attacks that need them can use them.
        shape: of one image as a module takes it, such as (1, 28, 28); by default patterns as they are, or else square
            images with or without a channel, whichever it first takes.

    Raises:
        TypeError: it is none of these.
        ValueError: the shape is none.

    >>> import torch
    >>> module = torch.nn.Sequential(torch.nn.Conv2d(1, 3, 3), torch.nn.Flatten(), torch.nn.Linear(12, 2))
    >>> as_classifier(module).predict(np.ones((5, 16))).shape
    (5,)
    >>> as_classifier("results/models/tanh_mlp/seed0.safetensors")
    Traceback (most recent call last):
    TypeError: a str is no classifier: needed is a PyTorch module, or an object with predict(patterns) -> labels
    """
    shape = arguments.image_shape("shape", shape)
    if isinstance(model, Classifier):
        return model
    torch = sys.modules.get("torch")  # a module of PyTorch cannot be here without it
    if torch is not None and isinstance(model, torch.nn.Module):
        from weightspace.networks.torch_classifier import OfImages, TorchClassifier

        return TorchClassifier(OfImages(model, shape))
    if callable(getattr(model, "predict", None)) and not isinstance(model, type):
        return Foreign(model)
    raise TypeError(
        f"a {type(model).__name__} is no classifier: needed is a PyTorch module, or an object with predict(patterns) ->"
        " labels"
    )


def module_of(
    model: Any, shape: Sequence[int] | None = None, *, name: str = "network"
) -> tuple[Any, Sequence[int] | None]:
    """The PyTorch module of a network, and the shape of one image as it takes it where that is known, else ``shape``.

    Raises:
        TypeError: it is no network; ``name`` is what messages call it.
    """
    torch = sys.modules.get("torch")
    if torch is not None:
        from weightspace.networks.torch_classifier import OfImages, TorchClassifier

        if isinstance(model, TorchClassifier):
            inner = model.module
            if isinstance(inner, OfImages):
                return inner.module, shape or inner.shape
            known = model.description.get("shape")
            return inner, (math.prod(known),) if shape is None and known else shape
        if isinstance(model, torch.nn.Module):
            return model, shape
    raise TypeError(
        f"{name} is a {type(model).__name__}, which has no hidden units to interchange; allowed: a PyTorch module or a"
        " network of the project"
    )


@dataclass(frozen=True)
class Foreign(Classifier):
    """An object with ``predict``, whose answers are checked."""

    model: Any

    def __post_init__(self) -> None:
        if callable(getattr(self.model, "scores", None)):
            object.__setattr__(self, "scores", self._scores)

    def predict(self, patterns: Shaped[np.ndarray, "B N"]) -> Labels:
        # A copy, since the object may change what it is given.
        return _checked(self.model.predict(patterns.copy()), len(patterns), type(self.model).__name__)

    def _scores(self, patterns: Shaped[np.ndarray, "B N"]) -> Float[np.ndarray, "B C"]:
        name, found = type(self.model).__name__, np.asarray(self.model.scores(patterns.copy()))
        if found.ndim != 2 or len(found) != len(patterns) or found.dtype.kind not in "biuf":
            raise ValueError(
                f"scores of a {name} gives {found.dtype} of shape {found.shape} for {len(patterns)} patterns; allowed:"
                f" numbers of shape ({len(patterns)}, classes)"
            )
        if np.isnan(found).any():
            raise ValueError(f"scores of a {name} gives NaN; allowed: numbers")
        return found.astype(np.float64)


def _checked(labels: Any, count: int, name: str) -> Int[np.ndarray, " B"]:
    if hasattr(labels, "detach"):  # a tensor, wherever it lies
        labels = labels.detach().cpu()
    labels = np.asarray(labels)
    if labels.shape != (count,):
        raise ValueError(f"predict of a {name} gives shape {labels.shape} for {count} patterns; allowed: ({count},)")
    whole = labels.astype(np.int64) if labels.dtype.kind in "biuf" else None
    if whole is None or (whole != labels).any() or (whole < NO_ANSWER).any():
        raise ValueError(f"predict of a {name} gives labels such as {labels[0]!r}; allowed: integers from 0, or -1")
    return whole

"""What classifiers made of a PyTorch module share: logits in batches, and one safetensors file with a description."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch
from jaxtyping import Float, Shaped
from torch import nn

from weightspace.classifier import Classifier, Formula, Labels, ToTensor
from weightspace.model_files import read_model, write_model
from weightspace.networks.weight_layers import Layer, Layers, check_order, layer_names, layers_of

_BATCH = 2000


@dataclass
class TorchClassifier(Classifier):
    """A trained ``module``, inputs (B, N) to logits (B, C), and the ``description`` that its file holds.

    Subclasses that have files name their ``KIND``, and give ``untrained``.
    """

    KIND: ClassVar[str]
    module: nn.Module
    description: dict[str, Any] = field(default_factory=dict)

    always_answers = True  # a largest logit there always is
    continuous_scores = True

    def __post_init__(self) -> None:
        self.module.eval()

    @torch.no_grad()
    def logits(self, images: Shaped[np.ndarray, "..."]) -> Float[np.ndarray, "B C"]:
        """Outputs of the module, float32, of images (B, N) in -1 ... 1.

        Raises:
            ValueError: the module cannot take the images, or gives NaN.
        """
        images = np.asarray(images, dtype=np.float32)
        if images.ndim != 2 or 0 in images.shape:
            raise ValueError(
                f"images have the shape {images.shape}; allowed: (number, pixels), one image as image[None]"
            )
        try:
            found = torch.cat([self.module(batch) for batch in torch.as_tensor(images).split(_BATCH)]).numpy()
        except (RuntimeError, IndexError) as error:
            reason = " ".join(str(error).split())
            raise ValueError(f"a network cannot take images of {images.shape[1]} pixels: {reason}") from error
        bad = int(np.isnan(found).any(axis=-1).sum())
        if bad:
            raise ValueError(f"a network gives NaN for {bad} of {len(images)} images; allowed: logits, numbers")
        return found

    def scores(self, patterns: Shaped[np.ndarray, "B N"]) -> Float[np.ndarray, "B C"]:
        return self.logits(patterns)

    def predict(self, patterns: Shaped[np.ndarray, "B N"]) -> Labels:
        """Index of the largest logit, the first of equals."""
        return self.logits(patterns).argmax(axis=1)

    def differentiable(self, tensor: ToTensor) -> Formula:
        return self.module

    def state_dict(self) -> dict[str, Any]:
        """The module's tensors by name."""
        return self.module.state_dict()

    def layers(self) -> list[Layer]:
        """The module's weights and biases.

        Raises:
            ValueError: it is no feed-forward network, or the order of its layers' names is another than theirs.
        """
        tensors = arrays_of(self.module.state_dict())
        check_order(tensors)
        return layers_of(tensors)

    @torch.no_grad()
    def logits_with(self, layers: Layers, images: Float[np.ndarray, "B N"]) -> Float[np.ndarray, "B C"]:
        """Outputs of the module with these ``layers`` as its weights, in their precision."""
        names = [f"{name}.{part}" for name in layer_names(self.module.state_dict()) for part in ("weight", "bias")]
        parts = (torch.as_tensor(part) for layer in layers for part in layer)
        return torch.func.functional_call(
            self.module, dict(zip(names, parts, strict=True)), (torch.as_tensor(images),)
        ).numpy()

    def save(self, path: str | Path) -> None:
        """Write the module's tensors and the description."""
        write_model(path, arrays_of(self.state_dict()), {"kind": self.KIND, **self.description})

    @staticmethod
    def untrained(description: dict[str, Any]) -> nn.Module:
        """The module of a description, before its tensors are set."""
        raise NotImplementedError

    @classmethod
    def load(cls, path: str | Path) -> "TorchClassifier":
        """Read what `save` wrote."""
        tensors, description = read_model(path)
        module = cls.untrained(description)
        module.load_state_dict({name: torch.as_tensor(array) for name, array in tensors.items()})
        return cls(module, description)


def arrays_of(tensors: Mapping[str, torch.Tensor]) -> dict[str, np.ndarray]:
    """Tensors as arrays; half precision as float32, which holds it exactly, since numpy does not know all its forms."""
    halves = (torch.float16, torch.bfloat16)
    found = {name: tensor.detach().cpu() for name, tensor in tensors.items()}
    return {name: (tensor.float() if tensor.dtype in halves else tensor).numpy() for name, tensor in found.items()}


class OfImages(nn.Module):
    """A module that takes images of its own ``shape``, seen as one that takes rows of N pixels, wherever it lies.

    Where no shape is given, the first rows that are met decide: rows as they are, or else square images with or without
    a channel.
    """

    def __init__(self, module: nn.Module, shape: Sequence[int] | None = None) -> None:
        super().__init__()
        self.module, self.shape = module, shape

    def forward(self, rows: Float[torch.Tensor, "B N"]) -> Float[torch.Tensor, "B C"]:
        if self.shape is None:
            self.shape = self._fitting_shape(rows[:2].detach())
        if math.prod(self.shape) != rows.shape[1]:
            raise ValueError(f"patterns have {rows.shape[1]} pixels; allowed: images of the shape {tuple(self.shape)}")
        return self._logits(rows, self.shape)

    def _logits(self, rows: torch.Tensor, shape: Sequence[int]) -> torch.Tensor:
        some = next(self.module.parameters(), rows)
        images = rows.to(some.device, some.dtype).reshape(-1, *shape)
        return self.module(images).to(rows.device, rows.dtype)

    @torch.no_grad()
    def _fitting_shape(self, rows: torch.Tensor) -> Sequence[int]:
        size = rows.shape[1]
        side = math.isqrt(size)
        shapes = [(size,), *([(1, side, side), (side, side)] if side * side == size else [])]
        found = []
        for shape in shapes:
            try:
                logits = self._logits(rows, shape)
            except (RuntimeError, ValueError, TypeError, IndexError, AttributeError) as error:
                found.append(" ".join(str(error).split())[:120])
                continue
            if logits.ndim == 2 and len(logits) == len(rows) and logits.shape[1] > 1:
                return shape
            found.append(f"its outputs are of shape {tuple(logits.shape)}")
        raise ValueError(
            f"a {type(self.module).__name__} gives no logits (B, C) for images of shape {', '.join(map(str, shapes))}:"
            f" {found[0]}; say the shape of one image as it takes it"
        )

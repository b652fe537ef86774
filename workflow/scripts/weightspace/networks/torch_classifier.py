"""What classifiers made of a PyTorch module share: logits in batches, and one safetensors file with a description."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch
from jaxtyping import Float, Shaped
from torch import nn

from weightspace.classifier import Classifier, Formula, Labels, ToTensor
from weightspace.model_files import read_model, write_model

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
    def logits(self, images: Shaped[np.ndarray, "B N"]) -> Float[np.ndarray, "B C"]:
        """Outputs of the module, float32, of images in -1 ... 1."""
        batches = torch.as_tensor(np.asarray(images, dtype=np.float32)).split(_BATCH)
        return torch.cat([self.module(batch) for batch in batches]).numpy()

    def scores(self, patterns: Shaped[np.ndarray, "B N"]) -> Float[np.ndarray, "B C"]:
        return self.logits(patterns)

    def predict(self, patterns: Shaped[np.ndarray, "B N"]) -> Labels:
        """Index of the largest logit, the first of equals."""
        return self.logits(patterns).argmax(axis=1)

    def differentiable(self, tensor: ToTensor) -> Formula:
        return self.module

    def save(self, path: str | Path) -> None:
        """Write the module's tensors and the description."""
        tensors = {name: tensor.detach().cpu().numpy() for name, tensor in self.module.state_dict().items()}
        write_model(path, tensors, {"kind": self.KIND, **self.description})

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

"""What classifiers made of a PyTorch module share: logits in batches, and one safetensors file with a description."""

from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
import torch
from torch import nn

from weightspace.model_files import read_model, write_model

_BATCH = 2000


@dataclass
class TorchClassifier:
    """A trained ``module``, inputs (B, N) to logits (B, C), and the ``description`` that its file holds; subclasses
    name their ``KIND``.
    """

    KIND: ClassVar[str]
    module: nn.Module
    description: dict = field(default_factory=dict)

    def __post_init__(self):
        self.module.eval()

    @torch.no_grad()
    def logits(self, images):
        """Outputs of the module, (B, C) float32, of images (B, N) in -1 ... 1."""
        batches = torch.as_tensor(np.asarray(images, dtype=np.float32)).split(_BATCH)
        return torch.cat([self.module(batch) for batch in batches]).numpy()

    def save(self, path):
        """Write the module's tensors and the description."""
        tensors = {name: tensor.detach().cpu().numpy() for name, tensor in self.module.state_dict().items()}
        write_model(path, tensors, {"kind": self.KIND, **self.description})

    @classmethod
    def load(cls, path):
        """Read what `save` wrote; the module is made anew by ``untrained``, which subclasses give, from the
        description.
        """
        tensors, description = read_model(path)
        module = cls.untrained(description)
        module.load_state_dict({name: torch.as_tensor(array) for name, array in tensors.items()})
        return cls(module, description)

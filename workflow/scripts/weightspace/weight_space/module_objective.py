"""Loss of a PyTorch module and its gradient as functions of all its weights in one vector, for many vectors at once."""

import copy
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Int64
from torch import nn

from weightspace.networks.training import LOSSES
from weightspace.weight_space.local_learning import Objective


def objective_of(
    module: nn.Module, images: Float[np.ndarray, "B ..."], labels: Int64[np.ndarray, " B"], *, loss: str
) -> tuple[Objective, Float[np.ndarray, " d"]]:
    """The mean loss, one of `training.LOSSES`, on these images, and the module's own weights; in double precision and
    without what a module does in training only. The module is left as it is.

    Raises:
        ValueError: the module cannot be run on these images, or a label has no output.
    """
    module = copy.deepcopy(module).cpu().double().eval()
    weights = {name: part.detach() for name, part in module.named_parameters()}
    sizes = [part.numel() for part in weights.values()]
    inputs, answers = torch.as_tensor(images), torch.as_tensor(labels)

    try:
        with torch.no_grad():
            classes = module(inputs[:1]).shape[-1]
    except (RuntimeError, ValueError, TypeError, IndexError, AttributeError) as error:
        reason = " ".join(str(error).split())[:200]
        raise ValueError(
            f"network is a {type(module).__name__} that cannot be run on images of shape {tuple(inputs.shape)} in"
            f" double precision: {reason}; allowed: images as it takes them"
        ) from error
    if labels.max() >= classes:
        raise ValueError(f"labels holds {labels.max()}; allowed: integers from 0 to {classes - 1}")

    def mean_loss(vector: Any) -> Any:
        parts = zip(weights.items(), vector.split(sizes), strict=True)
        named = {name: part.reshape(like.shape) for (name, like), part in parts}
        return LOSSES[loss](torch.func.functional_call(module, named, (inputs,)), answers)

    of_many = torch.func.vmap(torch.func.grad_and_value(mean_loss))

    def objective(vectors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        slopes, losses = of_many(torch.as_tensor(vectors))
        return losses.numpy(), slopes.numpy()

    return objective, torch.cat([part.flatten() for part in weights.values()]).numpy()

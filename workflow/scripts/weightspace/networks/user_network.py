"""A network of the user's own: a function or class of a Python file that gives a PyTorch module; docs/extending.md
shows one.
"""

import math
from collections.abc import Mapping
from typing import Any

import torch
from torch import nn

from weightspace.user_code import UserCodeError, load_function

_PROBES = 2  # images of the trial that shows what the network gives


def user_network(definition: Mapping[str, Any], *, shape: tuple[int, int], classes: int) -> nn.Module:
    """The module that ``definition["function"]`` of the file ``definition["file"]`` makes of the numbers of pixels and
    of classes.

    Raises:
        UserCodeError: the file cannot be used (`user_code.load_function`), what it gives is no module, or that takes
            other images or gives other outputs than (B, inputs) to (B, classes).
    """
    inputs = math.prod(shape)
    module = load_function(definition)(inputs, classes)
    name = f"{definition['file']}: {definition['function']}"
    if not isinstance(module, nn.Module):
        raise UserCodeError(f"{name} gives a {type(module).__name__}; allowed: a torch.nn.Module")
    output = _output(module.eval(), inputs, name)
    if tuple(output.shape) != (_PROBES, classes):
        raise UserCodeError(
            f"{name} gives outputs of shape {tuple(output.shape)} for images of shape {(_PROBES, inputs)}; allowed:"
            f" {(_PROBES, classes)}, a logit for each class"
        )
    if not output.is_floating_point() or not torch.isfinite(output).all():
        raise UserCodeError(
            f"{name} gives outputs of {output.dtype} such as {output[0, 0].item()}, before any training; allowed:"
            " finite logits, floating-point numbers"
        )
    return module


@torch.no_grad()
def _output(module, inputs, name):
    images = torch.ones(_PROBES, inputs)  # no two of them are the same, nor any of one value alone
    images[0, ::2], images[1, ::3] = -1, -1
    try:
        output = module(images)
    except (RuntimeError, ValueError, TypeError, IndexError, AttributeError) as error:
        reason = " ".join(str(error).split())
        raise UserCodeError(f"{name} cannot take images of shape {(_PROBES, inputs)}: {reason}") from error
    if not isinstance(output, torch.Tensor):
        raise UserCodeError(f"{name} gives a {type(output).__name__} for images; allowed: a tensor of logits")
    return output

"""Weights that were learnt elsewhere: a file of tensors, checked against the network that is to have them."""

import pickle
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import nn

from weightspace.files import FileError

# Under which training scripts often keep the state dict beside other things.
_WRAPPED = ("state_dict", "model_state_dict")


def set_weights(module: nn.Module, path: str | Path) -> None:
    """Give a module the tensors of a file, safetensors or a PyTorch state dict.

    Raises:
        FileError: the file is missing or holds no tensors by name, or a tensor is missing, not expected, of another
            shape, or holds what is no number.
    """
    given, wanted = _read(path), module.state_dict()
    known = f"allowed: {', '.join(f'{name} {tuple(tensor.shape)}' for name, tensor in wanted.items())}"
    known = known if len(known) < 300 else f"{known[:300]} ..."
    for name in wanted:
        if name not in given:
            raise FileError(f"{path} lacks the tensor {name!r} of the network; {known}")
    for name, tensor in given.items():
        if name not in wanted:
            raise FileError(f"{path} holds the tensor {name!r}, which the network does not have; {known}")
        if tensor.shape != wanted[name].shape:
            raise FileError(
                f"{path}: the tensor {name!r} has the shape {tuple(tensor.shape)}; allowed: {tuple(wanted[name].shape)}"
            )
        if not torch.isfinite(tensor).all():
            raise FileError(f"{path}: the tensor {name!r} holds numbers that are infinite or none (NaN)")
    module.load_state_dict(given)


def _read(path: str | Path) -> dict[str, torch.Tensor]:
    allowed = "allowed: safetensors, or a PyTorch state dict, tensors by name without other objects"
    try:
        if Path(path).suffix == ".safetensors":
            return load_file(path)
        found = torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError:
        raise FileError(f"{path} does not exist") from None
    except pickle.UnpicklingError as error:
        raise FileError(f"{path} cannot be read: it holds other things than tensors; {allowed}") from error
    except (SafetensorError, RuntimeError, OSError, ValueError, EOFError, KeyError) as error:
        reason = "".join(filter(str.isprintable, " ".join(str(error).split())))[:200]
        raise FileError(f"{path} cannot be read: {reason}; {allowed}") from error
    for key in _WRAPPED:
        if isinstance(found, dict) and isinstance(found.get(key), dict):
            found = found[key]
    if not isinstance(found, dict) or not all(isinstance(value, torch.Tensor) for value in found.values()):
        raise FileError(f"{path} holds a {type(found).__name__} that is no state dict; {allowed}")
    return found

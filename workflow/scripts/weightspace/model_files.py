"""Model files: tensors in safetensors, and in the header one key that holds the sorted JSON of definition, dataset and
seed.

One key only, because several would be written in random order and the bytes would differ from run to run. The JSON also
holds a digest of the tensors, since the format itself would not notice a flipped bit.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from weightspace.files import FileError, replacing

_KEY = "weightspace"
_DIGEST = "sha256_of_tensors"


def write_model(path: str | Path, tensors: dict[str, np.ndarray], description: Mapping[str, Any]) -> None:
    """Write tensors by name and a JSON-serialisable ``description``."""
    # safetensors writes an array as it lies in memory, whatever its strides.
    tensors = {name: np.asarray(tensor, order="C") for name, tensor in tensors.items()}
    with replacing(path) as temporary:
        save_file(
            tensors, temporary, metadata={_KEY: json.dumps({**description, _DIGEST: _digest(tensors)}, sort_keys=True)}
        )


def read_model(path: str | Path) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Return ``(tensors, description)``.

    Raises:
        FileError: missing, damaged, or not written by `write_model`.
    """
    with _opened(path) as file:
        description = _description(path, file)
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 -- it is no mapping
    if description.pop(_DIGEST, None) != _digest(tensors):
        raise FileError(f"{path} is damaged: its tensors are not those that were written; delete it and run again")
    return tensors, description


def model_and_seed(path: str | Path) -> tuple[str, int]:
    """Name and seed of a model by its file, ``models/NAME/seedN.safetensors``."""
    path = Path(path)
    return path.parent.name, int(path.stem.removeprefix("seed"))


def paths_by_seed(paths: Iterable[str | Path]) -> dict[int, dict[str, str]]:
    """Files of models by seed and name."""
    found: dict[int, dict[str, str]] = {}
    for path in paths:
        name, seed = model_and_seed(path)
        found.setdefault(seed, {})[name] = str(path)
    return found


def read_description(path: str | Path) -> dict[str, Any]:
    """Only the description of a model file, from its header; errors as of `read_model`, but for damaged tensors, which
    are not read.
    """
    with _opened(path) as file:
        description = _description(path, file)
    description.pop(_DIGEST, None)
    return description


@contextmanager
def _opened(path):
    try:
        with safe_open(path, framework="np") as file:
            yield file
    except FileNotFoundError:
        raise FileError(f"{path} does not exist") from None
    except FileError:
        raise
    except (SafetensorError, OSError, ValueError) as error:
        raise FileError(f"{path} is damaged or not a safetensors file ({error}); delete it and run again") from error


def _description(path, file):
    metadata = file.metadata() or {}
    if _KEY not in metadata:
        raise FileError(f"{path} has no {_KEY!r} entry in its header, so it is not a model of this workflow")
    return json.loads(metadata[_KEY])


def _digest(tensors):
    digest = hashlib.sha256()
    for name, tensor in sorted(tensors.items()):
        digest.update(f"{name} {tensor.dtype} {tensor.shape} ".encode() + np.ascontiguousarray(tensor).tobytes())
    return digest.hexdigest()

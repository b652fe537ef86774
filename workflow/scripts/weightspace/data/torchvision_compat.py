"""The only module that imports torchvision, which fails to import beside a PyTorch that its compiled part does not fit.

``pip install torch torchvision`` may give a CPU build of the one and a CUDA build of the other. torchvision's operators
are then not loaded, and its import ends with "operator torchvision::nms does not exist". Nothing here uses these
operators, so bare definitions of the two that the import asks for are enough.
"""

import logging
import sys
from types import ModuleType
from typing import Any

_OPERATORS = ("nms", "qnms")
_SCHEMA = "{}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"
_log = logging.getLogger(__name__)
# The definitions live as long as this object.
_library: Any = None


def import_torchvision() -> ModuleType:
    """Import torchvision and return it, defining its missing operators only where it does not import without.

    Raises:
        ImportError, RuntimeError: torchvision is missing, or does not fit PyTorch in another way.
    """
    try:
        import torchvision
    except RuntimeError as error:
        if "operator torchvision::" not in str(error) or _library is not None:
            raise
        _log.info("torchvision does not fit this PyTorch (%s); defining the missing operators", error)
        _define_operators()
        import torchvision
    return torchvision


def _define_operators():
    global _library
    import torch

    # What the failed import left behind would be found instead of imported anew.
    for name in [name for name in sys.modules if name.partition(".")[0] == "torchvision"]:
        del sys.modules[name]
    _library = torch.library.Library("torchvision", "DEF")
    for operator in _OPERATORS:
        _library.define(_SCHEMA.format(operator))


def archive_urls(class_name: str) -> tuple[list[str], list[tuple[str, str]]]:
    """The mirrors of a torchvision dataset class, and the names of its archives with their MD5.

    Returns:
        ``(mirrors, archives)``: base addresses ending in a slash, and pairs ``(file name, MD5)``.
    """
    dataset_class = getattr(import_torchvision().datasets, class_name)
    return list(dataset_class.mirrors), list(dataset_class.resources)

"""Files of adversarial images, written by the attack and re-read by scoring, which trusts nothing in them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float64, Int64, UInt8

from weightspace.data import WHITE
from weightspace.files import ArrayFile, FileError

SPLITS = ("test", "train")
# Size of changes (M, N) in grey levels, per image, in the unit of the budget.
SIZES = {
    "linf": lambda change: np.abs(change).max(axis=1) / WHITE,
    "l2": lambda change: np.sqrt(np.square(change.astype(np.int64)).sum(axis=1)) / WHITE,
    "l0": lambda change: np.count_nonzero(change, axis=1),
}
# What an image may hold, by domain.
DOMAINS = {"grey": "8-bit grey levels", "binary": "the levels 0 and 255 only"}


def origin(path: str | Path) -> tuple[str, str]:
    """Attack and source of a file that is named after them, ``{attack}/{source}/seed{seed}.npz``."""
    return Path(path).parts[-3], Path(path).parts[-2]


@dataclass(frozen=True)
class AdversarialImages(ArrayFile):
    """M images attacked at K budgets.

    ``split``: 0 test, 1 train; ``index``: position in that split; ``budget``: the largest change of a pixel as a share
    of full scale (``norm`` linf), the length of the change in full scales (l2), or the number of changed pixels (l0).
    ``domain``: grey, or binary, where every pixel is 0 or 255.
    """

    split: UInt8[np.ndarray, "M"]
    index: Int64[np.ndarray, "M"]
    label: Int64[np.ndarray, "M"]
    clean: UInt8[np.ndarray, "M N"]
    adversarial: UInt8[np.ndarray, "K M N"]
    budget: Float64[np.ndarray, "K"]
    domain: str = "grey"
    norm: str = "linf"

    @classmethod
    def read(cls, path: str | Path) -> "AdversarialImages":
        """Read and check shapes, types, domain and norm of every image.

        Raises:
            FileError: naming the file and the first image that leaves its domain or breaks its budget.
        """
        found: dict[str, Any] = cls.read_arrays(path)
        found |= {name: str(found[name]) for name in ("domain", "norm")}
        _check_form(path, **found)
        images = cls(**found)
        images._check_changes(path)
        return images

    def at(self, budget: float) -> UInt8[np.ndarray, "M N"]:
        """The images that were attacked at one of the budgets."""
        return self.adversarial[int(np.flatnonzero(np.isclose(self.budget, budget))[0])]

    def _check_changes(self, path: str | Path) -> None:
        for attacked, budget in zip(self.adversarial, self.budget, strict=True):
            if self.domain == "binary":
                self._check_binary(path, attacked)
            size = SIZES[self.norm](attacked.astype(np.int16) - self.clean)
            worst = int(size.argmax())
            if size[worst] > budget + 1e-9:
                raise FileError(
                    f"{path}: image {self.index[worst]} was changed by {size[worst]:.4f}, more than its budget of"
                    f" {budget}"
                )

    def _check_binary(self, path: str | Path, attacked: UInt8[np.ndarray, "M N"]) -> None:
        for images in (self.clean, attacked):
            outside = np.flatnonzero(((images != 0) & (images != WHITE)).any(axis=1))
            if len(outside):
                raise FileError(
                    f"{path}: image {self.index[outside[0]]} holds other grey levels than 0 and 255; expected"
                    f" {DOMAINS['binary']}"
                )


def _check_form(path, *, domain, norm, clean, adversarial, budget, **by_image):
    if domain not in DOMAINS or norm not in SIZES:
        raise FileError(
            f"{path} holds images of domain {domain!r} and norm {norm!r}; known: {', '.join(DOMAINS)};"
            f" {', '.join(SIZES)}"
        )
    if clean.dtype != np.uint8 or adversarial.dtype != np.uint8:
        raise FileError(f"{path} holds images of type {adversarial.dtype}; expected {DOMAINS['grey']}")
    alike = all(array.shape == clean.shape[:1] for array in by_image.values())
    if clean.ndim != 2 or adversarial.shape != (len(budget), *clean.shape) or not alike:
        raise FileError(
            f"{path} holds {adversarial.shape} adversarial for {clean.shape} clean images and {len(budget)} budgets"
        )

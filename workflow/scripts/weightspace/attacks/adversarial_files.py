"""Files of adversarial images, written by the attack and re-read by scoring, which trusts nothing in them."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from weightspace.files import ArrayFile, FileError

SPLITS = ("test", "train")
WHITE = 255
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

    ``split`` (M,) 0 test, 1 train; ``index`` (M,) position in that split; ``label`` (M,); ``clean`` (M, N) uint8;
    ``adversarial`` (K, M, N) uint8; ``budget`` (K,): the largest change of a pixel as a share of full scale (``norm``
    linf), the length of the change in full scales (l2), or the number of changed pixels (l0). ``domain``: grey, or
    binary, where every pixel is 0 or 255.
    """

    split: np.ndarray
    index: np.ndarray
    label: np.ndarray
    clean: np.ndarray
    adversarial: np.ndarray
    budget: np.ndarray
    domain: str = "grey"
    norm: str = "linf"

    @classmethod
    def read(cls, path):
        """Read and check shapes, types, domain and norm of every image.

        Raises:
            FileError: naming the file and the first image that leaves its domain or breaks its budget.
        """
        arrays = cls.read_arrays(path)
        images = cls(**arrays | {name: str(arrays[name]) for name in ("domain", "norm")})
        images._check(path)
        return images

    def at(self, budget):
        """The images (M, N) that were attacked at one of the budgets."""
        return self.adversarial[int(np.flatnonzero(np.isclose(self.budget, budget))[0])]

    def _check(self, path):
        if self.domain not in DOMAINS or self.norm not in SIZES:
            raise FileError(
                f"{path} holds images of domain {self.domain!r} and norm {self.norm!r}; known: {', '.join(DOMAINS)};"
                f" {', '.join(SIZES)}"
            )
        if self.clean.dtype != np.uint8 or self.adversarial.dtype != np.uint8:
            raise FileError(f"{path} holds images of type {self.adversarial.dtype}; expected {DOMAINS['grey']}")
        if self.adversarial.shape != (len(self.budget), *self.clean.shape) or len(self.clean) != len(self.label):
            raise FileError(
                f"{path} holds {self.adversarial.shape} adversarial for {self.clean.shape} clean images and"
                f" {len(self.budget)} budgets"
            )
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

    def _check_binary(self, path, attacked):
        for images in (self.clean, attacked):
            outside = np.flatnonzero(((images != 0) & (images != WHITE)).any(axis=1))
            if len(outside):
                raise FileError(
                    f"{path}: image {self.index[outside[0]]} holds other grey levels than 0 and 255; expected"
                    f" {DOMAINS['binary']}"
                )

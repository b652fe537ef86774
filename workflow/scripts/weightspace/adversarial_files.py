"""Files of adversarial images, written by the attack and re-read by scoring, which trusts nothing in them."""

from dataclasses import dataclass

import numpy as np

from weightspace.files import FileError, read_npz, write_npz

SPLITS = ("test", "train")


@dataclass(frozen=True)
class AdversarialImages:
    """M images attacked at K budgets, in the grey domain.

    ``split`` (M,) 0 test, 1 train; ``index`` (M,) position in that split; ``label`` (M,); ``clean`` (M, N) uint8;
    ``adversarial`` (K, M, N) uint8; ``budget`` (K,) largest change of a pixel as a share of full scale.
    """

    split: np.ndarray
    index: np.ndarray
    label: np.ndarray
    clean: np.ndarray
    adversarial: np.ndarray
    budget: np.ndarray

    def write(self, path):
        write_npz(path, **vars(self))

    @classmethod
    def read(cls, path):
        """Read and check shapes, types and norm of every image.

        Raises:
            FileError: naming the file and the first image that breaks its budget.
        """
        arrays = read_npz(path, names=cls.__dataclass_fields__)
        images = cls(**{name: arrays[name] for name in cls.__dataclass_fields__})
        images._check(path)
        return images

    def _check(self, path):
        # 8-bit levels cannot leave [0, 255], so type and norm are all there is to check.
        if self.clean.dtype != np.uint8 or self.adversarial.dtype != np.uint8:
            raise FileError(f"{path} holds images of type {self.adversarial.dtype}; expected 8-bit grey levels")
        if self.adversarial.shape != (len(self.budget), *self.clean.shape) or len(self.clean) != len(self.label):
            raise FileError(f"{path} holds {self.adversarial.shape} adversarial for {self.clean.shape} clean images and {len(self.budget)} budgets")
        for attacked, budget in zip(self.adversarial, self.budget, strict=True):
            change = np.abs(attacked.astype(np.int16) - self.clean).max(axis=1)
            worst = int(change.argmax())
            if change[worst] > budget * 255 + 1e-9:
                raise FileError(f"{path}: image {self.index[worst]} was changed by {change[worst] / 255:.4f}, more than its budget of {budget}")

"""Files of attacked binary patterns, bit-packed: written by the attacks and re-read by scoring, which trusts nothing in
them.
"""

from dataclasses import dataclass

import numpy as np

from weightspace.attacks.flips import NOT_ATTACKED
from weightspace.data.patterns import pack, unpack
from weightspace.files import ArrayFile, FileError


@dataclass(frozen=True)
class FlippedPatterns(ArrayFile):
    """What A attacks made of M test patterns of S seeds, for one model.

    ``index`` (S, M) are the patterns' positions among the test images; ``attacks`` (A,) names; ``flips`` (A, S, M)
    int16 as in `flips.Flipped`,
    -2 for images that an attack did not take; ``found`` (A, S, M, ⌈N/8⌉) the patterns of fewest flips, the clean ones
        where there are none. ``fixed`` (K, S, F, ⌈N/8⌉) are patterns of the first F images at ``budgets`` (K,), at most
        so many bits flipped and no stop at a success.
    """

    index: np.ndarray
    attacks: np.ndarray
    flips: np.ndarray
    found: np.ndarray
    budgets: np.ndarray
    fixed: np.ndarray

    @classmethod
    def read(cls, path, data):
        """Read, and check every pattern against the clean ones of ``data`` (`patterns.Patterns`): ±1, and the number of
        flipped bits.

        Raises:
            FileError: naming the file and the first pattern that is not what it should be.
        """
        patterns = cls(**cls.read_arrays(path))
        patterns._check_shapes(path, data)
        patterns._check_flips(path, data)
        return patterns

    def of_seed(self, seed, data):
        """Clean patterns (M, N), labels (M,), found (A, M, N) and fixed (K, F, N) of one seed, int8 of ±1."""
        clean, labels = data.test(self.index[seed]), data.test_labels[self.index[seed]]
        found, fixed = (_unpack(part[:, seed], data.size) for part in (self.found, self.fixed))
        return clean, labels, found, fixed

    def _check_shapes(self, path, data):
        (seeds, images), width = self.index.shape, -(-data.size // 8)
        shapes = {"flips": (len(self.attacks), seeds, images), "found": (len(self.attacks), seeds, images, width)}
        shapes["fixed"] = (len(self.budgets), seeds, self.fixed.shape[2] if self.fixed.ndim == 4 else -1, width)
        for name, shape in shapes.items():
            array = getattr(self, name)
            if array.shape != shape or (name != "flips" and array.dtype != np.uint8):
                raise FileError(
                    f"{path}: {name!r} is {array.dtype} of shape {array.shape}, expected shape {shape}, patterns as"
                    " packed bits (uint8)"
                )
        if self.index.min(initial=0) < 0 or self.index.max(initial=0) >= len(data.test_labels):
            raise FileError(
                f"{path}: index {self.index.max()} is no position among {len(data.test_labels)} test images"
            )

    def _check_flips(self, path, data):
        for seed, index in enumerate(self.index):
            clean = data.packed_test[index]
            for attack, flips, found in zip(self.attacks, self.flips[:, seed], self.found[:, seed], strict=True):
                changed = _distance(found, clean)
                wrong = np.flatnonzero(changed != np.maximum(flips, 0))
                if len(wrong):
                    first = wrong[0]
                    raise FileError(
                        f"{path}: {attack} changed test image {index[first]} in {changed[first]} bits, where it says"
                        f" {max(flips[first], 0)}"
                    )
            for budget, fixed in zip(self.budgets, self.fixed[:, seed], strict=True):
                changed = _distance(fixed, clean[: len(fixed)])
                first = int(changed.argmax()) if len(changed) else 0
                if len(changed) and changed[first] > budget:
                    raise FileError(
                        f"{path}: test image {index[first]} was changed in {changed[first]} bits, more than its budget"
                        f" of {budget}"
                    )


def _unpack(packed, size):
    return unpack(packed.reshape(-1, packed.shape[-1]), size).reshape(*packed.shape[:-1], size)


def _distance(packed, others):
    """Hamming distances (M,) of packed rows; a padding bit that is set counts too, and so is found."""
    return np.bitwise_count(packed ^ others).sum(axis=1, dtype=np.int64)


def pack_patterns(patterns):
    """Patterns (..., N) of ±1 as packed bits (..., ⌈N/8⌉)."""
    return pack((patterns > 0).reshape(-1, patterns.shape[-1])).reshape(*patterns.shape[:-1], -1)


def collect(index, attacks, results, images, budgets):
    """`FlippedPatterns` of one model.

    Args:
        index: (S, M) positions among the test images.
        attacks: A names.
        results: for each seed, for each attack a `flips.Flipped` of its first images.
        images: for each seed the clean patterns (M, N).
        budgets: K numbers of flips.
    """
    shape = (len(attacks), *index.shape)
    flips = np.full(shape, NOT_ATTACKED, dtype=np.int16)
    found = np.stack([pack_patterns(clean) for clean in images])[None].repeat(len(attacks), axis=0)
    fixed = np.empty((len(budgets), len(index), 0, found.shape[-1]), dtype=np.uint8)
    for seed, (clean, by_attack) in enumerate(zip(images, results, strict=True)):
        for place, one in enumerate(by_attack):
            count = len(one.flips)
            flips[place, seed, :count] = one.flips
            found[place, seed, :count] = pack_patterns(np.where(one.mask, -clean[:count], clean[:count]))
            if one.fixed is not None:
                if not fixed.shape[2]:
                    fixed = np.empty((len(budgets), len(index), count, found.shape[-1]), dtype=np.uint8)
                fixed[:, seed] = pack_patterns(np.where(one.fixed, -clean[:count], clean[:count]))
    return FlippedPatterns(index, np.array(attacks), flips, found, np.array(budgets), fixed)

"""Files of attacked binary patterns, bit-packed: written by the attacks and re-read by scoring, which trusts nothing in
them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Int, Int8, Int64, Shaped, UInt8

from weightspace.attacks.flips import NOT_ATTACKED, Flipped, flip, random_flips
from weightspace.data.patterns import Patterns, pack, unpack
from weightspace.draws import attacked_images, generator
from weightspace.files import ArrayFile, FileError


@dataclass(frozen=True)
class FlippedPatterns(ArrayFile):
    """What A attacks made of M test patterns of S seeds, for one model.

    ``index`` (S, M) are the patterns' positions among the test images; ``attacks`` (A,) names; ``flips`` (A, S, M)
    int16 as in `flips.Flipped`, -2 for images that an attack did not take; ``found`` (A, S, M, ⌈N/8⌉) the patterns of
    fewest flips, the clean ones where there are none. ``fixed`` (K, S, F, ⌈N/8⌉) are patterns of the first F images at
    ``budgets`` (K,), at most so many bits flipped and no stop at a success. The shapes are checked by `read`.
    """

    index: Shaped[np.ndarray, "S M"]
    attacks: Shaped[np.ndarray, " A"]
    flips: Shaped[np.ndarray, "..."]
    found: Shaped[np.ndarray, "..."]
    budgets: Shaped[np.ndarray, " K"]
    fixed: Shaped[np.ndarray, "..."]

    @classmethod
    def read(cls, path: str | Path, data: Patterns) -> "FlippedPatterns":
        """Read, and check every pattern against the clean ones of ``data``: ±1, and the number of flipped bits.

        Raises:
            FileError: naming the file and the first pattern that is not what it should be.
        """
        patterns = cls(**cls.read_arrays(path))
        patterns._check_shapes(path, data)
        patterns._check_flips(path, data)
        return patterns

    def of_seed(
        self, seed: int, data: Patterns
    ) -> tuple[Int8[np.ndarray, "M N"], Int[np.ndarray, " M"], Int8[np.ndarray, "A M N"], Int8[np.ndarray, "K F N"]]:
        """Clean patterns, labels, found and fixed patterns of one seed, all of ±1."""
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
                changed = packed_distances(found, clean)
                wrong = np.flatnonzero(changed != np.maximum(flips, 0))
                if len(wrong):
                    first = wrong[0]
                    raise FileError(
                        f"{path}: {attack} changed test image {index[first]} in {changed[first]} bits, where it says"
                        f" {max(flips[first], 0)}"
                    )
            for budget, fixed in zip(self.budgets, self.fixed[:, seed], strict=True):
                changed = packed_distances(fixed, clean[: len(fixed)])
                first = int(changed.argmax()) if len(changed) else 0
                if len(changed) and changed[first] > budget:
                    raise FileError(
                        f"{path}: test image {index[first]} was changed in {changed[first]} bits, more than its budget"
                        f" of {budget}"
                    )


def _unpack(packed: UInt8[np.ndarray, "*rest bytes"], size: int) -> Int8[np.ndarray, "*rest {size}"]:
    return unpack(packed.reshape(-1, packed.shape[-1]), size).reshape(*packed.shape[:-1], size)


def _pack(patterns: Int8[np.ndarray, "*rest N"]) -> UInt8[np.ndarray, "*rest bytes"]:
    return pack((patterns > 0).reshape(-1, patterns.shape[-1])).reshape(*patterns.shape[:-1], -1)


def packed_distances(
    packed: UInt8[np.ndarray, "M bytes"], others: UInt8[np.ndarray, "M bytes"]
) -> Int64[np.ndarray, " M"]:
    """Hamming distances of packed rows; a padding bit that is set counts too, and so is found."""
    return np.bitwise_count(packed ^ others).sum(axis=1, dtype=np.int64)


def collect(
    index: Int[np.ndarray, "S M"],
    attacks: Sequence[str],
    results: Sequence[Sequence[Flipped]],
    images: Sequence[Int8[np.ndarray, "M N"]],
    budgets: Sequence[int],
) -> FlippedPatterns:
    """`FlippedPatterns` of one model.

    Args:
        index: positions among the test images.
        attacks: A names.
        results: for each seed, for each attack what it did to its first images.
        images: for each seed the clean patterns.
        budgets: K numbers of flips.
    """
    flips = np.full((len(attacks), *index.shape), NOT_ATTACKED, dtype=np.int16)
    clean = np.stack([_pack(patterns) for patterns in images])
    found = clean[None].repeat(len(attacks), axis=0)
    # Of a seed without a right image no attack says what it made: its patterns stay the clean ones.
    first = max((one.fixed.shape[1] for of_seed in results for one in of_seed if one.fixed is not None), default=0)
    fixed = clean[None, :, :first].repeat(len(budgets), axis=0)
    for seed, (patterns, of_seed) in enumerate(zip(images, results, strict=True)):
        for place, one in enumerate(of_seed):
            count = len(one.flips)
            flips[place, seed, :count] = one.flips
            found[place, seed, :count] = _pack(flip(patterns[:count], one.mask))
            if one.fixed is not None:
                fixed[:, seed] = _pack(flip(patterns[:count], one.fixed))
    return FlippedPatterns(index, np.array(attacks), flips, found, np.array(budgets), fixed)


def flipped_at_random(data: Patterns, budgets: Sequence[int], *, seeds: int, images: int) -> FlippedPatterns:
    """Noise of equal size for all models: the first ``images`` of each seed with randomly flipped bits at every
    budget.
    """
    index = np.stack([attacked_images(len(data.test_labels), seed)[:images] for seed in range(seeds)])
    clean = [data.test(chosen) for chosen in index]
    masks = [
        random_flips(patterns, budgets, generator=generator(seed, "random flips"))
        for seed, patterns in enumerate(clean)
    ]
    fixed = np.stack([_pack(flip(patterns, mask)) for patterns, mask in zip(clean, masks, strict=True)], axis=1)
    # No attack sought them.
    nothing, found = np.empty((0, *index.shape), dtype=np.int16), np.empty((0, *fixed.shape[1:]), dtype=np.uint8)
    return FlippedPatterns(index, np.empty(0, dtype="U1"), nothing, found, np.array(budgets), fixed)

"""Common corruptions of grey images (after Hendrycks & Dietterich 2019, at levels that suit small images of digits),
and who errs on them: no adversary chooses them, and recall is meant to undo them (claim C15).

Each is a function of images (M, height, width) in [0, 1], a level and a generator.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Bool, Float64, UInt8
from scipy import ndimage

from weightspace.attacks.adversarial_files import WHITE
from weightspace.classifier import ANSWER, Classifier
from weightspace.data.patterns import binarise, signs
from weightspace.draws import generator
from weightspace.estimates import NUMBERS, difference_over_seeds, share_over_seeds
from weightspace.files import read_npz, write_npz

CLEAN = "clean"
# The way of answering that stands for a model, in the words of the table: what it sees.
SEEN = {"grey": "grey", "binarised": "binarised", "nearest": "binarised", ANSWER: "binarised"}

Images = Float64[np.ndarray, "M height width"]
Wrong = Bool[np.ndarray, "S M"]


# --- corruptions
# ---------------------------------------------------------------------------------------


def noise(images: Images, level: float, source: np.random.Generator) -> Images:
    """Gaussian noise; level: its standard deviation, a share of full scale."""
    return images + source.normal(0, level, images.shape)


def blur(images: Images, level: float, source: np.random.Generator) -> Images:
    """Gaussian blur; level: its standard deviation in pixels."""
    return ndimage.gaussian_filter(images, (0, level, level))


def occlusion(images: Images, level: float, source: np.random.Generator) -> Images:
    """A black square somewhere; level: its side in pixels."""
    found, side = images.copy(), int(level)
    sizes = np.maximum(np.array(images.shape[1:]) - side, 0) + 1
    for image, (row, column) in zip(found, source.integers(sizes, size=(len(images), 2)), strict=True):
        image[row : row + side, column : column + side] = 0
    return found


def contrast(images: Images, level: float, source: np.random.Generator) -> Images:
    """Differences from the image's mean made smaller; level: the share of them that is lost."""
    mean = images.mean(axis=(1, 2), keepdims=True)
    return mean + (1 - level) * (images - mean)


def shift(images: Images, level: float, source: np.random.Generator) -> Images:
    """The image moved by whole pixels, black behind it; level: pixels, in one of eight directions."""
    directions = np.array([(a, b) for a in (-1, 0, 1) for b in (-1, 0, 1) if a or b])
    chosen = directions[source.integers(len(directions), size=len(images))] * int(level)
    return np.stack([ndimage.shift(image, by, order=0) for image, by in zip(images, chosen, strict=True)])


KINDS = {"noise": noise, "blur": blur, "occlusion": occlusion, "contrast": contrast, "shift": shift}


def corrupted(
    grey: UInt8[np.ndarray, "M height width"], kind: str, level: float, *, seed: int
) -> UInt8[np.ndarray, "M N"]:
    """Images as rows of 8-bit grey levels, corrupted; the same for every model of a seed."""
    source = generator(seed, "corruption", kind, float(level))
    found = KINDS[kind](grey / WHITE, level, source)
    return np.rint(WHITE * found.clip(0, 1)).astype(np.uint8).reshape(len(grey), -1)


# --- measuring
# ---------------------------------------------------------------------------------------


def errors(
    classifier: Classifier,
    grey: UInt8[np.ndarray, "M height width"],
    labels: UInt8[np.ndarray, " M"],
    levels: Mapping[str, Sequence[float]],
    *,
    seed: int,
    threshold: float,
) -> dict[str, Bool[np.ndarray, "cells M"]]:
    """Where a model errs, by what it sees: clean images first, then those of every kind and level, in their order."""
    rows = [grey.reshape(len(grey), -1)]
    rows += [corrupted(grey, kind, level, seed=seed) for kind, some in levels.items() for level in some]
    found: dict[str, list[np.ndarray]] = {}
    for images in rows:
        answers = classifier.answers(images, signs(binarise(images, threshold=threshold)))
        for way in (way for way in answers if way in SEEN):
            found.setdefault(SEEN[way], []).append(answers[way] != labels)
    return {way: np.stack(wrong) for way, wrong in found.items()}


def write_errors(path: str | Path, seeds: Sequence[Mapping[str, Bool[np.ndarray, "cells M"]]]) -> None:
    """One model's `errors` of all seeds."""
    write_npz(path, **{way: np.stack([seed[way] for seed in seeds]) for way in seeds[0]})


# --- the table
# ---------------------------------------------------------------------------------------


def tabulate(
    paths: Iterable[str | Path], levels: Mapping[str, Sequence[float]], pairs: Iterable[Sequence[str]]
) -> pd.DataFrame:
    """The table `corruptions`: error by model, what it sees, kind and severity (1, 2, ...; 0 is clean), on all images;
    and of pairs (model, reference) the difference on images that both answer rightly when clean, both seeing the same.
    """
    wrong = {
        (Path(path).stem, sees): dict(zip(_cells(levels), np.moveaxis(found, 1, 0), strict=True))
        for path in paths
        for sees, found in read_npz(path).items()
    }
    rows = [
        {**_head(model, "", sees, cell), "images": "all", "quantity": "error", **vars(_share(found))}
        for (model, sees), cells in wrong.items()
        for cell, found in cells.items()
    ]
    for model, reference in pairs:
        for sees in ("grey", "binarised"):
            if (model, sees) in wrong and (reference, sees) in wrong:
                rows += _compared(model, reference, sees, wrong[model, sees], wrong[reference, sees])
    columns = ["model", "reference", "sees", "corruption", "severity", "level", "images", "quantity"]
    return pd.DataFrame(rows, columns=[*columns, *NUMBERS])


def _cells(levels: Mapping[str, Sequence[float]]) -> list[tuple[str, int, float]]:
    """(kind, severity, level) in the order of `errors`."""
    cells = [(kind, place, level) for kind, some in levels.items() for place, level in enumerate(some, start=1)]
    return [(CLEAN, 0, 0.0), *cells]


def _head(model: str, reference: str, sees: str, cell: tuple[str, int, float]) -> dict[str, Any]:
    names = dict(zip(("corruption", "severity", "level"), cell, strict=True))
    return {"model": model, "reference": reference, "sees": sees, **names}


def _share(wrong: Wrong) -> Any:
    return share_over_seeds(wrong.sum(axis=1), np.full(len(wrong), wrong.shape[1]))


def _compared(
    model: str,
    reference: str,
    sees: str,
    mine: Mapping[tuple[str, int, float], Wrong],
    other: Mapping[tuple[str, int, float], Wrong],
) -> Iterator[dict[str, Any]]:
    (clean,) = (cell for cell in mine if cell[0] == CLEAN)
    both = ~mine[clean] & ~other[clean]
    some = both.any(axis=1)
    n = both[some].sum(axis=1)
    for cell in mine if some.any() else ():
        if cell != clean:
            first, second = ((side[cell] & both)[some] for side in (mine, other))
            found = difference_over_seeds((first & ~second).sum(axis=1), (second & ~first).sum(axis=1), n)
            head = _head(model, reference, sees, cell)
            yield {**head, "images": "right_under_both", "quantity": "minus_reference", **vars(found)}

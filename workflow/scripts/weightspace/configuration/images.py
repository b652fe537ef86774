"""The dataset that the configuration names, and what its images allow: by their number, pixels and classes.

A number that the shipped files set and that makes sense for MNIST only is lowered to what other images allow, and that
is said; one that the user has set is refused.
"""

import copy
import math
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from weightspace.configuration.messages import ConfigError, among, did_you_mean, dotted, sentence, show
from weightspace.data import own_images
from weightspace.data.datasets import DATASETS

Keys = tuple[str | int, ...]


def check_dataset(dataset: Mapping[str, Any], base: str | Path) -> None:
    """The dataset is one that the project knows, or a file or folder that is there and holds what it should."""
    if dataset["file"] is not None:
        _check_own_data(dataset, base)
        return
    if dataset["name"] not in DATASETS:
        hint = did_you_mean(dataset["name"], DATASETS)
        raise ConfigError(
            sentence(("dataset", "name"), dataset["name"], f"{among(DATASETS)}, or any name beside dataset.file", hint)
        )
    if dataset["directory"] is None:
        return
    folder, names = Path(base) / dataset["directory"], DATASETS[dataset["name"]].names
    allowed = f"null, or a folder with {among(names)}, each plain or .gz"
    # os.path answers False where pathlib would raise: on names that are too long, or that hold a null character.
    if not os.path.isdir(folder):
        raise ConfigError(
            f"dataset.directory is {show(dataset['directory'])}, which is not an existing folder; allowed: {allowed}"
        )
    for name in names:
        if not any(os.path.isfile(folder / (name + ending)) for ending in ("", ".gz")):
            raise ConfigError(
                f"dataset.directory is {show(dataset['directory'])}, which lacks the file {name}; allowed: {allowed}"
            )


def _check_own_data(dataset: Mapping[str, Any], base: str | Path) -> None:
    if dataset["name"] in DATASETS or not re.fullmatch(r"[a-z][a-z0-9_]{0,59}", dataset["name"]):
        known = (
            "a name of its own beside dataset.file, at most 60 lower-case letters, digits and underscores, a letter"
            " first"
        )
        raise ConfigError(sentence(("dataset", "name"), dataset["name"], known))
    if dataset["directory"] is not None:
        raise ConfigError(sentence(("dataset", "directory"), dataset["directory"], "null beside dataset.file"))
    try:
        own_images.describe(Path(base) / dataset["file"])
        own_images.check_threshold(Path(base) / dataset["file"], dataset["threshold"])
    except own_images.OwnDataError as error:
        raise ConfigError(f"dataset.file: {' '.join(str(error).split())}") from error


@dataclass(frozen=True)
class Images:
    """What is known of the images before any job: their numbers, height and width (pixels), and classes."""

    name: str
    train: int
    test: int
    shape: tuple[int, int]
    classes: int

    @property
    def pixels(self) -> int:
        return math.prod(self.shape)


def known_images(dataset: Mapping[str, Any], base: str | Path) -> Images:
    """What is known of the dataset that has passed `check_dataset`."""
    name = dataset["name"]
    if dataset["file"] is None:
        known = DATASETS[name]
        return Images(name, known.train_size, known.test_size, known.shape, known.classes)
    own = own_images.describe(Path(base) / dataset["file"])
    return Images(name, own.train, own.test, own.shape, own.classes)


# --- what the images allow


@dataclass(frozen=True)
class Limit:
    """The ``most`` that the number, or each of the numbers, at ``path`` may be, and what that is."""

    path: Keys
    most: float
    meaning: str

    def __str__(self) -> str:
        return f"{self.most:.6g}, {self.meaning}"

    def at_most(self, number: float) -> float:
        """The largest number of the kind of ``number`` that is allowed."""
        return self.most if isinstance(number, float) else math.floor(self.most)


def limits(config: Mapping[str, Any], images: Images) -> Iterator[Limit]:
    """What the images allow. Each is taken of the configuration as the ones before have left it, since some numbers
    bound others.
    """
    yield from _limits_of_pixels(config, images)
    yield from _limits_of_classes(config, images)
    yield from _limits_of_numbers(config, images)


def _limits_of_pixels(config: Mapping[str, Any], images: Images) -> Iterator[Limit]:
    height, width = images.shape
    pixels = (images.pixels, f"the pixels of {images.name}, {height} x {width}")
    space = config["pattern_space"]
    for name, attack in config["attacks"].items():
        if attack["norm"] == "l2":
            yield Limit(("attacks", name, "budgets"), math.sqrt(images.pixels), "the length from black to white")
    yield Limit(("basins", "distances"), *pixels)
    yield Limit(("binary_attacks", "budgets"), *pixels)
    yield Limit(("binary_attacks", "search", "largest"), *pixels)
    for name, attack in config["binary_attacks"]["attacks"].items():
        for key in {"budgets", "lookahead"} & set(attack):
            yield Limit(("binary_attacks", "attacks", name, key), *pixels)
    # Beyond, no pattern is farther from all images than the radius.
    near = (max(1, images.pixels // 4), f"a quarter of the pixels of {images.name}, {height} x {width}")
    yield Limit(("weight_space", "cones", "radius"), *near)
    yield Limit(("pattern_space", "radius"), *pixels)
    for keys in (("shown_radii",), ("shown", "distances")):
        yield Limit(("pattern_space", *keys), space["radius"], "pattern_space.radius")
    for keys in (("shown", "far"), ("certified", "distance"), ("rare", "distances")):
        yield Limit(("pattern_space", *keys), *pixels)
    for name, digits in space["digits"].items():
        spare = min((side - blocks) // 2 for side, blocks in zip(images.shape, digits["shape"], strict=True))
        left = f"what leaves {digits['shape'][0]} x {digits['shape'][1]} pixels of {height} x {width}"
        yield Limit(("pattern_space", "digits", name, "crop"), max(spare, 0), left)


def _limits_of_classes(config: Mapping[str, Any], images: Images) -> Iterator[Limit]:
    last = (images.classes - 1, f"the last label of {images.name}")
    for name in config["pattern_space"]["digits"]:
        yield Limit(("pattern_space", "digits", name, "classes"), *last)
    yield Limit(("small_network", "patterns"), images.classes, f"the number of classes of {images.name}")


def _limits_of_numbers(config: Mapping[str, Any], images: Images) -> Iterator[Limit]:
    train = (images.train, f"the number of training images of {images.name}")
    test = (images.test, f"the number of test images of {images.name}")
    flips = config["binary_attacks"]
    for kind, key in (("memories", "patterns"), ("controls", "patterns"), ("networks", "images")):
        for name, definition in config[kind].items():
            if key in definition:
                yield Limit((kind, name, key), *train)
    for name, attack in config["attacks"].items():
        if "pool" in attack:
            yield Limit(("attacks", name, "pool"), *train)
    for name, model in flips["models"].items():
        if "patterns" in model:
            yield Limit(("binary_attacks", "models", name, "patterns"), *train)
    learnt: tuple[Keys, ...] = (
        ("capacity", "images"),
        ("gradient_descent_path", "images"),
        ("binary_attacks", "search", "pool"),
        ("adversarial", "loss_ascent", "images"),
        ("ordering", "images"),
        ("weight_space", "cones", "candidates"),
        ("weight_space", "cones", "patterns"),
        ("weight_space", "dimension", "patterns"),
        ("symmetry", "solutions", "patterns"),
    )
    for path in learnt:
        yield Limit(path, *train)
    yield from _limits_of_splits(config, images)
    tested: tuple[Keys, ...] = (
        ("adversarial", "test_images"),
        ("adversarial", "memory_images"),
        ("adversarial", "few", "images"),
        ("binary_attacks", "random_images"),
        ("binary_attacks", "search", "among"),
        ("corruptions", "images"),
        ("recall_dynamics", "images"),
        ("symmetry", "images"),
        ("symmetry", "patterns"),
        ("symmetry", "barriers", "images"),
        ("symmetry", "barriers", "small", "images"),
    )
    for path in tested:
        yield Limit(path, *test)
    among = (flips["search"]["among"], "binary_attacks.search.among, of which the attacked ones are chosen")
    yield Limit(("binary_attacks", "search", "images"), *among)
    yield Limit(("binary_attacks", "search", "others"), *among)
    compared = (
        flips["random_images"],
        "binary_attacks.random_images, with which every attack is compared",
    )
    for name, attack in flips["attacks"].items():
        yield Limit(("binary_attacks", "attacks", name, "images"), *compared)
        if "pool" in attack:
            yield Limit(("binary_attacks", "attacks", name, "pool"), *train)
    batches: dict[Keys, Keys] = {
        ("ordering", "batch_size"): ("ordering", "images"),
        ("weight_space", "cones", "batch_size"): ("weight_space", "cones", "patterns"),
        ("weight_space", "loss_levels", "training", "batch_size"): ("weight_space", "loss_levels", "patterns"),
    }
    for batch, whole in batches.items():
        yield Limit(batch, _at(config, whole), dotted(whole))


def _limits_of_splits(config: Mapping[str, Any], images: Images) -> Iterator[Limit]:
    """Training images that are learnt, and others that are held out beside them."""
    weights = config["weight_space"]
    splits: list[tuple[Keys, str, str]] = [
        (("memories", name), "images", "validation")
        for name, memory in config["memories"].items()
        if "validation" in memory
    ]
    splits += [(("weight_space", section), "patterns", "held_out") for section in ("volume", "loss_levels")]
    if any("digits" in model["tasks"] for model in weights["binary_weights"]["models"].values()):
        splits += [(("weight_space", "binary_weights"), "patterns", "held_out")]
    whole = f"the number of training images of {images.name}"
    for path, learnt, held_out in splits:
        # A third is left for what is held out, or less where that needs less.
        spared = min(_at(config, path)[held_out], images.train // 3)
        beside = f"what {dotted((*path, held_out))} leaves of {images.train}, {whole}"
        yield Limit((*path, learnt), images.train - spared, beside)
        taken = _at(config, path)[learnt]
        left = images.train - (max(taken) if isinstance(taken, list) else taken)
        yield Limit((*path, held_out), left, f"what {dotted((*path, learnt))} leaves of {images.train}, {whole}")


def _at(tree: Any, path: Keys) -> Any:
    for key in path:
        tree = tree[key]
    return tree


def _is_set(own: Any, path: Keys) -> bool:
    """Whether a configuration says something at ``path``."""
    for key in path:
        if not isinstance(own, Mapping) or key not in own:
            return False
        own = own[key]
    return True


def fit_to_images(config: Mapping[str, Any], own: Any, images: Images) -> tuple[dict[str, Any], list[str]]:
    """The configuration with those numbers lowered to what the images allow that the shipped files set, and a sentence
    on each.

    What is too large in ``own``, the part that the user has set, stays as it is, for `check_limits` to refuse.
    """
    fitted, said = copy.deepcopy(dict(config)), []
    for limit in limits(fitted, images):
        found = _at(fitted, limit.path)
        if _is_set(own, limit.path):
            continue
        numbers = found if isinstance(found, list) else [found]
        above = [number for number in numbers if number > limit.most]
        if not above:
            continue
        kept = [number for number in numbers if number <= limit.most] or [limit.at_most(above[0])]
        _at(fitted, limit.path[:-1])[limit.path[-1]] = kept if isinstance(found, list) else kept[0]
        changed = f"is {among(kept)} instead of {among(above)}"
        if len(kept) + len(above) == len(numbers):
            changed = f"is without {among(above)}"
        said.append(f"{dotted(limit.path)} {changed}: at most {limit}")
    return fitted, said


def check_limits(config: Mapping[str, Any], images: Images) -> None:
    """No number is larger than the images allow, and no image is shrunk to more pixels than it has."""
    for path, shape in _shrunken(config):
        for place, (blocks, side, what) in enumerate(zip(shape, images.shape, ("height", "width"), strict=True)):
            if blocks > side:
                allowed = f"at most {side}, the {what} (pixels) of {images.name}"
                raise ConfigError(sentence((*path, place), blocks, allowed))
    for limit in limits(config, images):
        found = _at(config, limit.path)
        for place, number in enumerate(found if isinstance(found, list) else [found]):
            if number > limit.most:
                path = (*limit.path, place) if isinstance(found, list) else limit.path
                raise ConfigError(sentence(path, number, f"at most {limit}"))


def _shrunken(config: Mapping[str, Any]) -> Iterator[tuple[Keys, Sequence[int]]]:
    """Shapes (height, width) to which images are shrunk, and their keys."""
    for name, digits in config["pattern_space"]["digits"].items():
        yield ("pattern_space", "digits", name, "shape"), digits["shape"]
    yield ("attractors", "digits"), config["attractors"]["digits"]
    yield ("weight_space", "matrices", "digits"), config["weight_space"]["matrices"]["digits"]

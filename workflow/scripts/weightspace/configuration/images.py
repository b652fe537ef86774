"""The dataset that the configuration names, and numbers of images that it must have."""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from weightspace.configuration.messages import ConfigError, among, did_you_mean, sentence, show
from weightspace.data import own_images
from weightspace.data.datasets import DATASETS


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
        own_images.shapes(Path(base) / dataset["file"])
    except own_images.OwnDataError as error:
        raise ConfigError(f"dataset.file: {' '.join(str(error).split())}") from error


def _sizes(dataset: Mapping[str, Any], base: str | Path) -> tuple[int, int]:
    """Numbers of training and of test images."""
    if dataset["file"] is None:
        return DATASETS[dataset["name"]].train_size, DATASETS[dataset["name"]].test_size
    shapes = own_images.shapes(Path(base) / dataset["file"])
    return shapes["train_images"][0], shapes["test_images"][0]


def check_numbers_of_images(config: Mapping[str, Any], base: str | Path) -> None:
    """No section wants more images than there are."""
    name = config["dataset"]["name"]
    train_size, test_size = _sizes(config["dataset"], base)
    train = (train_size, f"the number of training images of {name}")
    test = (test_size, f"the number of test images of {name}")
    limited: list[tuple[tuple[str | int, ...], tuple[int, str]]] = [
        (("memories", memory, "patterns"), train)
        for memory, definition in config["memories"].items()
        if "patterns" in definition
    ]
    limited += [
        (("attacks", attack, "pool"), train) for attack, definition in config["attacks"].items() if "pool" in definition
    ]
    limited += [(("controls", control, "patterns"), train) for control in config["controls"]]
    limited += [(("capacity", "images", index), train) for index in range(len(config["capacity"]["images"]))]
    limited += [
        (("gradient_descent_path", "images"), train),
        (("adversarial", "test_images"), test),
        (("adversarial", "memory_images"), test),
        (("binary_attacks", "random_images"), test),
        (("binary_attacks", "search", "among"), test),
        (("binary_attacks", "search", "pool"), train),
        (("adversarial", "loss_ascent", "images"), train),
        (("recall_dynamics", "images"), test),
        (("symmetry", "images"), test),
        (("symmetry", "patterns"), test),
        (("symmetry", "solutions", "patterns"), train),
        (("symmetry", "barriers", "images"), test),
        (("symmetry", "barriers", "small", "images"), test),
        (("ordering", "images"), train),
    ]
    for memory, definition in config["memories"].items():
        if "validation" in definition and definition["images"] + definition["validation"] > train_size:
            allowed = f"with memories.{memory}.images at most {train_size} together, {train[1]}"
            raise ConfigError(sentence(("memories", memory, "validation"), definition["validation"], allowed))
    for path, (limit, meaning) in limited:
        found: Any = config
        for key in path:
            found = found[key]
        if found > limit:
            raise ConfigError(sentence(path, found, f"at most {limit}, {meaning}"))

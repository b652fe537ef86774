"""Fixtures that several test files share: the real MNIST, obtained once and kept in ``tests/.cache``."""

from pathlib import Path

import pytest

from weightspace.binarise import write_patterns
from weightspace.datasets import DATASETS
from weightspace.download import obtain, read_folder
from weightspace.files import FileError
from weightspace.patterns import read_patterns

ROOT = Path(__file__).resolve().parents[1]
CACHE = ROOT / "tests" / ".cache"


@pytest.fixture(scope="session")
def mnist_raw():
    """Folder with the four real MNIST files: the workflow's own, else a cached download. Fails where MNIST cannot be had."""
    cached = CACHE / "mnist"
    for folder in (ROOT / "results" / "data" / "mnist" / "raw", cached):
        try:
            read_folder(DATASETS["mnist"], folder)
        except FileError:
            continue
        return folder
    obtain("mnist", None, cached)
    return cached


@pytest.fixture(scope="session")
def mnist_patterns(mnist_raw, tmp_path_factory):
    """`Patterns` of the real MNIST at threshold 0.5, binarised anew in each session so that they are never those of older code."""
    path = tmp_path_factory.mktemp("mnist") / "patterns.npz"
    write_patterns(mnist_raw, path, threshold=0.5)
    return read_patterns(path)

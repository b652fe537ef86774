"""Fixtures that several test files share: the real MNIST, obtained once and kept in ``tests/.cache``, and the small run.

`make test` gives the tests to several processes (pytest-xdist): those that share fixtures go to the same one.
"""

import fcntl
import shutil
from pathlib import Path

import pytest
from running import SMALL, small_checkout, snakemake

from weightspace.data.binarise import write_patterns
from weightspace.data.datasets import DATASETS
from weightspace.data.download import obtain, read_folder
from weightspace.data.patterns import read_patterns
from weightspace.files import FileError

ROOT = Path(__file__).resolve().parents[1]
CACHE = ROOT / "tests" / ".cache"


@pytest.hookimpl(tryfirst=True)  # pytest-xdist reads the groups in the same hook
def pytest_collection_modifyitems(items):
    """Group the tests of the small run, which is made once and comes first since it takes longest, and all others by file."""
    for item in items:
        item.add_marker(pytest.mark.xdist_group("run" if "finished" in item.fixturenames else item.path.name))
    items.sort(key=lambda item: "finished" not in item.fixturenames)


@pytest.fixture(scope="session")
def mnist_raw():
    """Folder with the four real MNIST files: the workflow's own, else a cached download. Fails where MNIST cannot be had."""
    cached = CACHE / "mnist"
    CACHE.mkdir(exist_ok=True)
    with (CACHE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # of processes that meet here, the first downloads
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


@pytest.fixture(scope="session")
def finished(tmp_path_factory, mnist_raw):
    """A checkout in which the small run has ended; a test that changes it undoes that."""
    folder = small_checkout(tmp_path_factory.mktemp("run"), mnist_raw)
    done = snakemake(folder, *SMALL)
    assert done.returncode == 0, done.stderr[-3000:]
    return folder


@pytest.fixture
def finished_copy(finished, tmp_path):
    """A copy of that checkout with its results, and a function that runs the workflow in it."""
    folder = tmp_path / "copy"
    shutil.copytree(finished, folder, symlinks=True)
    yield folder, lambda *arguments: snakemake(folder, *arguments)
    shutil.rmtree(folder)

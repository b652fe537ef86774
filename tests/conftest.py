"""Fixtures that several test files share: the real MNIST, obtained once and kept in ``tests/.cache``, and the small
run.

`make test` gives the tests to several processes (pytest-xdist): those that share fixtures go to the same one.
"""

import contextlib
import fcntl
import shutil
from pathlib import Path

import pytest
import running

from weightspace.data.datasets import DATASETS
from weightspace.data.download import obtain, read_folder
from weightspace.data.patterns import read_patterns, write_patterns
from weightspace.files import FileError

ROOT = Path(__file__).resolve().parents[1]
CACHE = ROOT / "tests" / ".cache"


def _order_and_group(item):
    """Tests that change what the small run left share one copy of it, in one process; those with a copy of their own
    can go to another.
    """
    if "finished" in item.fixturenames:
        return 0, "run"
    if "finished_copy" in item.fixturenames:
        return 2, "copies of the run"
    return 1, item.path.name


@pytest.hookimpl(tryfirst=True)  # pytest-xdist reads the groups in the same hook
def pytest_collection_modifyitems(items):
    """Group the tests of the small run, which takes longest and comes first, and all others by file; copies of the run
    come last.
    """
    for item in items:
        item.add_marker(pytest.mark.xdist_group(_order_and_group(item)[1]))
    items.sort(key=lambda item: _order_and_group(item)[0])


@contextlib.contextmanager
def _locked(path):
    """Of the processes that meet here, the others wait for the first one."""
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@pytest.fixture(scope="session")
def mnist_raw():
    """Folder with the four real MNIST files: the workflow's own, else a cached download. Fails where MNIST cannot be
    had.
    """
    cached = CACHE / "mnist"
    CACHE.mkdir(exist_ok=True)
    with _locked(CACHE / "lock"):
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
    """`Patterns` of the real MNIST at threshold 0.5, binarised anew in each session so that they are never those of
    older code.
    """
    path = tmp_path_factory.mktemp("mnist") / "patterns.npz"
    write_patterns(mnist_raw, path, threshold=0.5)
    return read_patterns(path)


@pytest.fixture(scope="session")
def small_run(tmp_path_factory, mnist_raw, worker_id):
    """A checkout in which the small run has ended, the same for all processes; no test changes it."""
    base = tmp_path_factory.getbasetemp() if worker_id == "master" else tmp_path_factory.getbasetemp().parent
    folder, ended = base / "small_run", base / "small_run.ended"
    with _locked(base / "small_run.lock"):
        if not ended.exists():
            folder.mkdir()  # fails where another process's run has failed
            running.small_run(folder, mnist_raw)
            ended.touch()
    return folder


@pytest.fixture(scope="session")
def finished(small_run, tmp_path_factory):
    """A checkout in which the small run has ended; a test that changes it undoes that."""
    return shutil.copytree(small_run, tmp_path_factory.mktemp("run") / "finished", symlinks=True)


@pytest.fixture
def finished_copy(small_run, tmp_path):
    """Such a checkout of the test's own, and a function that runs the workflow in it."""
    folder = shutil.copytree(small_run, tmp_path / "copy", symlinks=True)
    yield folder, lambda *arguments: running.snakemake(folder, *arguments)
    shutil.rmtree(folder)

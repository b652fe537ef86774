"""A small dataset of our own, registered by one entry."""

import gzip
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from raw_data import idx_bytes, sha256

from weightspace.data import RAW_NAMES
from weightspace.data.datasets import DATASETS, Dataset


@pytest.fixture
def tiny(monkeypatch, tmp_path):
    """A dataset of 6 + 3 images of 5 x 4 pixels in the registry: its description, contents, and a writer of folders."""
    draw = np.random.default_rng(0)
    arrays = [
        draw.integers(0, size, shape, np.uint8)
        for size, shape in ((255, (6, 5, 4)), (10, (6,)), (255, (3, 5, 4)), (10, (3,)))
    ]
    contents = dict(zip(RAW_NAMES, map(idx_bytes, arrays), strict=True))
    description = Dataset(
        title="Tiny", sha256=tuple(map(sha256, contents.values())), train_size=6, test_size=3, shape=(5, 4)
    )
    monkeypatch.setitem(DATASETS, "tiny", description)

    def register(**changes):
        monkeypatch.setitem(DATASETS, "tiny", replace(DATASETS["tiny"], **changes))

    def folder(name="given", *, suffix="", changed=None):
        path = tmp_path / name
        path.mkdir()
        for file, content in {**contents, **(changed or {})}.items():
            (path / f"{file}{suffix}").write_bytes(gzip.compress(content) if suffix else content)
        return path

    return SimpleNamespace(
        arrays=arrays, contents=contents, register=register, folder=folder, output=tmp_path / "output"
    )

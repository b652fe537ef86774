"""Whether two runs agree, file by file: folders of results, or the results.zip of a release.

The same configuration, versions and instruction set give the same bytes. Where bytes differ, tables and models are
asked how far they lie apart.
"""

import hashlib
import io
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

# What a run makes of equal bytes; the report tells times and versions, and so is none of them.
KINDS = ("tables", "figures", "paper", "models", "training", "adversarial", "scores")


class Run:
    """The files of a run by their paths below its folder, or within a zip file.

    Raises:
        FileNotFoundError: there is neither.
        zipfile.BadZipFile: a file that is no zip file.
    """

    def __init__(self, place: str | Path) -> None:
        self.place = Path(place)
        if self.place.is_dir():
            files = (path for kind in KINDS for path in (self.place / kind).rglob("*") if path.is_file())
            self._read: dict[str, Callable[[], bytes]] = {
                path.relative_to(self.place).as_posix(): path.read_bytes for path in sorted(files)
            }
        else:
            archive = zipfile.ZipFile(self.place)
            within = sorted(name for name in archive.namelist() if name.split("/")[0] in KINDS and name[-1] != "/")
            self._read = {name: lambda name=name: archive.read(name) for name in within}  # type: ignore[misc]

    def __iter__(self) -> Iterator[str]:
        return iter(self._read)

    def read(self, name: str) -> bytes:
        """The bytes of a file."""
        return self._read[name]()

    def kinds(self) -> set[str]:
        """Those of `KINDS` of which there is a file."""
        return {name.split("/")[0] for name in self}

    def digests(self) -> dict[str, str]:
        """SHA-256 of every file by its path."""
        return {name: hashlib.sha256(self.read(name)).hexdigest() for name in self}


def differences(ours: Run, theirs: Run) -> list[str]:
    """A line for each file that is not the same in both or not in both, of the kinds of which both have files."""
    kinds = ours.kinds() & theirs.kinds()
    one, other = (
        {name: digest for name, digest in run.digests().items() if name.split("/")[0] in kinds}
        for run in (ours, theirs)
    )
    lines = [f"{name} is only in {ours.place}" for name in one.keys() - other.keys()]
    lines += [f"{name} is only in {theirs.place}" for name in other.keys() - one.keys()]
    apart = (name for name in one.keys() & other.keys() if one[name] != other[name])
    lines += [f"{name} differs{_how_far(name, ours.read(name), theirs.read(name))}" for name in apart]
    return sorted(lines)


def agreeing(ours: Run, theirs: Run) -> dict[str, int]:
    """How many files are the same in both, by kind."""
    other = theirs.digests()
    return dict(Counter(name.split("/")[0] for name, digest in ours.digests().items() if other.get(name) == digest))


def _how_far(name, one, other):
    if name.endswith(".csv"):
        return _between_tables(one, other)
    return _between_models(one, other) if name.endswith(".safetensors") else ""


def _between_tables(one, other):
    import pandas as pd

    ours, theirs = (pd.read_csv(io.BytesIO(table)) for table in (one, other))
    if list(ours.columns) != list(theirs.columns) or len(ours) != len(theirs):
        return f": {ours.shape[0]} rows and {ours.shape[1]} columns, and there {theirs.shape[0]} and {theirs.shape[1]}"
    numbers = list(ours.select_dtypes("number").columns.intersection(theirs.select_dtypes("number").columns))
    words = int((ours.drop(columns=numbers).astype(str) != theirs.drop(columns=numbers).astype(str)).to_numpy().sum())
    gap = (ours[numbers] - theirs[numbers]).abs().to_numpy(dtype=float)
    blank = int((ours[numbers].isna() != theirs[numbers].isna()).to_numpy().sum())
    largest = np.nanmax(gap, initial=0)
    numbers_apart = int((gap > 0).sum()) + blank
    return f" in {numbers_apart} numbers, by at most {largest:.2g}, and in {words} words, of {len(ours)} rows"


def _between_models(one, other):
    from safetensors.numpy import load

    ours, theirs = load(one), load(other)
    if {name: array.shape for name, array in ours.items()} != {name: array.shape for name, array in theirs.items()}:
        return " in its shapes"
    largest = max((np.abs(ours[name].astype(float) - theirs[name]).max(initial=0) for name in ours), default=0)
    return f" by at most {largest:.2g} in a weight"

"""`weightspace compare` says file by file whether two runs agree."""

import shutil
import zipfile

import numpy as np
import pandas as pd
import pytest
from safetensors.numpy import save_file

from weightspace import agreement, command


@pytest.fixture
def ours(tmp_path):
    folder = tmp_path / "ours"
    for kind in ("tables", "models/m", "scores"):
        (folder / kind).mkdir(parents=True)
    pd.DataFrame({"model": ["a", "b"], "estimate": [0.25, np.nan]}).to_csv(folder / "tables/errors.csv", index=False)
    save_file({"weights": np.arange(6, dtype=np.float32)}, folder / "models/m/seed0.safetensors")
    (folder / "scores/m.npz").write_bytes(b"scores")
    (folder / "report.html").write_text("took 3 s")
    return folder


def packed(folder):
    target = folder.with_suffix(".zip")
    with zipfile.ZipFile(target, "w") as archive:
        for path in folder.rglob("*"):
            archive.write(path, path.relative_to(folder))
    return target


def test_a_run_agrees_with_its_own_release(ours, capsys):
    theirs = packed(ours)
    (ours / "report.html").write_text("took 4 s")  # times are no results
    assert command.compare(str(ours), str(theirs)) == 0
    assert capsys.readouterr().out == "the same: 1 models, 1 scores, 1 tables; different: 0\n"


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (
            lambda ours: (ours / "tables/errors.csv").write_text("model,estimate\na,0.5\nc,1\n"),
            "tables/errors.csv differs in 2 numbers, by at most 0.25, and in 1 words, of 2 rows",
        ),
        (
            lambda ours: (ours / "tables/errors.csv").write_text("model\na\n"),
            "tables/errors.csv differs: 1 rows and 1 columns, and there 2 and 2",
        ),
        (
            lambda ours: save_file({"weights": np.float32([0, 1, 2, 3, 4, 5.5])}, ours / "models/m/seed0.safetensors"),
            "models/m/seed0.safetensors differs by at most 0.5 in a weight",
        ),
        (lambda ours: (ours / "tables/new.csv").write_text(""), "tables/new.csv is only in {ours}"),
        (lambda ours: (ours / "scores/m.npz").write_bytes(b"others"), "scores/m.npz differs"),
    ],
)
def test_each_difference_is_a_line(ours, tmp_path, change, line):
    theirs = packed(shutil.copytree(ours, tmp_path / "theirs"))
    change(ours)
    assert agreement.differences(agreement.Run(ours), agreement.Run(theirs)) == [line.format(ours=ours)]
    assert command.compare(str(ours), str(theirs)) == 1


def test_kinds_that_a_release_leaves_out_are_not_missed(ours, tmp_path):
    theirs = shutil.copytree(ours, tmp_path / "theirs")
    shutil.rmtree(theirs / "scores")
    assert command.compare(str(ours), str(theirs)) == 0


def test_what_cannot_be_compared_is_said(ours, tmp_path):
    (tmp_path / "empty").mkdir()
    assert command.compare(str(tmp_path / "empty"), str(ours)) == 1
    with pytest.raises(SystemExit, match=r"cannot compare .*nowhere.zip"):
        command.compare(str(ours), str(tmp_path / "nowhere.zip"))
    with pytest.raises(SystemExit, match="not a zip file"):
        command.compare(str(ours), str(ours / "report.html"))

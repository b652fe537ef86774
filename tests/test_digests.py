"""The small run gives the bytes that were written down, on whatever processor it runs."""

import digests
import pytest
import yaml

from weightspace import processor


def written():
    """The content of tests/digests.yaml; skips where it cannot hold."""
    if not digests.FILE.is_file():
        pytest.skip("tests/digests.yaml is not written yet: python tests/digests.py FOLDER of a small run")
    content = yaml.safe_load(digests.FILE.read_text(encoding="utf-8"))
    if (installed := digests.versions()) != content["versions"]:
        others = {name: number for name, number in installed.items() if number != content["versions"].get(name)}
        pytest.skip(f"the digests are those of other versions than {others}; constraints.txt has theirs")
    if reason := processor.why_not_pinned():
        pytest.skip(reason)
    return content["files"]


def test_tables_and_models_are_those_that_were_written_down(finished):
    expected, found = written(), digests.of_run(finished)
    apart = sorted(name for name in expected | found if expected.get(name) != found.get(name))
    assert not apart, f"{len(apart)} of {len(found)} files; if that was meant: python tests/digests.py FOLDER"


def test_a_changed_number_changes_a_digest(tmp_path):
    table = tmp_path / "results/tables/errors.csv"
    table.parent.mkdir(parents=True)
    table.write_text("estimate\n0.25\n")
    (tmp_path / "results/tables/errors.md").write_text("the same, to be read")
    before = digests.of_run(tmp_path)
    assert list(before) == ["tables/errors.csv"]
    table.write_text("estimate\n0.250001\n")
    assert digests.of_run(tmp_path) != before


def test_an_unfinished_run_is_not_written_down(tmp_path):
    with pytest.raises(SystemExit, match=r"report\.html is missing"):
        digests.main(tmp_path)

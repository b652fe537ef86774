"""The digest of a script's code: it changes with every formula it uses, and with nothing else."""

import hashlib
import json
import re
import shutil

import pytest
from running import scripted_rules

from weightspace import reruns
from weightspace.reruns import SCRIPTS, ParsedFiles, code_version, project_files

ALL = sorted(path.name for path in SCRIPTS.glob("*.py"))


@pytest.fixture
def scripts(tmp_path):
    shutil.copytree(SCRIPTS, tmp_path / "scripts", ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    return tmp_path / "scripts"


def versions(scripts):
    return {script: code_version(script, scripts=scripts) for script in ALL}


def changed_by(scripts, module, old, new):
    """The scripts whose digest a replacement in one module changes."""
    before = versions(scripts)
    path = scripts / module
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    after = versions(scripts)
    return {script for script in ALL if before[script] != after[script]}


def test_the_energy_formula_reaches_memories_and_not_network_training(scripts):
    changed = changed_by(scripts, "weightspace/memories/hopfield.py", "-quadratic / (2 *", "-quadratic / (4 *")
    assert {"train_memory.py", "score_images.py", "count_minima.py", "map_energy_landscape.py"} <= changed
    assert not changed & {
        "train_network.py",
        "trace_gradient_descent.py",
        "binarise_images.py",
        "download_dataset.py",
        "draw_grey_attacks.py",
    }


def test_a_training_loss_reaches_networks_and_not_memories(scripts):
    changed = changed_by(scripts, "weightspace/networks/training.py", ".mean()", ".sum()")
    assert "train_network.py" in changed
    assert not changed & {"train_memory.py", "count_minima.py", "score_images.py", "binarise_images.py"}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("def energy(\n", "def energy(  # a remark\n"),
        ('"""Energy ``E(s)', '"""The energy ``E(s)'),
        (
            "scale = scale or natural_scale(len(weights))",
            "scale = (\n        scale or natural_scale(len(weights))\n    )",
        ),
    ],
)
def test_comments_docstrings_and_layout_do_not_count(scripts, old, new):
    assert changed_by(scripts, "weightspace/memories/hopfield.py", old, new) == set()


def test_a_touch_and_another_folder_do_not_count(scripts):
    for path in scripts.rglob("*.py"):
        path.touch()
    assert versions(scripts) == versions(SCRIPTS)


def write(folder, **files):
    for name, text in files.items():
        path = folder / name.replace("__", "/")
        path = path.with_suffix(".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    "statement",
    ["import p.m", "from p import m", "from p.m import f", "def g():\n    from p import m", "import p.m as q"],
)
def test_every_form_of_import_is_followed(tmp_path, statement):
    write(tmp_path, s=statement, p__m="from . import n", p__n="x = 1")
    (tmp_path / "p/__init__.py").write_text("", encoding="utf-8")
    first = code_version("s.py", scripts=tmp_path)
    write(tmp_path, p__n="x = 2")
    assert code_version("s.py", scripts=tmp_path) != first


def test_user_code_is_handed_over_by_name(tmp_path):
    write(tmp_path, s="x = 1", mine="y = 1")
    mine = tmp_path / "mine.py"
    first = code_version("s.py", mine, scripts=tmp_path)
    mine.write_text("y = 2", encoding="utf-8")
    assert first not in (code_version("s.py", mine, scripts=tmp_path), code_version("s.py", scripts=tmp_path))


def test_every_scripted_rule_carries_its_own_digest():
    """Each rule of the workflow names one script, and hands over that script's digest."""
    for name, script, _, body in scripted_rules():
        assert re.search(rf'code=code_version\("{script}"[,)]', body), name


def test_what_was_parsed_is_kept_between_processes(tmp_path):
    asked = []

    def read(content):
        asked.append(content)
        return [len(content)]

    place = tmp_path / "folder" / "kept.json"
    first = ParsedFiles(place, b"reader")
    assert first.find(b"one", read) == first.find(b"one", read) == [3]
    first.write()
    other = ParsedFiles(place, b"reader")
    assert (other.find(b"one", read), other.find(b"three", read)) == ([3], [5])
    first.find(b"four", read)
    first.write()
    other.write()  # what was written meanwhile stays
    assert asked == [b"one", b"three", b"four"]
    assert ParsedFiles(place, b"reader").find(b"four", read) == [4]
    assert asked == [b"one", b"three", b"four"]
    assert ParsedFiles(place, b"another reader").find(b"one", read) == [3]
    assert asked[3:] == [b"one"]
    assert [path.name for path in place.parent.iterdir()] == ["kept.json"]


@pytest.mark.parametrize("damaged", ["", "[1]", '{"a": '])
def test_a_damaged_file_of_what_was_parsed_is_written_anew(tmp_path, damaged):
    place = tmp_path / "kept.json"
    place.write_text(damaged, encoding="utf-8")
    kept = ParsedFiles(place, b"")
    assert kept.find(b"one", len) == 3
    kept.write()
    assert ParsedFiles(place, b"").find(b"one", lambda content: pytest.fail("read again")) == 3


def test_where_nothing_can_be_written_everything_is_parsed_anew(tmp_path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    kept = ParsedFiles(tmp_path / "file" / "kept.json", b"")  # no folder can be made below a file, whoever asks
    assert kept.find(b"one", len) == 3
    kept.write()


def test_only_what_was_used_last_stays(tmp_path, monkeypatch):
    monkeypatch.setattr(reruns, "MOST", 3)
    kept = ParsedFiles(tmp_path / "kept.json", b"")
    for number in range(5):
        kept.find(bytes(number), len)
    kept.write()
    assert sorted(json.loads((tmp_path / "kept.json").read_text(encoding="utf-8")).values()) == [2, 3, 4]


def test_the_digest_does_not_depend_on_what_was_kept(scripts):
    """With the parser alone, without any file in between."""
    for script in ("train_memory.py", "train_network.py"):
        expected = hashlib.sha256()
        for path in sorted(project_files(script, scripts=scripts)):
            digest = reruns._parse(path.read_bytes(), str(path))[0]
            expected.update(f"{path.relative_to(scripts).as_posix()}:{digest}\n".encode())
        assert code_version(script, scripts=scripts) == expected.hexdigest()[:16]

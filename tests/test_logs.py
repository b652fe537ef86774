"""Logs: a failing job leaves its traceback in the log and one line on the terminal; progress is lines in a log and a
bar on a terminal.
"""

import logging
import re
import subprocess
import sys
from pathlib import Path

from running import SMALL, checkout, snakemake

from weightspace.logs import progress

SCRIPTS = Path(__file__).parent.parent / "workflow/scripts"
JOB = """
import warnings
from types import SimpleNamespace
from weightspace.logs import start_log
start_log(SimpleNamespace(log=["logs/job.log"], rule="train_memory", wildcards={"seed": "3"}))
warnings.warn("odd")
raise ValueError("patterns must hold -1 and +1 only")
"""


def test_a_failing_job_explains_itself(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", JOB],
        cwd=tmp_path,
        env={"PYTHONPATH": str(SCRIPTS)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr == "ValueError: patterns must hold -1 and +1 only\n"
    log = (tmp_path / "logs/job.log").read_text()
    assert "rule train_memory (seed=3)" in log
    assert "odd" in log
    assert "Traceback" in log


def test_progress_in_a_log_is_at_most_eleven_lines(caplog):
    with caplog.at_level(logging.INFO):
        assert list(progress(range(57), what="epochs")) == list(range(57))
    said = [record.getMessage() for record in caplog.records]
    assert said[-1] == "epochs: 57 of 57"
    assert 10 <= len(said) <= 12


def test_progress_by_hand_is_a_bar(monkeypatch, capsys):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    assert list(progress([1, 2], what="epochs")) == [1, 2]
    assert "epochs: 100%" in capsys.readouterr().err


def test_the_terminal_has_one_line_for_each_job_which_names_its_log(tmp_path):
    done = snakemake(checkout(tmp_path), "-n", *SMALL)
    assert done.returncode == 0, done.stderr[-3000:]
    said = dict(re.findall(r"^Job \d+: (\w+)(.*)$", done.stdout + done.stderr, flags=re.MULTILINE))
    assert said.pop("all") == ""
    assert len(said) > 50
    for rule, rest in said.items():
        assert rest.startswith(f" (log: results/logs/{rule}"), rule
        assert rest.endswith(".log)"), rule
    assert "input:" not in done.stdout + done.stderr

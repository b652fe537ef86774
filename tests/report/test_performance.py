"""The summary of time and memory by rule."""

import base64
import json
import re

import numpy as np

from weightspace.report.performance import by_rule, record, section


def test_jobs_are_summed_by_rule_and_damaged_lines_left_out(tmp_path):
    def write(name, *jobs):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join(job if isinstance(job, str) else json.dumps(job) for job in jobs))

    write("train_memory/a.jsonl", {"cpu_time": 1.5, "s": 2.0, "max_rss": 100.0})
    write("train_memory/b.jsonl", {"cpu_time": 0.5, "s": 3.0, "max_rss": 70.0}, "{half")
    write("quick.jsonl", {"cpu_time": "NA", "s": 0.1, "max_rss": "NA"})
    training, quick = by_rule(tmp_path)
    assert (
        training.rule,
        training.jobs,
        training.cpu_seconds,
        training.seconds,
        training.longest,
        training.peak_mb,
    ) == (
        "train_memory",
        2,
        2,
        5,
        3,
        100,
    )
    assert (quick.rule, quick.seconds, quick.peak_mb) == ("quick", 0.1, 0)
    text = section([training, quick])
    assert "* - train memory" in text
    assert text.splitlines()[-6:] == ["   * - all", "     - 3", "     - 2.0", "     - 5.1", "     - 3.0", "     - 100"]


def test_the_configuration_is_recorded_to_the_letter_beside_machine_and_versions():
    configuration = "name: a<b\n\nseeds: 3\n"
    text = record(configuration, seeds=3, device="cpu")
    assert f"numpy {np.__version__}" in text
    assert ":Seeds: 3," in text
    assert "name: a&lt;b" in text
    assert base64.b64decode(re.search(r"base64,([^\"]+)", text).group(1)).decode() == configuration


def test_nothing_measured_is_an_empty_table(tmp_path):
    assert by_rule(tmp_path) == []
    assert "* - all" in section([])

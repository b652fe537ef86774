"""Time and memory of the jobs that a run did, from the benchmark files that Snakemake writes; plain Python, for
Snakemake's own environment.
"""

import base64
import html
import importlib.metadata
import json
import os
import platform
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from weightspace.report.restructured_text import readable, table, title


@dataclass(frozen=True)
class RuleUse:
    """What the jobs of one rule took: their number, seconds of the processor and of the wall in all, seconds of the
    longest, largest memory (MB).
    """

    rule: str
    jobs: int
    cpu_seconds: float
    seconds: float
    longest: float
    peak_mb: float


def by_rule(folder: str | Path) -> list[RuleUse]:
    """`RuleUse` of every rule with files ``*.jsonl`` under ``folder``, the most costly first; lines that are damaged
    are left out.
    """
    lines: dict[str, list[dict[str, float]]] = {}
    for path in sorted(Path(folder).rglob("*.jsonl")):
        lines.setdefault(path.relative_to(folder).with_suffix("").parts[0], []).extend(_read(path))
    uses = [
        RuleUse(
            name,
            len(jobs),
            sum(job["cpu_time"] for job in jobs),
            sum(job["s"] for job in jobs),
            max(job["s"] for job in jobs),
            max(job["max_rss"] for job in jobs),
        )
        for name, jobs in lines.items()
        if jobs
    ]
    return sorted(uses, key=lambda use: -use.seconds)


def _read(path):
    jobs = []
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            job = json.loads(line)
            # Jobs that end at once leave "NA".
            jobs.append(
                {key: float(job[key]) if job[key] not in (None, "NA") else 0.0 for key in ("cpu_time", "s", "max_rss")}
            )
        except (ValueError, KeyError, TypeError):
            continue
    return jobs


def machine() -> str:
    """What the times depend on, in a line."""
    models = [line.split(":")[1].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")]
    processor = models[0] if models else platform.processor() or platform.machine()
    kilobytes = [int(line.split()[1]) for line in _lines("/proc/meminfo") if line.startswith("MemTotal:")]
    memory = f", {kilobytes[0] / 2**20:.0f} GiB of memory" if kilobytes else ""
    return (
        f"{processor}, {os.cpu_count()} cores{memory}, {platform.system()}, Python {platform.python_version()} on"
        f" {sys.platform}"
    )


def versions() -> dict[str, str]:
    """``{package: version}`` of what weightspace asks for, as Snakemake's own environment has it; the jobs' are pinned
    in envs/.
    """
    try:
        asked = importlib.metadata.requires("weightspace") or []
    except importlib.metadata.PackageNotFoundError:
        asked = ["snakemake", "numpy", "scipy", "numba", "torch"]
    found = {}
    for name in (re.split(r"[^\w.-]", line)[0] for line in asked if "extra ==" not in line):
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def _lines(path):
    return Path(path).read_text(encoding="utf-8").splitlines() if Path(path).exists() else []


def section(uses: Sequence[RuleUse]) -> str:
    """A section in reStructuredText: one row per rule, and the sum."""
    rows = [(readable(use.rule), use.jobs, use.cpu_seconds, use.seconds, use.longest, use.peak_mb) for use in uses]
    columns = list(zip(*rows, strict=True))[1:] if rows else [[0]] * 5
    rows.append(("all", sum(columns[0]), sum(columns[1]), sum(columns[2]), max(columns[3]), max(columns[4])))
    header = ("rule", "jobs", "processor, s", "wall, s", "longest job, s", "largest memory, MB")
    cells = [
        (name, str(jobs), *(f"{value:.1f}" for value in rest[:-1]), f"{rest[-1]:.0f}") for name, jobs, *rest in rows
    ]
    said = "Time and memory by rule, summed over its jobs, whichever run did them, as benchmarked by Snakemake."
    return f"{title('What the run took')}\n{said}\n\n{table(header, cells)}"


def record(configuration: str, *, seeds: int, device: str) -> str:
    """A section in reStructuredText on what the numbers depend on: machine, versions, seeds, and the whole
    configuration, to be read or downloaded.

    Args:
        configuration: the resolved configuration as YAML.
        seeds: number of repetitions; device: as configured.
    """
    pinned = ", ".join(f"{name} {version}" for name, version in versions().items())
    # In short lines: docutils reads no file with very long ones.
    encoded = base64.encodebytes(configuration.encode()).decode().strip()
    page = (
        f'<p><a download="config.yaml" href="data:application/yaml;base64,{encoded}">Download the configuration</a> as'
        " it was resolved, which <code>--configfile</code> takes again.</p>\n<details><summary>Show"
        f" it</summary><pre>{html.escape(configuration)}</pre></details>"
    )
    raw = "\n".join(f"   {line}".rstrip() for line in page.splitlines())
    return (
        f"{title('What was run, and on what')}\n:Machine: {machine()}\n:Device: ``{device}``, for networks and"
        f" attacks\n:Seeds: {seeds}, numbered from 0; comparisons that take fewer say so in the column"
        f" *seeds*\n:Versions: {pinned}\n\n.. raw:: html\n\n{raw}\n"
    )

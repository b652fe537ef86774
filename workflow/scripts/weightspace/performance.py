"""Time and memory of the jobs that a run did, from the benchmark files that Snakemake writes; plain Python, for Snakemake's own environment."""

import importlib.metadata
import json
import os
import platform
import sys
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class RuleUse:
    """What the jobs of one rule took: their number, seconds of the processor and of the wall in all, seconds of the longest, largest memory (MB)."""

    rule: str
    jobs: int
    cpu_seconds: float
    seconds: float
    longest: float
    peak_mb: float


def by_rule(folder):
    """`RuleUse` of every rule with files ``*.jsonl`` under ``folder``, the most costly first; lines that are damaged are left out."""
    lines = {}
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
            jobs.append({key: float(job[key]) if job[key] not in (None, "NA") else 0.0 for key in ("cpu_time", "s", "max_rss")})
        except (ValueError, KeyError, TypeError):
            continue
    return jobs


def machine():
    """What the times depend on, in a line."""
    models = [line.split(":")[1].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")]
    processor = models[0] if models else platform.processor() or platform.machine()
    return f"{processor}, {os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()} on {sys.platform}"


def versions():
    """Versions of what the numbers depend on, of those packages that Snakemake's own environment has; the jobs' are pinned in envs/."""
    found = {}
    for name in ("snakemake", "numpy", "scipy", "numba", "torch"):
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return ", ".join(f"{name} {version}" for name, version in found.items())


def _lines(path):
    return Path(path).read_text(encoding="utf-8").splitlines() if Path(path).exists() else []


def section(uses):
    """A section in reStructuredText: one row per rule, the sum, the machine and the versions."""
    rows = [(use.rule.replace("_", " "), use.jobs, use.cpu_seconds, use.seconds, use.longest, use.peak_mb) for use in uses]
    columns = list(zip(*rows, strict=True))[1:] if rows else [[0]] * 5
    rows.append(("all", sum(columns[0]), sum(columns[1]), sum(columns[2]), max(columns[3]), max(columns[4])))
    header = ("rule", "jobs", "processor, s", "wall, s", "longest job, s", "largest memory, MB")
    cells = [header, *((name, str(jobs), *(f"{value:.1f}" for value in rest[:-1]), f"{rest[-1]:.0f}") for name, jobs, *rest in rows)]
    table = "\n".join("\n".join(f"   {'  -' if column else '* -'} {cell}" for column, cell in enumerate(row)) for row in cells)
    title = "What the run took"
    return (
        f"{title}\n{'-' * len(title)}\n\nTime and memory by rule, summed over its jobs, whichever run did them.\n"
        f"Machine: {machine()}; {versions()}.\n\n.. list-table::\n   :header-rows: 1\n\n{table}\n"
    )

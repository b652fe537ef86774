"""What the workflow itself costs: the share of a run's time spent on starting jobs, a run with nothing to do, and the
planning of 2,000 jobs.

Run it as ``python benchmarks/overhead.py`` after a run in this folder: it reads that run's benchmark files.
"""

import json
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import measure

sys.path.insert(0, str(measure.ROOT / "tests"))
from running import scripted_rules

from weightspace.report.performance import by_rule

REPETITIONS = 3
ROOT = measure.ROOT
# Runs a script's imports, and nothing that it guards by its name.
IMPORT = "import runpy, sys; sys.path.insert(0, sys.argv[1]); runpy.run_path(sys.argv[2], run_name='imported')"


def processor_seconds(command):
    """Processor time of a child process, the smallest of several."""
    import resource

    seconds = []
    for _ in range(REPETITIONS):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(command, check=True, capture_output=True, cwd=ROOT)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        seconds.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return min(seconds)


def starting():
    """Rows of the table: per rule the jobs, the processor seconds of one start, those of all jobs, and the share."""
    uses, scripts = by_rule(ROOT / "results/performance"), ROOT / "workflow/scripts"
    paths = {name: scripts / script for name, script, _, _ in scripted_rules()}
    needed = {paths[use.rule] for use in uses if use.rule in paths}
    start = {path: processor_seconds([sys.executable, "-c", IMPORT, path.parent, path]) for path in needed}
    rows, begun, used = [], 0.0, 0.0
    for use in (use for use in uses if use.rule in paths):
        once = start[paths[use.rule]]
        spent = max(use.cpu_seconds, use.jobs * once)  # short jobs end before they are sampled
        rows.append((use.rule, use.jobs, f"{once:.2f}", f"{spent:.1f}", f"{use.jobs * once / spent:.0%}"))
        begun, used = begun + use.jobs * once, used + spent
    return [*rows, ("all", sum(row[1] for row in rows), "", f"{used:.1f}", f"{begun / used:.0%}")]


def wall(command, folder=ROOT):
    began = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True, cwd=folder)
    return time.perf_counter() - began


def many_memories(number):
    """A configuration, to follow the shipped one, with so many memories more; each adds seven jobs and ten seeds'
    files.
    """
    names = [f"memory_{i}" for i in range(number)]
    definition = {"rule": "iterative", "patterns": 40, "margin": 1, "flip_share": 1, "passes": 1000}
    return {"memories": dict.fromkeys(names, definition), "run": {"memories": dict.fromkeys(names, True)}}


def main():
    measure.print_machine()
    snakemake = [sys.executable, "-m", "snakemake", "--cores", "2"]
    if not list((ROOT / "results/performance").rglob("*.jsonl")):
        sys.exit("there is no run in this folder to measure; run the workflow first")
    print("\nProcessor time spent on starting jobs (Python and the script's imports), of the last run\n")
    measure.print_table(("rule", "jobs", "one start, s", "all jobs, s", "starting"), starting())
    print(f"\nA run with nothing to do: {min(wall([*snakemake, '-n']) for _ in range(REPETITIONS)):.1f} s")
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "many.yaml").write_text(json.dumps(many_memories(250)), encoding="utf-8")
        many = [
            "--configfile",
            Path(folder, "many.yaml"),
            "--directory",
            folder,
            "--snakefile",
            ROOT / "Snakefile",
        ]
        began = time.perf_counter()
        planned = subprocess.run([*snakemake, "-n", *many], capture_output=True, text=True, check=True)
        seconds = time.perf_counter() - began
    jobs = re.findall(r"^total +(\d+)$", planned.stdout + planned.stderr, flags=re.MULTILINE)
    print(f"Planning {jobs[-1] if jobs else 'many'} jobs: {seconds:.1f} s")


if __name__ == "__main__":
    main()

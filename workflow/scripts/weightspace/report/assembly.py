"""The report of a finished run in one HTML file: Snakemake makes it of figures, pages and the first page."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

from weightspace.report.performance import by_rule, record, section


def write_report(config: dict[str, Any], *, snakefile: str, workflow_folder: Path) -> None:
    """Write results/report.html; keep the old one, and say so, if that fails."""
    target, new = Path("results/report.html"), Path("results/report/.new.html")
    resolved = Path("results/report/config.yaml")
    resolved.write_text(yaml.safe_dump(config, sort_keys=True), encoding="utf-8")
    made_with = record(resolved.read_text(encoding="utf-8"), seeds=config["seeds"], device=config["device"])
    performance = section(by_rule("results/performance"))
    Path("results/report/performance.rst").write_text(f"{made_with}\n{performance}", encoding="utf-8")
    command = [sys.executable, "-m", "snakemake", "-s", snakefile]
    command += ["--nolock", "--workflow-profile", "none", "--replace-workflow-config"]
    command += ["--configfile", str(resolved), "--report", str(new)]
    command += ["--report-stylesheet", str(workflow_folder / "report" / "style.css")]
    made = subprocess.run(command, capture_output=True, text=True)
    if made.returncode == 0 and new.exists():
        page, end, rest = new.read_text(encoding="utf-8").rpartition("</body>")
        script = (workflow_folder / "report" / "large_pages.js").read_text(encoding="utf-8")
        new.write_text(f"{page}<script>\n{script}</script>\n{end}{rest}", encoding="utf-8")
        os.replace(new, target)
        print(f"Report: {target}", file=sys.stderr)
    else:
        new.unlink(missing_ok=True)
        reason = (made.stderr or "no reason given").strip().splitlines()[-1]
        print(f"The results are complete, but the report could not be written: {reason}", file=sys.stderr)

"""The workflow used from outside the clone: named from another folder, as a module of another workflow that names a
repository, and from what a wheel carries. Real runs of these are in slow/test_elsewhere.py.
"""

import os
import subprocess
import sys

import pytest
from running import ROOT, checkout, counted, jobs, publish

SMALL = ["--configfile", str(ROOT / "tests/config.yaml")]
AS_A_MODULE = """
configfile: "config/config.yaml"

module weightspace:
    snakefile: {snakefile}
    config: config

use rule * from weightspace
"""


@pytest.fixture(scope="module")
def planned():
    """How many jobs of each rule the small run has in the clone."""
    return jobs(ROOT, *SMALL, "--forceall")


def test_named_from_another_folder_it_needs_no_configuration_there(tmp_path):
    planned = jobs(tmp_path, "--snakefile", str(ROOT / "Snakefile"), "results/data/mnist/patterns.npz")
    assert planned == {"download_dataset": 1, "binarise_images": 1}


def test_another_workflow_names_a_repository(tmp_path, planned):
    folder = tmp_path / "mine"
    (folder / "workflow").mkdir(parents=True)
    named = 'github("someone/weightspace", path="workflow/Snakefile", tag="v1")'
    (folder / "workflow/Snakefile").write_text(AS_A_MODULE.format(snakefile=named))
    (folder / "config").mkdir()
    (folder / "config/config.yaml").write_text((ROOT / "config/config.yaml").read_text())
    assert jobs(folder, *SMALL, environment=publish(tmp_path)) == planned


def test_a_wheel_carries_the_workflow(tmp_path, planned):
    built = [sys.executable, "setup.py", "-q", "build", "--build-base", tmp_path / "build"]
    subprocess.run(built, cwd=checkout(tmp_path / "source"), check=True, capture_output=True)
    library = tmp_path / "build/lib"
    command = [sys.executable, "-m", "weightspace.command", "run", "-n", "--configfile", "mine.yaml"]
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty/mine.yaml").write_text((ROOT / "tests/config.yaml").read_text())
    found = {**os.environ, "PYTHONPATH": str(library)}
    done = subprocess.run(command, cwd=tmp_path / "empty", env=found, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert counted(done.stdout + done.stderr) == planned

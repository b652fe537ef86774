"""The workflow runs wherever its clone lies."""

import subprocess
import sys
from pathlib import Path

from running import small_checkout


def test_a_clone_in_a_folder_with_spaces_quotes_and_umlauts(tmp_path, mnist_raw):
    folder = small_checkout(tmp_path / "ein Ort, 'für' alles & mehr", mnist_raw)
    (folder / ".venv").symlink_to(Path(sys.prefix))  # the Python of these tests, under a path in that folder
    command = ["make", "--no-print-directory", "--dry-run", "--assume-old=.venv/.installed", "run", "CORES=1"]
    command += ["ARGS=--configfile tests/config.yaml -- results/data/mnist/patterns.npz"]
    said = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout
    assert "pip" not in said  # nothing is installed anew
    done = subprocess.run(said, shell=True, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (folder / "results/data/mnist/patterns.npz").stat().st_size > 1_000_000

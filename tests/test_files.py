"""Files are whole or absent, and hostile ones are refused."""

import io
import zipfile

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

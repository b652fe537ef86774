"""The IDX format, read with suspicion."""

import gzip
import os
import struct
import subprocess
import sys

import numpy as np
import pytest
from raw_data import SCRIPTS, flipped, idx_bytes, sha256

from weightspace.data.datasets import DATASETS
from weightspace.data.raw_files import read_idx, read_images, read_labels
from weightspace.files import FileError

IMAGES = np.arange(3 * 4 * 5, dtype=np.uint8).reshape(3, 4, 5)


@pytest.mark.parametrize("pack_it", [bytes, gzip.compress], ids=["plain", "gz"])
@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_idx_is_read_from_path_and_bytes_whatever_its_suffix(tmp_path, pack_it, suffix):
    content = pack_it(idx_bytes(IMAGES))
    path = tmp_path / f"images{suffix}"
    path.write_bytes(content)
    for source in (path, str(path), content):
        array = read_idx(source)
        assert array.dtype == np.uint8
        assert array.flags.writeable
        np.testing.assert_array_equal(array, IMAGES)


@pytest.mark.parametrize("pack_it", [bytes, gzip.compress], ids=["plain", "gz"])
@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            idx_bytes(IMAGES)[:-1],
            r"truncated: found (at most )?\d+ bytes, expected 76 by its header \(shape \(3, 4, 5\)\)",
        ),
        (idx_bytes(IMAGES)[:9], r"truncated: found 9 bytes, expected an IDX header of 16"),
        (idx_bytes(IMAGES)[:3], r"truncated: found 3 bytes"),
        (b"", r"truncated: found 0 bytes"),
        (idx_bytes(IMAGES) + b"x", r"too long: found more than 76 bytes, expected 76"),
        (b"PK" + idx_bytes(IMAGES)[2:], r"not an IDX file: found first bytes 0x504b, expected 0x0000"),
        (struct.pack(">4B1I", 0, 0, 0x0D, 1, 1) + b"abcd", r"type 0x0d, expected 0x08"),
        (struct.pack(">4B", 0, 0, 8, 0), r"0 dimensions"),
        (struct.pack(">4B200I", 0, 0, 8, 200, *[1] * 200) + b"x", r"200 dimensions"),
        (struct.pack(">4B2I", 0, 0, 8, 2, 0, 7), r"empty: found shape \(0, 7\)"),
    ],
)
def test_bad_idx_is_refused_in_one_sentence(tmp_path, content, message, pack_it):
    path = tmp_path / "images"
    path.write_bytes(pack_it(content))
    with pytest.raises(FileError, match=message) as caught:
        read_idx(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_missing_file_folder_and_damaged_gzip_are_file_errors(tmp_path):
    with pytest.raises(FileError, match="nowhere does not exist"):
        read_idx(tmp_path / "nowhere")
    with pytest.raises(FileError, match="cannot be read"):
        read_idx(tmp_path)
    packed = gzip.compress(idx_bytes(IMAGES))
    for damaged in (packed[:-12], flipped(packed, len(packed) - 8)):
        with pytest.raises(FileError, match="damaged gzip file"):
            read_idx(damaged)


# Runs under a limit on the address space: reserving what the header claims would fail, were it tried.
HOSTILE = """
import resource, sys, time
from weightspace.files import FileError
from weightspace.data.raw_files import read_idx
resource.setrlimit(resource.RLIMIT_AS, (900_000_000, 900_000_000))
for path in sys.argv[1:]:
    start = time.perf_counter()
    try:
        read_idx(path)
    except FileError as error:
        # Not ru_maxrss: it counts the process that started this one.
        peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM")).split()[1]
        print(f"{time.perf_counter() - start:.3f} {int(peak) // 1024} {error}")
"""


def test_header_that_claims_far_more_than_there_is_takes_neither_time_nor_memory(tmp_path):
    header = struct.pack(">4B3I", 0, 0, 8, 3, 2**32 - 1, 2**32 - 1, 256)
    modest = struct.pack(">4B1I", 0, 0, 8, 1, 10**9)
    (tmp_path / "plain").write_bytes(header + bytes(1000))
    # Sparse: it is long, but far from as long as its header says, and must not be read to find that out.
    (tmp_path / "sparse").write_bytes(header)
    os.truncate(tmp_path / "sparse", 3 * 10**9)
    (tmp_path / "packed").write_bytes(gzip.compress(header + bytes(1000)))
    # The header promises little, the archive holds much: no more than one byte beyond the promise may be unpacked.
    (tmp_path / "bomb").write_bytes(
        gzip.compress(struct.pack(">4B1I", 0, 0, 8, 1, 10)) + gzip.compress(bytes(400_000_000), 1)
    )
    # Long enough that 10^9 bytes might be in it, yet they are not.
    (tmp_path / "hollow").write_bytes(gzip.compress(modest + np.random.default_rng(0).bytes(1_100_000)))
    paths = [str(tmp_path / name) for name in ("plain", "sparse", "packed", "bomb", "hollow")]
    environment = {**os.environ, "PYTHONPATH": str(SCRIPTS), "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, "-B", "-c", HOSTILE, *paths], capture_output=True, text=True, env=environment, check=False
    )
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert [line.split(" is ")[1].split(":")[0] for line in lines] == [
        "truncated",
        "truncated",
        "truncated",
        "too long",
        "truncated",
    ]
    for line in lines:
        seconds, megabytes, _ = line.split(" ", 2)
        assert float(seconds) < 1
        assert int(megabytes) < 150


def test_mnist_is_the_original(mnist_raw):
    for file, size in zip(DATASETS["mnist"].files, (47_040_016, 60_008, 7_840_016, 10_008), strict=True):
        content = (mnist_raw / file.name).read_bytes()
        assert (len(content), file.size) == (size, size)
        assert sha256(content) == file.sha256
    assert read_images(mnist_raw, "train").shape == (60_000, 28, 28)
    assert read_images(mnist_raw, "test").shape == (10_000, 28, 28)
    # Counts of the digits 0 ... 9 as published for the training set, and the first labels.
    labels = read_labels(mnist_raw, "train")
    assert np.bincount(labels).tolist() == [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    assert labels[:5].tolist() == [5, 0, 4, 1, 9]
    assert read_labels(mnist_raw, "test")[:5].tolist() == [7, 2, 1, 0, 4]

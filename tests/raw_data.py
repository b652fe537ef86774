"""What tests of the data share: raw files of a few bytes, and Python in a process of its own."""

import hashlib
import os
import struct
import subprocess
import sys
import textwrap
from pathlib import Path

import weightspace

SCRIPTS = Path(weightspace.__file__).resolve().parents[1]


def idx_bytes(array):
    """An array of unsigned bytes as a plain IDX file."""
    return struct.pack(f">4B{array.ndim}I", 0, 0, 8, array.ndim, *array.shape) + array.tobytes()


def sha256(content):
    return hashlib.sha256(content).hexdigest()


def flipped(content, position):
    """The same bytes with one bit flipped."""
    return content[:position] + bytes([content[position] ^ 1]) + content[position + 1 :]


def assert_obtained(tiny):
    assert {path.name: path.read_bytes() for path in tiny.output.iterdir()} == tiny.contents


def assert_nothing_left(tiny):
    assert not tiny.output.exists() or list(tiny.output.iterdir()) == []


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

"""The same numbers on every x86-64 processor: training, attacks and splitting under emulated ones, pinned to one
instruction set, give the bytes of this machine. Skipped where there is no qemu-x86_64 (Debian's qemu-user).
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from weightspace.processor import environment, why_not_pinned

NUMBERS = Path(__file__).with_name("processor_numbers.py")
SCRIPTS = Path(__file__).parents[2] / "workflow/scripts"
QEMU = shutil.which("qemu-x86_64")

pytestmark = [
    pytest.mark.skipif(QEMU is None, reason="there is no qemu-x86_64 here, which Debian's package qemu-user has"),
    pytest.mark.skipif(why_not_pinned() is not None, reason=str(why_not_pinned())),
]


def numbers(*emulator, instruction_set="pinned"):
    pinned = environment(instruction_set) | {"PYTHONPATH": str(SCRIPTS), "NUMBA_CACHE_DIR": "/tmp/weightspace-numba"}
    # Compiled code is for the processor that it was compiled on, so an emulated one must not find it.
    pinned["NUMBA_CACHE_DIR"] += "-" + "-".join(map(os.path.basename, emulator[1:]))
    command = [*emulator, sys.executable, str(NUMBERS)]
    done = subprocess.run(command, env=os.environ | pinned, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout.splitlines()


@pytest.fixture(scope="module")
def here():
    return numbers()


@pytest.mark.parametrize("processor", ["Haswell", "EPYC-Rome"])
def test_an_emulated_processor_gives_the_same_bytes(here, processor):
    assert numbers(QEMU, "-cpu", processor) == here


def test_a_processor_that_cannot_be_pinned_is_told_so():
    assert why_not_pinned("x86_64", ["sse4_2", "avx"]).startswith("This processor lacks the instructions AVX2")
    assert why_not_pinned("aarch64", []).startswith("This processor is aarch64")
    assert why_not_pinned("x86_64", ["avx2", "fma"]) is None

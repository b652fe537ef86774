"""What the benchmarks share: MNIST, peers that may be missing, ratios of times taken in turns, and the machine they
were taken on.
"""

import importlib
import importlib.metadata
import os
import platform
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from weightspace.data.datasets import DATASETS
from weightspace.data.download import obtain, read_folder
from weightspace.data.patterns import read_patterns, write_patterns
from weightspace.draws import stored_images
from weightspace.files import FileError

ROOT = Path(__file__).resolve().parents[1]


def mnist():
    """`Patterns` of MNIST: from the workflow's results where they are there, else from a download that the tests
    share.
    """
    cached = ROOT / "tests" / ".cache" / "mnist"
    folder = ROOT / "results" / "data" / "mnist" / "raw"
    try:
        read_folder(DATASETS["mnist"], folder)
    except FileError:
        folder = cached
        if not cached.exists():
            obtain("mnist", None, cached)
    with tempfile.TemporaryDirectory() as temporary:
        write_patterns(folder, Path(temporary) / "patterns.npz", threshold=0.5)
        return read_patterns(Path(temporary) / "patterns.npz")


def stored(data, count):
    """``count`` training images, as a memory of seed 0 stores them: positions (P,)."""
    return stored_images(data.train_labels, 0)[:count]


def peer(module, package):
    """An imported peer, or None, and a line that says so."""
    try:
        return importlib.import_module(module)
    except ImportError:
        print(f"{package} is not installed: skipped (pip install --no-deps {package})")
        return None


def times_in_turns(functions, *, repetitions, threads=1):
    """Seconds (repetitions,) of each function by name, all of them one after the other in each repetition.

    On one thread the processor's time for this process, which others on the machine do not lengthen much; on several
    the wall clock's.
    """
    clock = time.process_time if threads == 1 else time.perf_counter
    seconds = {name: [] for name in functions}
    for _ in range(repetitions):
        for name, function in functions.items():
            if threads > 1:
                time.sleep(0.2)  # the threads of a matrix product go on spinning for a while
            start = clock()
            function()
            seconds[name].append(clock() - start)
    return {name: np.array(values) for name, values in seconds.items()}


def ratio(times, reference):
    """Median of the paired ratios, and their smallest and largest, as text."""
    ratios = times / reference
    return f"{np.median(ratios):.3g}", f"{ratios.min():.3g} to {ratios.max():.3g}"


def print_table(header, rows):
    """Print a Markdown table."""
    columns = list(zip(header, *rows, strict=True))
    widths = [max(len(str(cell)) for cell in column) for column in columns]
    lines = [
        " | ".join(str(cell).ljust(width) for cell, width in zip(row, widths, strict=True)) for row in (header, *rows)
    ]
    print(
        "\n".join(
            [
                f"| {lines[0]} |",
                "| " + " | ".join("-" * width for width in widths) + " |",
                *(f"| {line} |" for line in lines[1:]),
            ]
        )
    )


def print_machine():
    """Print what the times depend on."""
    models = [line.split(":")[1].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")]
    blas = np.show_config(mode="dicts")["Build Dependencies"]["blas"]
    versions = [f"{name} {importlib.metadata.version(name)}" for name in ("numpy", "numba", "scipy")]
    print(f"Machine: {models[0] if models else platform.processor()}, {os.cpu_count()} cores, {platform.system()}")
    print(
        f"Software: Python {platform.python_version()}, {', '.join(versions)}, {blas['name']} {blas['version']}, on"
        f" {sys.platform}"
    )


def _lines(path):
    return Path(path).read_text(encoding="utf-8").splitlines() if Path(path).exists() else []

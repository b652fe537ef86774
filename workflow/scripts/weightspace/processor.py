"""One instruction set for all floating-point work: equal configurations give equal numbers on every x86-64 processor.

Libraries of floating-point work look at the processor and choose among several versions of each function, which round
differently. `PINNED` holds all of them to AVX2, which every x86-64 processor sold since about 2015 has. It must be in
the environment before Python starts; the workflow sees to that for its jobs, and by hand this does:

    eval "$(python -m weightspace.processor)"

Plain Python: every start of Snakemake imports it. Tried on several processors: docs/performance.md.
"""

import os
import platform
from collections.abc import Sequence
from pathlib import Path

# More threads add in another order, so floating-point work runs on one, pinned or not.
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
PINNED = {
    "MKL_CBWR": "COMPATIBLE",  # the one branch of MKL that AMD's and Intel's processors take alike
    "ATEN_CPU_CAPABILITY": "avx2",
    "ONEDNN_MAX_CPU_ISA": "AVX2",
    "OPENBLAS_CORETYPE": "Haswell",
    "NPY_DISABLE_CPU_FEATURES": "X86_V4",  # NumPy 2.4's name of a group; names that it does not know have no effect
}


def environment(instruction_set: str) -> dict[str, str]:
    """Variables of the environment of a job, where ``instruction_set`` is ``pinned`` or ``native``."""
    return ONE_THREAD | (PINNED if instruction_set == "pinned" else {})


def is_pinned() -> bool:
    """Whether this process was started with the variables of `PINNED`."""
    return all(os.environ.get(name) == value for name, value in PINNED.items())


def why_not_pinned(machine: str | None = None, flags: Sequence[str] | None = None) -> str | None:
    """Why this processor cannot give the pinned numbers, in one sentence, or None where it can.

    Args: machine, its kind (`platform.machine`); flags, what it can do, as in /proc/cpuinfo.
    """
    machine = machine or platform.machine()
    if machine.lower() not in ("x86_64", "amd64"):
        return (
            f"This processor is {machine} and not x86-64: trained networks and what follows from them will differ in "
            "their last digits from those of other machines, which acts as other random seeds do."
        )
    flags = _flags() if flags is None else flags
    if flags and not {"avx2", "fma"} <= set(flags):
        return (
            "This processor lacks the instructions AVX2 and FMA: trained networks and what follows from them will"
            " differ in their last digits from those of other machines, which acts as other random seeds do."
        )
    return None


def _flags() -> list[str]:
    """What the first processor can do; empty where the system does not say."""
    path = Path("/proc/cpuinfo")
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines() if path.is_file() else []
    return next((line.partition(":")[2].split() for line in lines if line.startswith("flags")), [])


if __name__ == "__main__":
    print("\n".join(f"export {name}={value}" for name, value in environment("pinned").items()))

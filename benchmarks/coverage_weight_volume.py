"""Coverage of the intervals of log-volumes where the truth is known, with seeds fixed beforehand: how many of 100 hold
it, and how wide they are.

Run it as ``python benchmarks/coverage_weight_volume.py [REPEATS]``; some minutes of two cores. Each repeat is what a
table would show: an interval from independent runs. tests/test_splitting.py holds a reduced version.
"""

import os
import sys
from concurrent.futures import ProcessPoolExecutor
from functools import partial

import measure
import numpy as np
from scipy.linalg import hadamard

from weightspace.draws import generator
from weightspace.splitting import log_share, simulate
from weightspace.weight_space.binary_weights import enumerate_weights, signed_patterns
from weightspace.weight_space.spaces import BinaryWeights, LinearUnit

RUNS = 8


def cases():
    """Name to (space, number of patterns, log10 of the true volume, particles, sweeps)."""
    correlated = np.linalg.cholesky((np.ones((50, 50)) + np.eye(50)) / 2)
    signed = signed_patterns("teacher", None, inputs=21, units=1, count=20, generator=generator(0, "coverage patterns"))
    counted = enumerate_weights(signed, signed, [20], units=1, threshold=1)[0, 0].sum()
    return {
        "linear unit, 20 orthogonal patterns, 2^-20": (LinearUnit(hadamard(32)[:20]), 20, -20 * np.log10(2), 300, 4),
        "linear unit, 50 patterns correlated at 1/2, 1/51": (LinearUnit(correlated), 50, -np.log10(51), 300, 4),
        "binary perceptron, 21 weights, 20 patterns, enumerated": (
            BinaryWeights(signed, units=1),
            20,
            np.log10(counted / 2**21),
            300,
            4,
        ),
        "linear unit, 100 orthogonal patterns, 2^-100": (
            LinearUnit(hadamard(128)[:100]),
            100,
            -100 * np.log10(2),
            400,
            6,
        ),
    }


def interval(name, repeat):
    """What one repeat would show: the interval from `RUNS` runs."""
    space, patterns, _, particles, sweeps = cases()[name]
    options = {"largest": patterns, "particles": particles, "sweeps": sweeps, "levels": 1000}
    runs = [simulate(space, **options, generator=generator(0, "coverage", name, repeat, run)) for run in range(RUNS)]
    return log_share([run.log_share[0] for run in runs]).decimal()


def main(repeats):
    rows = []
    with ProcessPoolExecutor(min(2, os.cpu_count() or 1)) as pool:
        for name, (_, _, truth, *_) in cases().items():
            estimates, low, high = np.array(list(pool.map(partial(interval, name), range(repeats)))).T
            held = int(((low <= truth) & (truth <= high)).sum())
            rows.append(
                (
                    name,
                    f"{truth:.3f}",
                    f"{estimates.mean():.3f}",
                    f"{held} of {repeats}",
                    f"{np.median(high - low):.3f}",
                )
            )
            print("; ".join(rows[-1]), flush=True)
    print(f"\nIntervals from {RUNS} runs, log10 of the volume without error; seeds of base 0\n")
    measure.print_table(("case", "truth", "mean estimate", "intervals that hold it", "median width, decades"), rows)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100)

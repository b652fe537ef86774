"""Speed of the weight space's measurements: enumeration against the matrix product that it contains, and one run of
subset simulation.

Run it as ``python benchmarks/weight_volume.py``. The enumeration counts all 2^25 binary weight vectors on 100 patterns;
the product is that of all weight vectors with the patterns in float32, in slices of 2^20. The simulation is of a
network 784-16-2 on 50 patterns of MNIST.
"""

import time

import measure
import numpy as np

from weightspace.data.hypercube import random_patterns
from weightspace.draws import generator
from weightspace.splitting import simulate
from weightspace.weight_space.binary_weights import enumerate_weights
from weightspace.weight_space.spaces import TanhNetwork
from weightspace.weight_space.volume import choose_patterns

REPETITIONS = 5
WEIGHTS, PATTERNS, SLICE = 25, 100, 20


def product():
    """The matrix product that an enumeration by matrix products contains."""
    drawn = generator(0, "benchmark")
    weights = random_patterns(2**SLICE, WEIGHTS, generator=drawn).astype(np.float32)
    patterns = random_patterns(PATTERNS, WEIGHTS, generator=drawn).astype(np.float32).T
    fields = np.empty((2**SLICE, PATTERNS), np.float32)

    def run():
        for _ in range(2 ** (WEIGHTS - SLICE)):
            np.matmul(weights, patterns, out=fields)

    return run


def main():
    measure.print_machine()
    patterns = random_patterns(PATTERNS, WEIGHTS, generator=generator(1, "benchmark"))
    functions = {
        "product": product(),
        "enumeration": lambda: enumerate_weights(patterns, patterns[:1], [PATTERNS], units=1, threshold=1),
    }
    for function in functions.values():
        function()  # compiles, and fills the caches
    seconds = measure.times_in_turns(functions, repetitions=REPETITIONS)
    rows = [
        (
            "2^25 binary weight vectors x 100 patterns",
            f"{seconds['enumeration'].mean():.3g} s",
            *measure.ratio(seconds["enumeration"], seconds["product"]),
        )
    ]
    training, held_out = choose_patterns(measure.mnist(), patterns=50, held_out=100, draw=0)
    space, volumes, times = TanhNetwork(*training, *held_out, hidden=16, classes=2, gain=1.0), [], []
    for run in range(REPETITIONS):
        start = time.process_time()
        curve = simulate(
            space, largest=50, particles=500, sweeps=5, levels=400, generator=generator(0, "benchmark", run)
        )
        times.append(time.process_time() - start)
        volumes.append(curve.log_volume[0] / np.log(10))
    rows.append(
        (
            "one run of subset simulation, 784-16-2, 50 patterns",
            f"{np.mean(times):.3g} s",
            "",
            f"{min(times):.3g} to {max(times):.3g} s",
        )
    )
    print(f"\nn = {REPETITIONS} repetitions, one thread; log10 volumes of W_e {np.round(volumes, 2).tolist()}\n")
    measure.print_table(("task", "time", "time / product", "smallest to largest"), rows)


if __name__ == "__main__":
    main()

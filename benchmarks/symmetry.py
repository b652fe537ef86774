"""Canonical forms of 2,000 weight vectors of a 784-128-10 network in units of the time to copy them; and the nearest
copy of one.

Run it as ``python benchmarks/symmetry.py``. One thread.
"""

import os

os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", MKL_NUM_THREADS="1")

import measure
import numpy as np

from weightspace.draws import generator
from weightspace.networks.weight_layers import random_layers
from weightspace.symmetry import alignment
from weightspace.symmetry.canonical import canonical_forms

VECTORS = 2000
REPETITIONS = 7
SIZES = (784, 128, 10)


def stack(count):
    """``count`` random networks, layer by layer: weights (count, out, in) and biases (count, out) float32."""
    random = generator(0, "benchmark")
    like = random_layers(SIZES, generator=random)
    return [tuple(random.standard_normal((count, *part.shape), dtype=np.float32) for part in layer) for layer in like]


def main():
    measure.print_machine()
    layers = stack(VECTORS)
    first, second = ([(weights[number], biases[number]) for weights, biases in layers] for number in (0, 1))
    out = [(weights.copy(), biases.copy()) for weights, biases in layers]
    rows = (len(layers[0][0][0]), layers[0][0][0].size + layers[1][0][0].size)
    units = np.ones((rows[0], rows[1] // rows[0] + 1))
    seconds = measure.times_in_turns(
        {
            "copying": lambda: [
                np.copyto(new, old) for pair in zip(out, layers, strict=True) for new, old in zip(*pair, strict=True)
            ],
            "canonical forms": lambda: canonical_forms(layers, out=out),
            "one product of units (128 x 795)": lambda: units @ units.T,
            "nearest copy of one network": lambda: alignment.align(first, second),
        },
        repetitions=REPETITIONS,
    )
    print(
        f"\n{VECTORS} weight vectors of {'-'.join(map(str, SIZES))}, float32, into memory that is there, n ="
        f" {REPETITIONS} repetitions in turns\n"
    )
    pairs = {"canonical forms": "copying", "nearest copy of one network": "one product of units (128 x 795)"}
    table = [(name, reference, *measure.ratio(seconds[name], seconds[reference])) for name, reference in pairs.items()]
    measure.print_table(("what", "in units of", "ratio", "smallest to largest"), table)


if __name__ == "__main__":
    main()

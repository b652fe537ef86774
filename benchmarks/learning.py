"""Learning to the certificate, in units of the matrix products that it contains, and against hopfieldkit's two classes.

Run it as ``python benchmarks/learning.py``; on one thread, as the workflow trains.
"""

import os

os.environ.update(
    dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
)  # BLAS reads them once

import measure
import numpy as np

from weightspace.memories import hopfield, quadratic_rules

MARGIN = 1
REPETITIONS = 3
EPOCHS = 20  # of hopfieldkit's perceptron where it would take too long to converge


def learn(patterns):
    """Weights, and the number of corrections that iterative learning took."""
    records = []
    weights = quadratic_rules.iterative(
        patterns, margin=MARGIN, flip_share=1, passes=5000, generator=None, on_pass=records.append
    )
    return weights, len(records) - 1


def products(patterns, corrections):
    """The two float32 matrix products of every correction: patterns by weights, and corrections by patterns."""
    left, right = patterns.astype(np.float32), np.ones((patterns.shape[1],) * 2, dtype=np.float32)
    for _ in range(corrections):
        left @ right
        left.T @ left


def compare(patterns):
    """Rows of the table for one number of patterns, and a sentence on what was learnt."""
    weights, corrections = learn(patterns)
    certificate = hopfield.certify(weights, patterns, margin=MARGIN)
    functions = {
        "the products it contains": lambda: products(patterns, corrections),
        "weightspace, iterative": lambda: learn(patterns),
        "weightspace, Hebbian": lambda: quadratic_rules.hebbian(patterns),
    }
    note = f"P = {len(patterns)}: {corrections} corrections, certified: {certificate.certified}"
    if kit := measure.peer("hopfieldkit", "hopfieldkit==0.1.0"):
        size = patterns.shape[1]
        functions["hopfieldkit, Hebbian"] = lambda: kit.HopfieldNetwork(size).fit(patterns)
        epochs = 10_000 if len(patterns) <= 100 else EPOCHS
        network = kit.PerceptronHopfieldNetwork(size, kappa=MARGIN)
        name = "hopfieldkit, perceptron" + ("" if len(patterns) <= 100 else f", {EPOCHS} epochs, not converged")
        once = measure.times_in_turns({name: lambda: network.fit(patterns, max_epochs=epochs, seed=0)}, repetitions=1)
        note += f"; hopfieldkit's perceptron: {network.n_epochs_run} epochs, converged: {network.converged}, timed once"
    else:
        once = {}
    seconds = measure.times_in_turns(functions, repetitions=REPETITIONS)
    contained, here = seconds["the products it contains"], seconds["weightspace, iterative"]
    seconds |= {name: np.repeat(times, REPETITIONS) for name, times in once.items()}
    return note, [
        (len(patterns), name, *measure.ratio(times, contained), measure.ratio(times, here)[0])
        for name, times in seconds.items()
    ]


def main():
    measure.print_machine()
    data = measure.mnist()
    notes, tables = zip(*(compare(data.train(measure.stored(data, count))) for count in (100, 500)), strict=True)
    print(
        f"\nLearning of P images of MNIST, N = 784, margin {MARGIN}, one thread, n = {REPETITIONS} repetitions in turns"
    )
    print("\n".join([*notes, ""]))
    measure.print_table(
        ("P", "learning", "time / products", "smallest to largest", "time / weightspace"),
        [row for rows in tables for row in rows],
    )


if __name__ == "__main__":
    main()

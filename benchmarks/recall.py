"""Recall of 10,000 MNIST images to convergence, in units of one float32 product of these images with the weights, on as
many threads.

Run it as ``python benchmarks/recall.py``, or with numbers of threads. Peers recall fewer images; their time is scaled
to 10,000.
"""

import os
import subprocess
import sys

import measure
import numpy as np
import torch

from weightspace.memories import quadratic_rules
from weightspace.memories.recall import recall

REPETITIONS = 7
SWEEPS = 1000
FEW = 20  # images for peers that take neuron after neuron


def torch_loop(weights, states):
    """The plain way in PyTorch: neuron after neuron for all states at once, until none changes."""
    states = states.clone()
    changed = True
    while changed:
        before = states.clone()
        for i in range(len(weights)):
            field = states @ weights[i]
            states[:, i] = torch.where(field == 0, states[:, i], torch.sign(field))
        changed = not torch.equal(states, before)
    return states


def peers(weights, states):
    """Name to (number of images, function) of what is installed. Integer weights, which their double precision holds
    exactly.
    """
    real, found = weights.astype(float), {}
    found["plain PyTorch loop"] = (
        200,
        lambda: torch_loop(torch.tensor(weights, dtype=torch.float32), torch.tensor(states[:200], dtype=torch.float32)),
    )
    if kit := measure.peer("hopfieldkit", "hopfieldkit==0.1.0"):
        network = kit.HopfieldNetwork(len(weights))
        network.weights = real
        found["hopfieldkit"] = (
            FEW,
            lambda: np.array([network.recall(state, order="sequential", max_steps=SWEEPS) for state in states[:FEW]]),
        )
    if library := measure.peer("hopfieldnetwork", "hopfieldnetwork==1.0.1"):
        asynchronous = library.HopfieldNetwork(len(weights))
        asynchronous.w = real

        def run():
            for state in states[:FEW]:
                asynchronous.set_initial_neurons_state(state.copy())
                asynchronous.update_neurons(0, "async", run_max=True)

        found["hopfieldnetwork (random order)"] = (FEW, run)
    if module := measure.peer("neurodynex3.hopfield_network.network", "neurodynex3"):
        neurodynex = module.HopfieldNetwork(len(weights))
        neurodynex.weights = real
        neurodynex.set_dynamics_sign_async()
        found["neurodynex3 (random order)"] = (FEW, lambda: [_settle(neurodynex, state) for state in states[:FEW]])
    return found


def _settle(network, state):
    """neurodynex3 runs a number of sweeps; it has no end of its own."""
    network.set_state_from_pattern(state)
    before = None
    while before is None or (network.state != before).any():
        before = network.state
        network.iterate()


def ends_here(weights, states):
    """Final states, where a tie keeps the state."""
    return recall(weights, states, sweeps=SWEEPS).states


def ends_with_ties_up(weights, states):
    """Final states where a neuron without a field becomes +1: one more neuron, held at +1 by its diagonal entry, lifts
    all others.
    """
    lifted = np.pad(2 * weights, (0, 1), constant_values=1)
    lifted[-1, -1] = 2 * len(weights)
    return recall(lifted, np.pad(states, [(0, 0), (0, 1)], constant_values=1), sweeps=SWEEPS).states[:, :-1]


def main(threads):
    torch.set_num_threads(threads)
    data = measure.mnist()
    stored, states = data.train(measure.stored(data, 100)), data.test()
    weights = quadratic_rules.iterative(stored, margin=1, flip_share=1, passes=1000, generator=None)
    single = (states.astype(np.float32), weights.astype(np.float32))
    compared = peers(weights, states)
    if "hopfieldkit" in compared:
        theirs = compared["hopfieldkit"][1]()
        same, lifted = (
            (ends(weights, states[:FEW]) == theirs).all(axis=1).sum() for ends in (ends_here, ends_with_ties_up)
        )
        print(
            f"hopfieldkit: the same final states for {same} of {FEW} images; {lifted} of {FEW} with ties to +1, as"
            " hopfieldkit has them"
        )
    ours = {
        f"weightspace, {order} order": (
            len(states),
            lambda order=order: recall(weights, states, sweeps=SWEEPS, order=order, threads=threads),
        )
        for order in ("sequential", "random", "synchronous")
    }
    everything = {"one float32 product": (len(states), lambda: single[0] @ single[1]), **ours, **compared}
    for _, function in everything.values():
        function()  # compiles, and fills the caches
    seconds = measure.times_in_turns(
        {name: function for name, (_, function) in everything.items()}, repetitions=REPETITIONS, threads=threads
    )
    scaled = {name: seconds[name] * len(states) / count for name, (count, _) in everything.items()}
    product, here = scaled["one float32 product"], scaled["weightspace, sequential order"]
    rows = [
        (name, count, *measure.ratio(scaled[name], product), measure.ratio(scaled[name], here)[0])
        for name, (count, _) in everything.items()
    ]
    outcome = recall(weights, states, sweeps=SWEEPS)
    print(
        f"\nRecall of {len(states)} test images, N = 784, P = 100 (iterative, margin 1), threads: {threads}, n ="
        f" {REPETITIONS} repetitions in turns; {outcome.flips.mean():.0f} flips and {outcome.sweeps.mean():.1f} sweeps"
        " an image\n"
    )
    measure.print_table(
        ("recall of 10,000 images", "images timed", "time / product", "smallest to largest", "time / weightspace"), rows
    )


if __name__ == "__main__":
    if len(sys.argv) == 3 and sys.argv[1] == "--here":
        main(int(sys.argv[2]))
    else:
        measure.print_machine()
        for number in sys.argv[1:] or sorted({"1", str(min(2, os.cpu_count() or 1))}):
            # BLAS takes its number of threads from the environment, once.
            limits = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), number)
            subprocess.run([sys.executable, __file__, "--here", number], env={**os.environ, **limits}, check=True)

"""Recall against plain loops over neurons, bit for bit, in every order; and against hopfieldkit as an independent
implementation.
"""

import os
import shutil
import subprocess
import sys
import tracemalloc
from pathlib import Path

import hopfieldkit
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from weightspace.draws import order_of_neurons
from weightspace.memories import hopfield, quadratic_rules
from weightspace.memories.memory import Memory
from weightspace.memories.recall import ORDERS, Dynamics, recall
from weightspace.memories.recall_kernel import GROUP
from weightspace.reruns import SCRIPTS


def random_states(seed, count, size):
    return np.random.default_rng(seed).choice(np.array([-1, 1], dtype=np.int8), (count, size))


def random_weights(seed, size, largest, *, diagonal=False):
    upper = np.triu(np.random.default_rng(seed).integers(-largest, largest + 1, (size, size)), 0 if diagonal else 1)
    return (upper + np.triu(upper, 1).T).astype(np.int32)


def plain_asynchronous(weights, state, neurons, sweeps):
    """One state, neuron after neuron, each field summed anew: (final state, settled, sweeps, flips)."""
    state, flips = state.astype(int), 0
    for sweep in range(1, sweeps + 1):
        before = flips
        for i in neurons:
            field = int((weights[i].astype(int) * state).sum())
            if field * state[i] < 0:
                state[i] = -state[i]
                flips += 1
        if flips == before:
            return state, True, sweep, flips
    return state, False, sweeps, flips


def plain_synchronous(weights, state, sweeps):
    """One state, all neurons at once: (final state, settled, sweeps, flips, whether it came back after two sweeps)."""
    states, flips = [state.astype(int)], 0
    for sweep in range(1, sweeps + 1):
        fields = weights.astype(int) @ states[-1]
        states.append(np.where(fields == 0, states[-1], np.sign(fields)))
        flips += int((states[-1] != states[-2]).sum())
        if (states[-1] == states[-2]).all():
            return states[-1], True, sweep, flips, False
        if sweep > 1 and (states[-1] == states[-3]).all():
            return states[-1], False, sweep, flips, True
    return states[-1], False, sweeps, flips, False


def check_against_plain(weights, states, order, *, seed=0, sweeps=1000):
    found = recall(weights, states, sweeps=sweeps, order=order, seed=seed)
    size = len(weights)
    neurons = {"sequential": range(size), "random": order_of_neurons(size, seed)}
    for row, state in enumerate(states):
        if order == "synchronous":
            expected = plain_synchronous(weights, state, sweeps)
        else:
            expected = (*plain_asynchronous(weights, state, neurons[order], sweeps), False)
        assert (found.states[row] == expected[0]).all()
        assert (found.settled[row], found.sweeps[row], found.flips[row], found.cycled[row]) == expected[1:]


@given(
    seed=st.integers(0, 10**6),
    size=st.one_of(st.integers(1, 20), st.sampled_from([63, 64, 65, 130])),
    largest=st.sampled_from([1, 2, 300, 10**5]),  # many ties; rows of 16 and of 32 bits
    diagonal=st.booleans(),
    order=st.sampled_from(ORDERS),
    sweeps=st.sampled_from([1, 2, 1000]),
)
@settings(max_examples=100, deadline=None)
def test_every_order_is_the_plain_one_bit_for_bit(seed, size, largest, diagonal, order, sweeps):
    check_against_plain(
        random_weights(seed, size, largest, diagonal=diagonal),
        random_states(seed, 4, size),
        order,
        seed=seed,
        sweeps=sweeps,
    )


def test_weights_at_the_edge_of_each_width():
    for largest in (2**15 // (2 * GROUP) - 1, 2**15 // (2 * GROUP), 2**30 // 40):
        weights = np.where(random_weights(3, 80, 1) >= 0, largest, -largest).astype(np.int32)
        check_against_plain(np.minimum(weights, weights.T), random_states(4, 20, 80), "sequential")


def test_fields_up_to_32_bits():
    limit = np.iinfo(np.int32).max
    weights = np.array([[0, limit], [limit, 0]], dtype=np.int32)
    states = np.array([[1, -1], [-1, 1], [-1, -1]])
    assert recall(weights, states, sweeps=9).states.tolist() == [[-1, -1], [1, 1], [-1, -1]]
    with pytest.raises(OverflowError, match="32-bit"):
        recall(np.pad(weights, (0, 1), constant_values=1), np.ones((1, 3)), sweeps=9)


def mnist_memories(patterns):
    stored = patterns.train(slice(0, 40))
    yield quadratic_rules.iterative(stored, margin=1, flip_share=1, passes=500, generator=None), "iterative"
    yield quadratic_rules.hebbian(stored), "hebbian"
    yield hopfield.quantise(quadratic_rules.pseudo_inverse(stored, diagonal=True))[0], "pseudo_inverse"


def test_mnist_memories_end_where_plain_sweeps_end(mnist_patterns):
    """150 test images at once, neuron after neuron, each field a product of its row with all states, exact in double
    precision.
    """
    states = mnist_patterns.test(slice(0, 150))
    for weights, rule in mnist_memories(mnist_patterns):
        expected, rows = states.astype(np.float64).T, weights.astype(np.float64)
        flips = 1
        while flips:
            flips = 0
            for i in range(784):
                turned = rows[i] @ expected * expected[i] < 0
                expected[i, turned] *= -1
                flips += turned.sum()
        found = recall(weights, states, sweeps=1000)
        assert found.settled.all(), rule
        assert (found.states == expected.T).all(), rule


def test_synchronous_recall_of_mnist_knows_its_cycles(mnist_patterns):
    weights, states = next(mnist_memories(mnist_patterns))[0], mnist_patterns.test(slice(0, 150))
    found = recall(weights, states, sweeps=1000, order="synchronous")
    assert (found.settled ^ found.cycled).all()
    assert 0 < found.cycled.sum() < 150
    step = lambda s: recall(weights, s, sweeps=1, order="synchronous").states  # noqa: E731
    assert ((step(found.states) != found.states).any(axis=1) == found.cycled).all()
    assert (step(step(found.states)) == found.states).all()


def test_two_neurons_that_avoid_each_other_cycle():
    found = recall(np.array([[0, -1], [-1, 0]]), np.array([[1, 1], [1, -1]]), sweeps=50, order="synchronous")
    assert found.cycled.tolist() == [True, False]
    assert found.settled.tolist() == [False, True]
    memory = Memory(
        np.array([[0, -1], [-1, 0]]),
        np.array([[1, -1]], dtype=np.int8),
        np.array([7]),
        np.arange(1),
        {},
        order="synchronous",
    )
    assert memory.predict(np.array([[1, 1], [1, -1]])).tolist() == [-1, 7]


def equal(first, second):
    return all(
        (getattr(first, name) == getattr(second, name)).all()
        for name in ("states", "settled", "sweeps", "flips", "cycled")
    )


@pytest.mark.parametrize("order", ORDERS)
def test_threads_batches_reference_and_company_change_nothing(order):
    weights, states = random_weights(5, 70, 9), random_states(6, 2345, 70)
    whole = recall(weights, states, sweeps=30, order=order, seed=3)
    for threads in (2, 3):
        assert equal(whole, recall(weights, states, sweeps=30, order=order, seed=3, threads=threads))
    alone = Dynamics(weights, order=order, seed=3, reference=random_states(7, 1, 70)[0])
    for row in (0, 999, 1000, 2344):
        assert (alone.run(states[row : row + 1], sweeps=30).states == whole.states[row]).all()


def test_orders_differ_and_seeds_give_orders():
    weights, states = random_weights(5, 70, 9), random_states(6, 200, 70)
    ends = [recall(weights, states, sweeps=100, order="random", seed=seed).states for seed in (1, 1, 2)]
    assert (ends[0] == ends[1]).all()
    assert (ends[0] != ends[2]).any()
    memory = Memory(weights, states[:3], np.arange(3), np.arange(3), {}, seed=2)
    assert (memory.recall(states, order="random").states == ends[2]).all()
    assert (memory.recall(states).states == recall(weights, states, sweeps=1000).states).all()


def test_states_are_left_as_they_are_whatever_their_layout():
    weights, states = random_weights(1, 30, 5), random_states(2, 50, 30)
    expected = recall(weights, states, sweeps=100)
    for given_states in (
        states.astype(float),
        np.asfortranarray(states),
        np.repeat(states, 2, axis=0)[::2],
        states.tolist(),
    ):
        before = np.array(given_states)
        assert equal(expected, recall(weights, given_states, sweeps=100))
        assert (np.array(given_states) == before).all()


@pytest.mark.parametrize(
    ("weights", "states", "settings", "message"),
    [
        (np.zeros((3, 3)), [[1, 0, 1]], {}, "-1 and \\+1"),
        (np.zeros((3, 3)), [[1, np.nan, 1]], {}, "-1 and \\+1"),
        (np.zeros((3, 3)), [[1, 1]], {}, "3 pixels"),
        (np.zeros((3, 3)), np.empty((0, 3)), {}, "non-empty"),
        (np.zeros((3, 3)), [1, 1, 1], {}, "shape"),
        (np.zeros((3, 3)), [[1, 1, 1]] * 1500 + [[1, 1, 3]], {"threads": 2}, "-1 and \\+1"),
        (np.triu(np.ones((3, 3))), [[1, 1, 1]], {}, "symmetric"),
        (np.zeros((3, 3)), [[1, 1, 1]], {"order": "bogus"}, "allowed: sequential, random, synchronous"),
    ],
)
def test_bad_input_is_refused(weights, states, settings, message):
    with pytest.raises(ValueError, match=message):
        recall(weights.astype(np.int32), states, sweeps=10, **settings)


def test_memory_does_not_grow_with_the_number_of_images():
    weights, states = random_weights(1, 784, 50), random_states(2, 20_000, 784)
    dynamics = Dynamics(weights, reference=states[0])
    dynamics.run(states[:1000], sweeps=2)
    tracemalloc.start()
    dynamics.run(states, sweeps=2)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < states.nbytes + 2e7  # the final states, and what a batch of 1000 needs


def test_recall_works_where_no_cache_can_be_written(tmp_path):
    package = tmp_path / "scripts" / "weightspace"
    shutil.copytree(SCRIPTS / "weightspace", package, ignore=shutil.ignore_patterns("__pycache__"))
    blocked = tmp_path / "file"
    for file in (package / "memories" / "__pycache__", blocked):
        file.touch()
    code = (
        "import numpy as np; from weightspace.memories.recall import recall; "
        "print(recall(np.array([[0, 1], [1, 0]]), [[1, -1]], sweeps=9).states.tolist())"
    )
    environment = {
        **os.environ,
        "PYTHONPATH": str(package.parent),
        "HOME": str(blocked),
        "XDG_CACHE_HOME": str(blocked),
    }
    environment.pop("NUMBA_CACHE_DIR", None)
    done = subprocess.run([sys.executable, "-B", "-c", code], capture_output=True, text=True, env=environment)
    assert done.stdout == "[[-1, -1]]\n", done.stderr
    assert not list(Path(tmp_path).rglob("*.nbi"))


# --- hopfieldkit
# ---------------------------------------------------------------------------------------


def kit(weights, network=hopfieldkit.HopfieldNetwork):
    """A hopfieldkit network with given integer weights, which its floating-point sums hold exactly."""
    made = network(len(weights))
    made.weights = weights.astype(float)
    return made


def test_hopfieldkit_ends_in_the_same_states_with_the_same_energy():
    weights = 2 * random_weights(8, 36, 20) + 1  # 35 odd terms: no field is ever 0
    np.fill_diagonal(weights, 0)
    states, network = random_states(9, 200, 36), kit(weights)
    memory = Memory(weights, states[:2], np.arange(2), np.arange(2), {}, scale=1)
    ends = memory.recall(states).states
    assert (ends == [network.recall(state, order="sequential") for state in states]).all()
    assert memory.energy(ends).tolist() == [network.energy(state) for state in ends]


def test_hopfieldkit_sends_ties_up_as_a_clamped_neuron_does_here():
    """hopfieldkit sets a neuron without a field to +1. Here it keeps its state, but for a neuron that is held at +1 and
    lifts all others.
    """
    weights, states = random_weights(10, 20, 1), random_states(11, 200, 20)
    lifted = np.pad(2 * weights, (0, 1), constant_values=1)
    lifted[-1, -1] = 100
    ends = recall(lifted, np.pad(states, [(0, 0), (0, 1)], constant_values=1), sweeps=1000).states
    expected = np.array([kit(weights).recall(state, order="sequential", max_steps=1000) for state in states])
    assert (ends[:, :-1] == expected).all()
    assert (expected != recall(weights, states, sweeps=1000).states).any()


def test_hopfieldkits_example_and_its_order_dependence():
    """Its four-unit example: in sequence the stored pattern returns, in other orders its neighbour does."""
    stored = np.array([[1, 1, 1, 1], [1, 1, -1, -1]])
    network = hopfieldkit.HopfieldNetwork(4).fit(stored)
    weights = quadratic_rules.hebbian(stored)
    assert (weights / hopfield.natural_scale(4) == network.weights).all()

    class Adapter:
        def recall(self, state, order, max_steps, seed=0):
            return recall(weights, state[None], sweeps=max_steps, order=order, seed=seed).states[0]

    start = np.array([-1, 1, -1, -1])
    theirs, ours = (
        hopfieldkit.detect_order_dependence(made, start, n_random_trials=30, seed=42) for made in (network, Adapter())
    )
    assert (ours["sequential_outcome"] == theirs["sequential_outcome"]).all()
    assert (ours["sequential_outcome"] == stored[1]).all()
    assert ours["order_dependent"]
    assert theirs["order_dependent"]


def test_hopfieldkits_perceptron_is_certified_here_where_it_converged():
    patterns = random_states(12, 12, 40)
    network = hopfieldkit.PerceptronHopfieldNetwork(40, kappa=0.51).fit(patterns, seed=1)
    weights = np.rint(network.weights * 40).astype(np.int32)
    certificate = hopfield.certify(weights, patterns, margin=0.51, scale=40)
    assert network.converged
    assert certificate.certified
    stopped = hopfieldkit.PerceptronHopfieldNetwork(40, kappa=0.51).fit(patterns, max_epochs=1, seed=1)
    assert not stopped.converged
    assert not hopfield.certify(
        np.rint(stopped.weights * 40).astype(np.int32), patterns, margin=0.51, scale=40
    ).certified
    learnt = quadratic_rules.iterative(patterns, margin=0.51, flip_share=1, passes=500, generator=None)
    assert hopfield.certify(learnt, patterns, margin=0.51).certified

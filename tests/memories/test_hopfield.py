"""The quadratic memory against definitions written out, brute force over small networks, and the real MNIST."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from weightspace.draws import stored_images
from weightspace.memories import hopfield, quadratic_rules
from weightspace.memories.memory import Memory
from weightspace.memories.recall import recall


def random_patterns(seed, count, size):
    return np.random.default_rng(seed).choice(np.array([-1, 1], dtype=np.int8), (count, size))


def random_weights(seed, size, largest):
    upper = np.triu(np.random.default_rng(seed).integers(-largest, largest + 1, (size, size)), 1)
    return (upper + upper.T).astype(np.int32)


def plain_energy(weights, state):
    """Equation 2 written out, in floating point: E = -1/2 sum_ij W_ij s_i s_j with W = M / 2N."""
    size = len(state)
    return -0.5 * sum(weights[i, j] / (2 * size) * state[i] * state[j] for i in range(size) for j in range(size))


def plain_recall(weights, state, sweeps=1000):
    """Sequential asynchronous recall, neuron by neuron, each field computed anew."""
    state = state.astype(int).copy()
    for _ in range(sweeps):
        before = state.copy()
        for i in range(len(state)):
            field = int(weights[i].astype(int) @ state)
            if field != 0:
                state[i] = 1 if field > 0 else -1
        if (state == before).all():
            return state
    return state


@given(st.integers(0, 10**6), st.integers(2, 9), st.integers(1, 5))
@settings(max_examples=50, deadline=None)
def test_hebbian_energy_and_flip_changes_follow_their_definitions(seed, size, count):
    patterns = random_patterns(seed, count, size)
    weights = quadratic_rules.hebbian(patterns)
    outer = sum(np.outer(x.astype(int), x) for x in patterns)
    assert (weights == 2 * (outer - np.diag(np.diag(outer)))).all()
    state = random_patterns(seed + 1, 1, size)
    assert hopfield.energy(weights, state)[0] == pytest.approx(plain_energy(weights, state[0]))
    for i in range(size):
        flipped = state.copy()
        flipped[0, i] *= -1
        change = plain_energy(weights, flipped[0]) - plain_energy(weights, state[0])
        assert hopfield.single_flip_changes(weights, state)[0, i] / size == pytest.approx(change)


@given(st.integers(0, 10**6), st.integers(3, 8))
@settings(max_examples=40, deadline=None)
def test_smallest_double_flip_change_is_that_of_all_pairs(seed, size):
    weights, state = random_weights(seed, size, 5), random_patterns(seed, 1, size)
    changes = []
    for i in range(size):
        for j in range(i + 1, size):
            flipped = state[0].copy()
            flipped[[i, j]] *= -1
            changes.append(plain_energy(weights, flipped) - plain_energy(weights, state[0]))
    assert hopfield.smallest_double_flip_change(weights, state)[0] / size == pytest.approx(min(changes))


@given(st.integers(0, 10**6), st.integers(2, 40), st.sampled_from([1, 2, 50]))
@settings(max_examples=60, deadline=None)
def test_recall_ends_where_plain_recall_ends_ties_included(seed, size, largest):
    weights, states = random_weights(seed, size, largest), random_patterns(seed, 20, size)
    found = recall(weights, states, sweeps=1000)
    assert found.settled.all()
    assert (found.states == np.stack([plain_recall(weights, state) for state in states])).all()
    assert (hopfield.energy(weights, found.states) <= hopfield.energy(weights, states)).all()


def test_recall_of_mnist_ends_where_plain_recall_ends(mnist_patterns):
    patterns = mnist_patterns.train(slice(0, 30))
    weights = quadratic_rules.iterative(patterns, margin=0, flip_share=1, passes=200, generator=None)
    states = mnist_patterns.test(slice(0, 12))
    assert (recall(weights, states, sweeps=1000).states == np.stack([plain_recall(weights, s) for s in states])).all()


def test_recall_marks_what_has_not_settled():
    weights, states = random_weights(1, 60, 3), random_patterns(2, 50, 60)
    cut = recall(weights, states, sweeps=1)
    assert not cut.settled.all()
    memory = Memory(weights, states[:2], np.array([3, 4]), np.arange(2), {}, sweeps=1)
    assert (memory.predict(states)[~cut.settled] == -1).all()


@pytest.mark.parametrize(("count", "margin", "share"), [(40, 1, 1), (40, 0, 1), (40, 1, 0.3), (100, 1, 1)])
def test_certificate_of_mnist_memories_agrees_with_plain_numpy(mnist_patterns, count, margin, share):
    index = stored_images(mnist_patterns.train_labels, 0)[:count]
    patterns = mnist_patterns.train(index)
    weights = quadratic_rules.iterative(
        patterns, margin=margin, flip_share=share, passes=2000, generator=np.random.default_rng(1)
    )
    certificate = hopfield.certify(weights, patterns, margin=margin)
    # Independent: real weights in double precision, and the energy of every flipped copy from its definition.
    real, size = weights / (2 * 784), 784
    assert (real == real.T).all()
    assert (np.diag(real) == 0).all()
    changes = np.empty((count, size))
    for row, pattern in enumerate(patterns.astype(float)):
        copies = np.where(np.eye(size, dtype=bool), -pattern, pattern)
        changes[row] = -0.5 * np.einsum("bi,bi->b", copies @ real, copies) + 0.5 * pattern @ real @ pattern
    assert certificate.certified
    assert changes.min() > 2 * margin
    assert certificate.delta_minimum == pytest.approx(changes.min(), abs=1e-8)


def test_iterative_learning_does_its_passes_as_defined():
    """One pass, written out with real weights: rows corrected where x_i h_i <= margin, averaged with the transpose,
    zero diagonal.
    """
    patterns, margin, size = random_patterns(3, 4, 11), 0.3, 11
    real = patterns.T.astype(float) @ patterns / size
    np.fill_diagonal(real, 0)
    violated = patterns * (patterns @ real) <= margin
    for mu, i in zip(*np.nonzero(violated), strict=True):
        real[i] += patterns[mu, i] * patterns[mu] / size
    real = (real + real.T) / 2
    np.fill_diagonal(real, 0)
    weights = quadratic_rules.iterative(patterns, margin=margin, flip_share=1, passes=1, generator=None)
    assert violated.any()
    assert np.allclose(weights / (2 * size), real)


def test_what_cannot_be_stored_is_not_certified():
    patterns = random_patterns(0, 30, 8)  # far above capacity
    weights = quadratic_rules.iterative(patterns, margin=0, flip_share=1, passes=50, generator=None)
    certificate = hopfield.certify(weights, patterns, margin=0)
    assert not certificate.certified
    assert certificate.violations > 0


@pytest.mark.parametrize(
    ("margin", "size", "expected"), [(0, 784, 0), (0.1, 784, 156), (0.3, 5, 3), (1, 784, 1568), (0.7, 10, 14)]
)
def test_margin_is_compared_without_rounding_error(margin, size, expected):
    assert hopfield.integer_margin(margin, hopfield.natural_scale(size)) == expected


def test_exact_product_refuses_what_doubles_cannot_hold():
    with pytest.raises(OverflowError, match="exact"):
        hopfield.exact_product(np.full((1, 2), 2**30, dtype=np.int64), np.full((2, 1), 2**30, dtype=np.int64))


@pytest.mark.parametrize(
    ("patterns", "message"),
    [
        ([[1, 0]], "-1 and \\+1"),
        ([[1, float("nan")]], "-1 and \\+1"),
        ([1, -1], "shape"),
        (np.empty((0, 3)), "non-empty"),
        ([[2, 1]], "-1 and \\+1"),
    ],
)
def test_patterns_that_are_none_are_refused(patterns, message):
    with pytest.raises(ValueError, match=message):
        quadratic_rules.hebbian(patterns)


def test_readouts_ties_and_spurious_states():
    patterns = np.array([[1, 1, 1, 1], [1, 1, -1, -1]], dtype=np.int8)
    memory = Memory(np.zeros((4, 4), dtype=np.int32), patterns, np.array([7, 8]), np.arange(2), {})
    states = np.array(
        [[1, 1, 1, 1], [1, 1, 1, -1], [1, -1, -1, -1]], dtype=np.int8
    )  # stored; tie; nearest is the second
    recalled = memory.recall(states)
    assert memory.read(recalled, "nearest").tolist() == [7, 7, 8]
    assert memory.read(recalled, "exact").tolist() == [7, -1, -1]
    with pytest.raises(ValueError, match="allowed: nearest, exact"):
        memory.read(recalled, "other")
    with pytest.raises(ValueError, match="4 pixels"):
        memory.predict(np.ones((1, 5)))


def test_memory_file_round_trip_is_byte_identical(tmp_path, mnist_patterns):
    patterns = mnist_patterns.train(slice(0, 5))
    memory = Memory(
        quadratic_rules.hebbian(patterns),
        patterns,
        np.arange(5),
        np.arange(5),
        {"seed": 1, "definition": {"rule": "hebbian"}},
    )
    memory.save(tmp_path / "a.safetensors")
    Memory.load(tmp_path / "a.safetensors").save(tmp_path / "b.safetensors")
    assert (tmp_path / "a.safetensors").read_bytes() == (tmp_path / "b.safetensors").read_bytes()
    assert (Memory.load(tmp_path / "a.safetensors").weights == memory.weights).all()

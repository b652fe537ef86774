"""Learning rules of quadratic memories against their definitions written out, and certificates where theory promises
them.
"""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import nnls

from weightspace.memories import hopfield, learning_rules, quadratic_rules
from weightspace.memories.memory import Memory

RULES = {
    "hebbian": {},
    "iterative": {"margin": 1, "flip_share": 1, "passes": 300},
    "storkey": {},
    "pseudo_inverse": {"diagonal": False},
    "pseudo_inverse with diagonal": {"diagonal": True},
    "krauth_mezard": {"margin": 1, "steps": 3000},
    "minimum_probability_flow": {"steps": 300},
}
every_rule = pytest.mark.parametrize("name", RULES)


def random_patterns(seed, count, size):
    return np.random.default_rng(seed).choice(np.array([-1, 1], dtype=np.int8), (count, size))


def train(name, patterns, **changes):
    definition = {"rule": name.split()[0], **RULES[name], **changes}
    numbers = np.arange(len(patterns))
    return learning_rules.train(
        patterns, numbers, numbers, definition, generator=np.random.default_rng(0), description={"seed": 3}
    )


def energy_changes(weights, pattern):
    """ΔE of every single flip of a pattern from E = -1/2 sᵀ W s, in exact fractions."""
    weights, size = [[Fraction(float(w)) for w in row] for row in weights], len(pattern)

    def energy(state):
        return -sum(weights[i][j] * state[i] * state[j] for i in range(size) for j in range(size)) / 2

    states = np.where(np.eye(size, dtype=bool), -pattern, pattern).astype(int).tolist()
    return [energy(state) - energy(pattern.astype(int).tolist()) for state in states]


@every_rule
@pytest.mark.parametrize(("count", "size"), [(2, 7), (5, 6)])
def test_certificate_is_that_of_the_definition_of_energy(name, count, size):
    patterns = random_patterns(size, count, size)
    trained = train(name, patterns)
    memory, certificate = trained.memory, trained.certificate
    changes = [energy_changes(memory.weights / memory.scale, pattern) for pattern in patterns]
    margin = RULES[name].get("margin", 0)
    violations = sum(change <= 2 * margin for row in changes for change in row)
    assert certificate.violations == violations
    assert certificate.certified == (violations == 0)
    assert certificate.delta_minimum == pytest.approx(float(min(map(min, changes))), abs=1e-12)
    real = np.where(np.eye(size, dtype=bool), 0, memory.weights / memory.scale)
    lengths = np.linalg.norm(real, axis=1)
    normalised = patterns * (patterns @ real) / np.where(lengths > 0, lengths, 1)
    assert certificate.stability_minimum == pytest.approx(normalised.min(), abs=1e-9)
    assert trained.history.violations.iloc[-1] == violations
    assert trained.history.delta_minimum.iloc[-1] == pytest.approx(certificate.delta_minimum, abs=1e-12)
    state = random_patterns(1, 1, size)
    assert memory.energy(state)[0] == pytest.approx(-0.5 * state[0] @ (memory.weights / memory.scale) @ state[0])


@every_rule
def test_weights_are_symmetric_and_have_no_diagonal_unless_asked(name):
    memory = train(name, random_patterns(0, 5, 30)).memory
    assert (memory.weights == memory.weights.T).all()
    assert (memory.weights.diagonal() != 0).all() == ("diagonal" in name)


@every_rule
def test_file_and_description(name, tmp_path):
    trained = train(name, random_patterns(0, 4, 25))
    memory = trained.memory
    definition = {"rule": name.split()[0], **RULES[name]}
    expected = {"definition": definition, "seed": 3, "certified": trained.certificate.certified, "scale": memory.scale}
    assert memory.description == expected
    memory.save(tmp_path / "a.safetensors")
    loaded = Memory.load(tmp_path / "a.safetensors", order="random", seed=4)
    loaded.save(tmp_path / "b.safetensors")
    assert (tmp_path / "a.safetensors").read_bytes() == (tmp_path / "b.safetensors").read_bytes()
    states = random_patterns(5, 20, 25)
    assert (loaded.energy(states) == memory.energy(states)).all()
    assert (loaded.recall(states, order="sequential").states == memory.recall(states).states).all()
    assert (loaded.order, loaded.seed) == ("random", 4)


# --- definitions
# ---------------------------------------------------------------------------------------


@given(st.integers(0, 10**6), st.integers(3, 9), st.integers(1, 6))
@settings(max_examples=30, deadline=None)
def test_storkey_follows_its_definition(seed, size, count):
    """w_ij += (x_i x_j - x_i h_ji - h_ij x_j) / N, h_ij the field of i without the parts of i and j."""
    weights = np.zeros((size, size))
    for x in random_patterns(seed, count, size).astype(int):
        fields = [
            [sum(weights[i, k] * x[k] for k in range(size) if k not in (i, j)) for j in range(size)]
            for i in range(size)
        ]
        step = np.array(
            [[x[i] * x[j] - x[i] * fields[j][i] - fields[i][j] * x[j] for j in range(size)] for i in range(size)]
        )
        weights = weights + np.where(np.eye(size, dtype=bool), 0, step) / size
    assert np.allclose(quadratic_rules.storkey(random_patterns(seed, count, size)), weights)


@given(st.integers(0, 10**6), st.integers(2, 12), st.integers(1, 12))
@settings(max_examples=40, deadline=None)
def test_pseudo_inverse_follows_its_definition(seed, size, count):
    """W = Xᵀ (X Xᵀ)⁻¹ X of linearly independent patterns; it stores them but for pixels whose own weight is 1."""
    patterns = random_patterns(seed, count, size)
    while np.linalg.matrix_rank(patterns.astype(float)) < len(patterns):
        patterns = patterns[:-1]
    real = patterns.astype(float)
    expected = real.T @ np.linalg.inv(real @ real.T) @ real
    found = quadratic_rules.pseudo_inverse(patterns, diagonal=True)
    assert np.allclose(found, expected)
    assert np.allclose(found @ real.T, real.T)
    for name in ("pseudo_inverse", "pseudo_inverse with diagonal"):
        trained = train(name, patterns)
        assert trained.certificate.certified == (expected.diagonal().max() < 1 - 1e-9)
        assert (trained.memory.recall(patterns).states == patterns).all()


def test_krauth_mezard_follows_its_definition():
    patterns, margin, size = random_patterns(6, 5, 11), 0.4, 11
    real = np.zeros((size, size))
    for _ in range(7):
        overlaps = patterns * (patterns @ real.T)
        corrections = np.zeros((size, size))
        for i in range(size):
            weakest = min(range(5), key=lambda mu, i=i: round(overlaps[mu, i], 9))  # the first of equals
            if overlaps[weakest, i] <= margin:
                corrections[i] = patterns[weakest, i] * patterns[weakest] / size
        assert corrections.any()
        real += corrections
        real = (real + real.T) / 2
        np.fill_diagonal(real, 0)
    found = quadratic_rules.krauth_mezard(patterns, margin=margin, steps=7)
    assert np.allclose(found / (2 * size), real)


def test_krauth_mezard_comes_near_the_best_symmetric_weights():
    """The largest min x_i h_i for weights of length 1 is the distance of the constraints' hull from 0: a non-negative
    least-squares problem.
    """
    patterns, size = random_patterns(1, 4, 12), 12
    above = np.triu_indices(size, 1)
    unit = np.zeros((len(above[0]), size, size))  # one symmetric matrix for each entry
    unit[range(len(above[0])), above[0], above[1]] = unit[range(len(above[0])), above[1], above[0]] = 1
    constraints = np.array([(patterns * (patterns @ matrix)).ravel() for matrix in unit])  # (entries, P·N)
    shares = nnls(
        np.vstack([constraints, np.full((1, constraints.shape[1]), 1e3)]), np.append(np.zeros(len(unit)), 1e3)
    )[0]
    best = np.linalg.norm(constraints @ (shares / shares.sum()))
    reached = []
    for margin in (0.1, 1, 10, 100):
        entries = quadratic_rules.krauth_mezard(patterns, margin=margin, steps=100_000)[above]
        reached.append((entries @ constraints).min() / np.linalg.norm(entries) / best)
    assert reached == sorted(reached)
    assert 0.95 < reached[-1] <= 1 + 1e-9


def flow(weights, patterns):
    """K of minimum probability flow, from energies: the sum over patterns x and single flips y of exp((E(x) - E(y)) /
    2).
    """
    total = 0
    for pattern in patterns.astype(float):
        start = -0.5 * pattern @ weights @ pattern
        for flipped in np.where(np.eye(len(pattern), dtype=bool), -pattern, pattern):
            total += math.exp((start + 0.5 * flipped @ weights @ flipped) / 2)
    return total


def test_minimum_probability_flow_is_at_its_minimum():
    patterns = random_patterns(4, 9, 5)  # cannot all be stored, so the minimum is at finite weights
    weights = quadratic_rules.minimum_probability_flow(patterns, steps=300)
    lowest = flow(weights, patterns)
    assert 1 < lowest < flow(np.zeros((5, 5)), patterns) == 45
    for i in range(5):
        for j in range(i):
            for step in (-0.05, 0.05):
                moved = weights.copy()
                moved[[i, j], [j, i]] += step
                assert flow(moved, patterns) > lowest


@given(st.integers(0, 10**6), st.integers(1, 20), st.integers(1, 30))
@settings(max_examples=60, deadline=None)
def test_history_holds_numpys_quantiles(seed, count, size):
    stabilities = np.random.default_rng(seed).integers(-500, 500, (count, size))
    found = quadratic_rules.learning_pass(4, stabilities.astype(np.float32), stabilities <= 0, scale=2 * size)
    quantiles = np.quantile(stabilities, [0, 0.05, 0.5, 0.95]) / size
    assert [found.delta_minimum, found.delta_q05, found.delta_median, found.delta_q95] == quantiles.tolist()
    assert (found.number, found.violations, found.flips) == (4, (stabilities <= 0).sum(), stabilities.size)


@given(st.integers(0, 10**6), st.integers(1, 40), st.sampled_from([1e-9, 1.0, 1e12]))
@settings(max_examples=40, deadline=None)
def test_quantised_weights_are_near_and_fit(seed, size, unit):
    real = np.random.default_rng(seed).normal(size=(size, size)) * unit
    real += real.T
    weights, scale = hopfield.quantise(real)
    assert weights.dtype == np.int32
    assert (weights == weights.T).all()
    assert np.abs(weights / scale - real).max() <= 0.5 / scale
    rows = np.abs(weights, dtype=np.int64).sum(axis=1).max()
    assert rows < 2**31
    assert rows >= 2**29 or scale == 2**40


@pytest.mark.parametrize("bad", [np.inf, np.nan])
def test_weights_without_bound_are_refused(bad):
    with pytest.raises(OverflowError, match="fewer patterns"):
        hopfield.quantise(np.array([[0, bad], [bad, 0]]))


# --- what theory promises
# ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("hebbian", 12),  # below N / (4 ln N) = 17
        ("storkey", 80),  # below N / sqrt(2 ln N) = 116
        ("pseudo_inverse", 350),  # below N
        ("iterative", 160),
        ("krauth_mezard", 100),  # below 1.28 N, of symmetric weights
        ("minimum_probability_flow", 100),
    ],
)
def test_random_patterns_below_capacity_are_certified(name, count):
    patterns = random_patterns(1, count, 400)
    trained = train(name, patterns)
    assert trained.certificate.certified
    assert (trained.memory.recall(patterns).states == patterns).all()


@pytest.mark.parametrize(
    ("name", "count"), [("hebbian", 60), ("storkey", 200), ("pseudo_inverse", 400), ("krauth_mezard", 800)]
)
def test_random_patterns_above_capacity_are_not(name, count):
    trained = train(name, random_patterns(1, count, 400), **({"steps": 100} if name == "krauth_mezard" else {}))
    assert not trained.certificate.certified
    assert trained.certificate.violations > 0


@pytest.mark.parametrize("name", ["iterative", "pseudo_inverse", "krauth_mezard", "minimum_probability_flow"])
def test_mnist_images_are_certified_and_return_from_near(mnist_patterns, name):
    patterns = mnist_patterns.train(slice(0, 20))
    trained = train(name, patterns)
    assert trained.certificate.certified
    near = np.where(np.random.default_rng(0).random(patterns.shape) < 0.02, -patterns, patterns)
    assert (trained.memory.recall(near).states == patterns).all(axis=1).mean() > 0.9


def test_minimal_overlap_is_more_stable_than_iterative_learning(mnist_patterns):
    patterns = mnist_patterns.train(slice(0, 20))
    ours, other = (train(name, patterns).certificate.stability_minimum for name in ("krauth_mezard", "iterative"))
    assert ours > 1.2 * other


# --- bad input
# ---------------------------------------------------------------------------------------


@every_rule
@pytest.mark.parametrize("bad", [[[1, 0]], [[1, math.nan]], [1, -1], np.empty((0, 3)), np.empty((3, 0)), [[2, 1]]])
def test_patterns_that_are_none_are_refused(name, bad):
    with pytest.raises(ValueError, match="patterns must"):
        train(name, bad)


HARD = {
    "duplicated": np.repeat(random_patterns(1, 2, 12), 2, axis=0),
    "complementary": np.concatenate([random_patterns(2, 2, 12), -random_patterns(2, 2, 12)]),
    "all equal": np.ones((3, 9), dtype=np.int8),
    "more than neurons": random_patterns(3, 30, 10),
    "as many as neurons": np.array([[1, 1], [1, -1]]),
    "one neuron": np.array([[1], [-1]]),
}


@every_rule
@pytest.mark.parametrize("kind", HARD)
def test_hard_patterns_are_stored_or_recorded_as_not_certified(name, kind):
    patterns = HARD[kind]
    trained = train(name, patterns)
    assert np.isfinite(trained.memory.energy(patterns)).all()
    assert np.isfinite(trained.history.to_numpy()).all()
    assert np.isfinite(list(vars(trained.certificate).values())).all()
    storable = kind in ("duplicated", "complementary", "all equal")
    assert trained.certificate.certified == storable
    assert (trained.memory.recall(patterns).states == patterns).all() or not storable


def test_weights_beyond_32_bits_are_refused():
    with pytest.raises(OverflowError, match="32-bit"):
        hopfield.as_int32(np.full((2, 2), 2.0**31))

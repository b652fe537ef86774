"""Dense associative memories against exact integer arithmetic, brute force over small networks, the quadratic memory,
and the real MNIST.
"""

import dataclasses
import functools
import itertools
import math
from decimal import Decimal, localcontext

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from weightspace.files import FileError
from weightspace.loading import load
from weightspace.memories import dense_recall, dense_training, hopfield, quadratic_rules
from weightspace.memories.dense import DenseMemory
from weightspace.memories.dense_energy import Interaction
from weightspace.memories.learning_rules import train
from weightspace.memories.recall import recall as quadratic_recall
from weightspace.model_files import write_model

EXPONENTS = [2, 3, 5, 20, 60]


def random_patterns(seed, count, size):
    return np.random.default_rng(seed).choice(np.array([-1, 1], dtype=np.int8), (count, size))


def memory_of(patterns, exponent, **options):
    """A dense memory with a polynomial energy, or an exponential one where the exponent is None."""
    interaction = Interaction("exponential") if exponent is None else Interaction("polynomial", exponent)
    nobody = np.arange(len(patterns))
    return DenseMemory(patterns, nobody, nobody, interaction, {}, **options)


@functools.cache
def values_of(exponent, size):
    """F of every overlap from -N-2 to N+2 as Python integers, so that sums are exact; the exponential times exp(N+2),
    to 80 decimals.
    """
    if exponent is not None:
        return np.array([max(z, 0) ** exponent for z in range(-size - 2, size + 3)], dtype=object)
    with localcontext() as context:
        context.prec = 100
        step = int(Decimal(1).exp() * 10**80)
    values = [10**80]
    while len(values) < 2 * size + 5:
        values.append(values[-1] * step // 10**80)
    return np.array(values, dtype=object)


def plain_energy(patterns, state, exponent):
    values, size = values_of(exponent, len(state)), len(state)
    return -sum(values[int(z) + size + 2] for z in patterns.astype(int) @ state.astype(int))


def plain_recall(patterns, state, values, order=None, sweeps=100):
    """The definition written out: for each neuron the energies of both its states, all others fixed, in exact integers;
    a tie keeps the state.
    """
    patterns, state, size = patterns.astype(int), state.astype(int).copy(), len(state)
    for _ in range(sweeps):
        before = state.copy()
        for i in range(size) if order is None else order:
            others = patterns @ state - patterns[:, i] * state[i]
            energy = {s: -values[others + patterns[:, i] * s + size + 2].sum() for s in (-1, 1)}
            if energy[-state[i]] < energy[state[i]]:
                state[i] = -state[i]
        if (state == before).all():
            break
    return state


def plain_step(patterns, state, values):
    """All neurons at once, each as in `plain_recall`."""
    size = len(state)
    return np.array([plain_recall(patterns, state, values, order=[i], sweeps=1)[i] for i in range(size)])


# --- the energy
# ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("exponent", EXPONENTS)
@pytest.mark.parametrize("size", [2, 11, 784])
def test_terms_are_exact_energy_differences(exponent, size):
    table, relative = Interaction("polynomial", exponent).terms(size)
    values, unit = values_of(exponent, size), 2 ** ((size + 1).bit_length() * exponent)
    assert not relative
    assert len(table) == 2 * size + 3
    assert table.tolist() == [
        int(values[k + 2] - values[k]) / unit for k in range(2 * size + 3)
    ]  # division of integers rounds once


def test_exponential_terms_are_relative_to_the_largest_overlap():
    table, relative = Interaction("exponential").terms(5)
    assert relative
    assert table == pytest.approx([math.exp(z + 2) - math.exp(z) for z in range(-12, 1)], rel=1e-14)
    assert Interaction("exponential").terms(4000)[0].min() == 0  # nothing near the end of the range


@given(st.integers(0, 10**6), st.integers(2, 12), st.integers(1, 6), st.sampled_from([2, 3, 7, 60, None]))
@settings(max_examples=60, deadline=None)
def test_energy_follows_its_definition(seed, size, count, exponent):
    patterns, states = random_patterns(seed, count, size), random_patterns(seed + 1, 5, size)
    memory = memory_of(patterns, exponent)
    values = values_of(exponent, size)
    exact = [plain_energy(patterns, state, exponent) for state in states]
    assert memory.energy(states) == pytest.approx(
        [float(energy / values[-3]) for energy in exact], rel=1e-12
    )  # F(N) is the unit
    scale = 0.0 if exponent is not None else 80 * math.log(10) + size + 2
    logs = [math.log(-energy) - scale if energy else -math.inf for energy in exact]
    assert memory.log_energy(states) == pytest.approx(logs, rel=1e-12, abs=1e-10)


@pytest.mark.parametrize("exponent", [*EXPONENTS, 100, None])
def test_energies_of_mnist_are_finite(mnist_patterns, exponent):
    patterns, states = mnist_patterns.train(slice(0, 30)), mnist_patterns.test(slice(0, 30))
    memory = memory_of(patterns, exponent)
    for energies in (memory.energy(patterns), memory.energy(states), memory.log_energy(states)):
        assert np.isfinite(energies).all()
    assert (memory.energy(states) < 0).all()
    assert (memory.energy(patterns) <= -1).all()
    unit = 784 if exponent is None else exponent * math.log(784)
    assert memory.log_energy(states) == pytest.approx(np.log(-memory.energy(states)) + unit, rel=1e-12)


def test_energy_of_a_state_without_overlap_is_zero():
    memory = memory_of(np.ones((1, 4)), 3)
    state = -np.ones((1, 4))
    assert memory.energy(state)[0] == 0
    assert memory.log_energy(state)[0] == -math.inf
    recalled = memory.recall(state)
    assert (recalled.states == state).all()  # every decision is a tie
    assert recalled.ties[0] == 4
    assert recalled.settled.all()


@pytest.mark.parametrize(
    ("energy", "exponent", "message"),
    [
        ("polynomial", 1, "exponent is 1; allowed for a polynomial energy: an integer of at least 2"),
        ("polynomial", 2.0, "exponent is 2.0; allowed for a polynomial energy: an integer of at least 2"),
        ("polynomial", None, "exponent is None; allowed for a polynomial energy: an integer of at least 2"),
        ("polynomial", True, "exponent is True; allowed for a polynomial energy: an integer of at least 2"),
        ("exponential", 3, "exponent is 3; an exponential energy has none"),
        ("quartic", 4, "energy is 'quartic'; allowed: polynomial, exponential"),
    ],
)
def test_interactions_that_are_none_are_refused(energy, exponent, message):
    with pytest.raises(ValueError, match=message):
        Interaction(energy, exponent)


def test_exponents_that_float64_cannot_hold_are_refused():
    memory_of(np.ones((1, 784)), 100)
    with pytest.raises(ValueError, match="exponent is 101; allowed for 784 neurons: at most 100"):
        memory_of(np.ones((1, 784)), 101)


@pytest.mark.parametrize(
    ("patterns", "message"),
    [
        (np.array([[1, 0]]), "-1 and \\+1"),
        (np.array([[1, np.nan]]), "-1 and \\+1"),
        (np.array([1, -1]), "shape"),
        (np.empty((0, 3)), "non-empty"),
        (np.array([[2, 1]]), "-1 and \\+1"),
    ],
)
def test_patterns_that_are_none_are_refused(patterns, message):
    with pytest.raises(ValueError, match=message):
        memory_of(patterns, 3)
    with pytest.raises(ValueError, match=message):
        memory_of(np.ones((1, 2)), 3).recall(patterns)


def test_states_of_the_wrong_length_are_refused():
    memory = memory_of(np.ones((1, 4)), 3)
    for use in (memory.recall, memory.energy, memory.log_energy, memory.predict):
        with pytest.raises(ValueError, match="4 pixels each, found 5"):
            use(np.ones((1, 5)))


# --- recall
# ---------------------------------------------------------------------------------------


@given(st.integers(0, 10**6), st.integers(2, 30), st.integers(1, 20), st.sampled_from([*EXPONENTS, 4, None]))
@settings(max_examples=120, deadline=None)
def test_recall_ends_where_exact_arithmetic_ends(seed, size, count, exponent):
    patterns, states = random_patterns(seed, count, size), random_patterns(seed + 1, 10, size)
    memory, values = memory_of(patterns, exponent), values_of(exponent, size)
    recalled = memory.recall(states)
    assert recalled.settled.all()
    assert (recalled.states == [plain_recall(patterns, state, values) for state in states]).all()
    assert (memory.log_energy(recalled.states) >= memory.log_energy(states) - 1e-12).all()


@pytest.mark.parametrize(
    ("count", "exponent"), [*((30, exponent) for exponent in [*EXPONENTS, None]), (300, 3), (300, 30)]
)
def test_recall_of_mnist_ends_where_exact_arithmetic_ends(mnist_patterns, count, exponent):
    patterns, states = mnist_patterns.train(slice(0, count)), mnist_patterns.test(slice(0, 4))
    values = values_of(exponent, 784)
    recalled = memory_of(patterns, exponent).recall(states)
    assert (recalled.states == [plain_recall(patterns, state, values) for state in states]).all()
    assert (recalled.flips > 0).all()


@pytest.mark.parametrize("exponent", [2, 3, 20, None])
def test_energy_never_rises_during_recall(mnist_patterns, exponent):
    memory = memory_of(mnist_patterns.train(slice(0, 50)), exponent, sweeps=1)
    states, energies = mnist_patterns.test(slice(0, 40)), []
    for _ in range(6):
        energies.append(memory.log_energy(states))
        states = memory.recall(states).states
    assert (np.diff(energies, axis=0) >= -1e-12).all()
    assert (energies[-1] > energies[0]).all()


def test_patterns_and_complements_at_exponent_two_are_the_hebbian_network(mnist_patterns):
    """F(z) + F(-z) = z², so ``E_dense = (2 E_hebb - P) / N``, where the P is that of the diagonal, P/N, that the
    Hebbian matrix leaves out.
    """
    patterns, states = mnist_patterns.train(slice(0, 12)), mnist_patterns.test(slice(0, 60))
    weights, memory = quadratic_rules.hebbian(patterns), memory_of(np.concatenate([patterns, -patterns]), 2)
    assert memory.energy(states) == pytest.approx((2 * hopfield.energy(weights, states) - 12) / 784, rel=1e-12)
    with_diagonal = -0.5 * np.einsum(
        "bn,nm,bm->b", states.astype(float), patterns.T.astype(float) @ patterns / 784, states.astype(float)
    )
    assert memory.energy(states) == pytest.approx(2 * with_diagonal / 784, rel=1e-12)
    dense, quadratic = memory.recall(states), quadratic_recall(weights, states, sweeps=1000)
    assert (dense.states == quadratic.states).all()
    assert (dense.flips == quadratic.flips).all()
    for seed in range(20):  # small networks, full of ties
        patterns, states = random_patterns(seed, 3, 8), random_patterns(seed + 100, 50, 8)
        memory = memory_of(np.concatenate([patterns, -patterns]), 2)
        assert (
            memory.recall(states).states
            == quadratic_recall(quadratic_rules.hebbian(patterns), states, sweeps=1000).states
        ).all()


def test_ties_keep_the_state_and_are_counted():
    # At neuron 0 the flip costs the first pattern F(2) - F(0) and gains the second as much.
    patterns, state = np.array([[1, -1, 1, 1], [-1, 1, 1, -1]]), np.ones((1, 4))
    for exponent in (2, 3, 60, None):
        after = memory_of(patterns, exponent, sweeps=1).recall(state)
        assert after.states[0, 0] == 1
        assert after.ties[0] == 1


def test_a_tie_of_the_largest_terms_is_broken_by_the_next():
    """Rounding would lose the third pattern's term, 10^-21 of the first's; exact cancellation does not."""
    one, two = np.ones(30, dtype=int), np.ones(30, dtype=int)
    one[1], two[[0, 2]] = -1, -1  # overlaps 28 and 26, equal terms at neuron 0
    third = np.ones(30, dtype=int)
    third[[0, *range(20, 26)]] = -1  # overlap 16, wants neuron 0 flipped
    patterns = np.array([one, two, third])
    for exponent, turned in ((60, -1), (3, -1)):
        memory = memory_of(patterns, exponent)
        first = dense_recall.recall(
            memory.patterns, memory._terms, np.ones((1, 30), dtype=np.int8), sweeps=1, order=np.array([0])
        )
        assert first.states[0, 0] == turned
        assert first.ties[0] == 0


def test_what_rounding_could_decide_is_a_tie():
    """Flipping neuron 0 costs 1 and gains 7 e^-2 + 0 e^-4 + 2 e^-6 + ..., a sum that comes as near to 1 as rounding can
    tell.
    """
    size, rest, copies = 80, 1.0, []
    while rest > 1e-14:
        copies.append(math.floor(rest * math.exp(2 * len(copies) + 2)))
        rest -= copies[-1] * math.exp(-2 * len(copies))
    place = np.arange(size)
    patterns = [np.where(place == 1, -1, 1)]  # overlaps N - 2 with the state of all +1
    for power, number in enumerate(copies, start=1):
        patterns += [
            np.where(place < 2 + power, -1, 1)
        ] * number  # overlaps 2 power + 2 less, gains e^(-2 power) as much
    for added, tie in (
        ([], True),
        (patterns[-1:], True),
        (patterns[1:2], False),
    ):  # less gained than it costs; more, by less than 1e-13; far more
        memory = memory_of(np.array(patterns + added), None)
        found = dense_recall.recall(
            memory.patterns, memory._terms, np.ones((1, size), dtype=np.int8), sweeps=1, order=np.array([0])
        )
        assert found.ties[0] == tie
        assert found.states[0, 0] == (1 if tie else -1)


def test_exponential_recall_of_states_far_from_all_patterns():
    """The largest overlap lies so far below N that exp(z - N) is nothing."""
    patterns, states = random_patterns(0, 3, 1500), random_patterns(1, 2, 1500)
    recalled = memory_of(patterns, None).recall(states)
    assert (patterns.astype(int) @ states.T).max() < 1500 - 745
    assert memory_of(patterns, None).energy(states).max() == 0
    assert (recalled.states == [plain_recall(patterns, state, values_of(None, 1500)) for state in states]).all()
    assert (recalled.flips > 500).all()


@given(st.integers(0, 10**6), st.sampled_from([2, 3, 60, None]))
@settings(max_examples=30, deadline=None)
def test_order_of_stored_patterns_and_their_copies_do_not_matter(seed, exponent):
    patterns, states = random_patterns(seed, 9, 16), random_patterns(seed + 1, 20, 16)
    expected = memory_of(patterns, exponent).recall(states)
    shuffled = np.random.default_rng(seed).permutation(patterns)
    twice = np.concatenate([shuffled, patterns])
    for other in (shuffled, twice):
        found = memory_of(other, exponent).recall(states)
        assert (found.states == expected.states).all()
        assert (found.ties == expected.ties).all()


def test_batches_and_threads_do_not_matter(mnist_patterns, monkeypatch):
    memory, states = memory_of(mnist_patterns.train(slice(0, 40)), 20), mnist_patterns.test(slice(0, 50))
    kept = states.copy()
    whole = memory.recall(states)
    monkeypatch.setattr(dense_recall, "_BATCH", 824 * 7)
    for threads in (1, 3):
        parts = dataclasses.replace(memory, threads=threads).recall(states)
        for field in dataclasses.fields(whole):
            assert (getattr(parts, field.name) == getattr(whole, field.name)).all()
    assert (states == kept).all()


@pytest.mark.parametrize("exponent", [2, 3, 20, None])
def test_random_order_is_one_seeded_order_of_the_neurons(exponent):
    patterns, states = random_patterns(0, 6, 25), random_patterns(1, 60, 25)
    memory = memory_of(patterns, exponent, seed=5)
    order = memory._neurons("random")
    values = values_of(exponent, 25)
    found = memory.recall(states, order="random").states
    assert sorted(order) == list(range(25))
    assert (found == [plain_recall(patterns, state, values, order=order) for state in states]).all()
    assert (found == dataclasses.replace(memory, order="random").recall(states).states).all()
    assert (found != memory.recall(states).states).any()
    assert (found != dataclasses.replace(memory, seed=6).recall(states, order="random").states).any()


@given(st.integers(0, 10**6), st.integers(2, 14), st.integers(1, 8), st.sampled_from([2, 3, 60, None]))
@settings(max_examples=60, deadline=None)
def test_synchronous_steps_end_in_fixed_points_or_cycles(seed, size, count, exponent):
    patterns, states = random_patterns(seed, count, size), random_patterns(seed + 1, 10, size)
    recalled, values = memory_of(patterns, exponent).recall(states, order="synchronous"), values_of(exponent, size)
    for row, state in enumerate(states.astype(int)):
        trail = [tuple(state)]
        while len(set(trail)) == len(trail):
            trail.append(tuple(plain_step(patterns, np.array(trail[-1]), values)))
        cycle = trail[trail.index(trail[-1]) : -1]
        assert tuple(recalled.states[row]) in cycle
        assert recalled.settled[row] == (len(cycle) == 1)
        assert recalled.cycled[row] == (len(cycle) > 1)
        assert recalled.sweeps[row] == len(trail) - 1 or len(cycle) > 1
        one = memory_of(patterns, exponent, sweeps=1).recall(state[None], order="synchronous").states[0]
        assert tuple(one) == trail[1]


def test_cycles_are_marked_and_not_answered():
    # Each of two neurons wants to be as the other is.
    memory = memory_of(np.array([[1, 1], [-1, -1]]), 2)
    recalled = memory.recall(np.array([[1, -1]]), order="synchronous")
    assert recalled.cycled.all()
    assert not recalled.settled.any()
    assert memory.read(recalled).tolist() == [-1]
    # Unlike a quadratic memory, this one has a cycle of four.
    patterns, start = random_patterns(7, 6, 7), random_patterns(8, 10, 7)[3:4]
    trail = [
        memory_of(patterns, 3, sweeps=sweeps).recall(start, order="synchronous").states[0].tolist()
        for sweeps in (1, 2, 3, 4, 5)
    ]
    assert trail[0] == trail[4]
    assert trail[0] not in trail[1:4]
    assert memory_of(patterns, 3).recall(start, order="synchronous").cycled.all()


def test_unknown_order_is_refused():
    with pytest.raises(ValueError, match="order is 'backwards'; allowed: sequential, random, synchronous"):
        memory_of(np.ones((1, 4)), 3).recall(np.ones((1, 4)), order="backwards")


def test_recall_marks_what_has_not_settled():
    memory, states = memory_of(random_patterns(0, 15, 60), 3, sweeps=1), random_patterns(1, 50, 60)
    cut = memory.recall(states)
    assert not cut.settled.all()
    assert (cut.sweeps == 1).all()
    assert (memory.predict(states)[~cut.settled] == -1).all()


# --- what is stored
# ---------------------------------------------------------------------------------------


@given(st.integers(0, 10**6), st.integers(3, 12), st.integers(1, 7), st.sampled_from([*EXPONENTS, None]))
@settings(max_examples=60, deadline=None)
def test_certificate_and_minima_agree_with_all_flips(seed, size, count, exponent):
    patterns = random_patterns(seed, count, size)
    memory, values = memory_of(patterns, exponent), values_of(exponent, size)

    def change(pattern, flipped):
        moved = pattern.copy()
        moved[list(flipped)] *= -1
        return plain_energy(patterns, moved, exponent) - plain_energy(patterns, pattern, exponent)

    singles = [[change(pattern, [i]) for i in range(size)] for pattern in patterns]
    doubles = [min(change(pattern, pair) for pair in itertools.combinations(range(size), 2)) for pattern in patterns]
    certificate = memory.certify()
    assert certificate.violations == sum(value <= 0 for row in singles for value in row)
    assert certificate.flips == count * size
    assert certificate.certified == (certificate.violations == 0)
    assert certificate.delta_minimum == pytest.approx(float(min(map(min, singles)) / values[-3]), rel=1e-9, abs=1e-14)
    assert math.isnan(certificate.stability_minimum)
    exact = [[float(value / values[-3]) for value in row] for row in singles]
    assert memory.single_flip_changes() == pytest.approx(np.array(exact), rel=1e-6, abs=1e-9 * np.abs(exact).max())
    margin = float(np.median(exact)) + 1e-6
    assert memory.certify(margin=margin).violations == sum(value <= margin for row in exact for value in row)
    one, two = memory.strict_minima()
    assert one.tolist() == [min(row) > 0 for row in singles]
    assert two.tolist() == [min(row) > 0 and double > 0 for row, double in zip(singles, doubles, strict=True)]


def test_large_exponents_store_mnist_and_small_ones_do_not(mnist_patterns):
    patterns = mnist_patterns.train(slice(0, 100))
    for exponent, stored in ((2, False), (3, False), (60, True), (None, True)):
        memory = memory_of(patterns, exponent)
        assert memory.certify().certified == stored
        assert (memory.recall(patterns).flips == 0).all() == stored
        assert all(found.all() == stored for found in memory.strict_minima())


def test_rule_makes_a_memory_with_history_and_file(tmp_path, mnist_patterns):
    index = np.arange(50, 90)
    labels = mnist_patterns.train_labels[index]
    for energy, exponent in (("polynomial", 30), ("exponential", None)):
        definition = {"rule": "dense", "patterns": 40, "energy": energy, "exponent": exponent}
        trained = train(mnist_patterns.train(index), labels, index, definition, generator=None, description={"seed": 3})
        trained.memory.save(tmp_path / "a.safetensors")
        loaded = load(tmp_path / "a.safetensors", sweeps=50, order="random", threads=2)
        loaded.save(tmp_path / "b.safetensors")
        assert (tmp_path / "a.safetensors").read_bytes() == (tmp_path / "b.safetensors").read_bytes()
        assert (loaded.sweeps, loaded.order, loaded.threads) == (50, "random", 2)
        assert loaded.interaction == trained.memory.interaction
        assert loaded.description | {"definition": definition, "seed": 3, "certified": True} == loaded.description
        assert (loaded.index == index).all()
        assert trained.certificate == dataclasses.replace(
            trained.memory.certify(), stability_minimum=trained.certificate.stability_minimum
        )
        row = trained.history.iloc[0]
        assert row["pass"] == 0
        assert 0 < row.delta_minimum <= row.delta_q05 <= row.delta_median <= row.delta_q95
        images = mnist_patterns.test(slice(0, 100))
        grey = np.zeros((100, 784), dtype=np.uint8)
        answers = trained.memory.answers(grey, images)
        assert set(answers) == {"nearest", "exact", "nearest_neighbour"}
        assert (answers["nearest"] == mnist_patterns.test_labels[:100]).mean() > 0.3


# --- the trained memory
# ---------------------------------------------------------------------------------------

TRAINED = {
    "rule": "trained_dense",
    "memories": 64,
    "exponent": 3,
    "temperature": 4.0,
    "deviation": 0.05,
    "epochs": 4,
    "batch_size": 50,
    "learning_rate": 0.003,
}


def plain_logits(module, image):
    """The paper's eq. 9 before the tanh, in float64: energies of all labels at -1 less those with one label at +1, over
    T^n.
    """
    memories = np.concatenate([module.visible.detach().numpy(), module.labels.detach().numpy()], axis=1).astype(float)

    def energy(labels):
        return -(np.maximum(memories @ np.concatenate([image, labels]), 0) ** module.exponent).sum()

    classes = module.labels.shape[1]
    return [
        (energy(-np.ones(classes)) - energy(2 * np.eye(classes)[label] - 1)) / module.temperature**module.exponent
        for label in range(classes)
    ]


@pytest.fixture(scope="module")
def trained_with_history(mnist_patterns):
    images, labels = mnist_patterns.train(slice(0, 20000)), mnist_patterns.train_labels[:20000]
    return dense_training.train(images, labels, TRAINED, generator=np.random.default_rng(0), description={"seed": 0})


@pytest.fixture(scope="module")
def trained(trained_with_history):
    return trained_with_history[0]


@pytest.mark.parametrize("exponent", [2, 3, 4, 11])
def test_energy_differences_and_their_gradients(exponent):
    generator = torch.Generator().manual_seed(exponent)
    overlaps = torch.randn(6, 5, generator=generator, dtype=torch.float64).requires_grad_()
    shifts = torch.randn(5, 3, generator=generator, dtype=torch.float64).requires_grad_()
    found = dense_training.EnergyDifferences.apply(overlaps, shifts, exponent)
    expected = (
        (overlaps[:, :, None] + shifts).clamp(min=0) ** exponent - overlaps[:, :, None].clamp(min=0) ** exponent
    ).sum(1)
    assert torch.allclose(found, expected)
    assert torch.autograd.gradcheck(
        lambda a, b: dense_training.EnergyDifferences.apply(a, b, exponent), (overlaps, shifts)
    )


def test_logits_are_energy_differences_of_the_label_units(trained, mnist_patterns):
    images = mnist_patterns.test(slice(0, 5))
    expected = [plain_logits(trained.module, image) for image in images.astype(float)]
    assert trained.logits(images) == pytest.approx(np.array(expected), rel=1e-3, abs=1e-3)


def test_logits_have_gradients_for_attacks(trained, mnist_patterns):
    image = torch.as_tensor(mnist_patterns.test(slice(0, 1)), dtype=torch.float32).requires_grad_()
    trained.module(image)[0, 3].backward()
    step = 0.01 * image.grad / image.grad.norm()
    before, after = (
        plain_logits(trained.module, x.detach().numpy()[0].astype(float))[3] for x in (image - step, image + step)
    )
    assert after - before == pytest.approx(0.02 * image.grad.norm().item(), rel=1e-3)


def test_short_training_learns_mnist(trained_with_history, mnist_patterns):
    trained, history = trained_with_history
    labels = mnist_patterns.test_labels[:3000]
    answers = trained.answers(np.zeros((3000, 784), dtype=np.uint8), mnist_patterns.test(slice(0, 3000)))
    assert set(answers) == {"binarised"}
    assert (answers["binarised"] != labels).mean() < 0.09
    loss, error = dense_training.evaluate(trained, mnist_patterns.test(slice(0, 3000)), labels)
    assert error == pytest.approx((answers["binarised"] != labels).mean())
    assert 0 < loss < 0.5
    assert history.columns.tolist() == ["epoch", "train_loss", "train_error"]
    assert history.epoch.tolist() == [1, 2, 3, 4]
    assert history.train_error.iloc[-1] < history.train_error.iloc[0] < 0.5


def test_weights_stay_within_one():
    settings = {**TRAINED, "learning_rate": 0.9, "temperature": 100.0}
    memory, _ = dense_training.train(
        random_patterns(0, 200, 10), np.arange(200) % 2, settings, generator=np.random.default_rng(0)
    )
    assert [weights.abs().max().item() for weights in memory.module.parameters()] == [1, 1]


def test_training_is_byte_identical_and_depends_on_the_seed(mnist_patterns, tmp_path):
    images, labels = mnist_patterns.train(slice(0, 1500)), mnist_patterns.train_labels[:1500]
    threads, state = torch.get_num_threads(), torch.get_rng_state()
    torch.set_num_threads(2)
    try:
        for name, seed in (("0", 0), ("again", 0), ("other", 1)):
            made, _ = dense_training.train(
                images, labels, TRAINED, generator=np.random.default_rng(seed), description={"seed": 0}
            )
            made.save(tmp_path / f"{name}.safetensors")
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(threads)
    assert (torch.get_rng_state() == state).all()
    assert (tmp_path / "again.safetensors").read_bytes() == (tmp_path / "0.safetensors").read_bytes()
    assert (tmp_path / "other.safetensors").read_bytes() != (tmp_path / "0.safetensors").read_bytes()


def test_trained_memory_file_round_trip(trained, mnist_patterns, tmp_path):
    trained.save(tmp_path / "a.safetensors")
    loaded = load(tmp_path / "a.safetensors")
    loaded.save(tmp_path / "b.safetensors")
    assert (tmp_path / "a.safetensors").read_bytes() == (tmp_path / "b.safetensors").read_bytes()
    images = mnist_patterns.test(slice(0, 200))
    assert (loaded.logits(images) == trained.logits(images)).all()
    assert loaded.description["definition"] == TRAINED
    with pytest.raises(ValueError, match="784 pixels each, found 4"):
        loaded.predict(np.ones((1, 4)))
    with pytest.raises(ValueError, match="-1 and \\+1"):
        loaded.predict(np.zeros((1, 784)))


def test_unknown_kind_of_model_is_refused(tmp_path):
    write_model(tmp_path / "a.safetensors", {"patterns": np.ones((1, 4))}, {"kind": "sparse_memory"})
    with pytest.raises(FileError, match="dense_memory, trained_dense_memory"):
        load(tmp_path / "a.safetensors")


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"exponent": 1}, ValueError, "exponent is 1; allowed: an integer of at least 2"),
        ({"exponent": 60, "temperature": 0.01}, FloatingPointError, "lower learning_rate or raise temperature"),
    ],
)
def test_training_that_cannot_be_done_is_refused(changes, error, message):
    patterns = random_patterns(0, 20, 10)
    with pytest.raises(error, match=message):
        dense_training.train(patterns, np.arange(20) % 2, {**TRAINED, **changes}, generator=np.random.default_rng(0))

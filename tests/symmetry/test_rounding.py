"""The bound of rounding holds against extended precision, and is small enough to tell copies from what is none."""

import numpy as np
import pytest

from weightspace.networks.weight_layers import hidden_widths, logits, random_layers
from weightspace.symmetry import equioutput, equioutput_group
from weightspace.symmetry.rounding import rounding_error


def rng(seed):
    return np.random.default_rng(seed)


def exact_outputs(layers, inputs):
    """Outputs in extended precision, 64 bits of mantissa, whose own error is a 2,000th of float64's."""
    assert np.finfo(np.longdouble).eps < 2e-19
    values = inputs.astype(np.longdouble)
    for weights, biases in layers:
        values = np.tanh(values @ weights.T.astype(np.longdouble) + biases)
    return values


def cancelling(kind):
    """Weights of which nearly all cancels in each sum, so that nothing but rounding is left of it."""
    weights = np.tile([1e6, -1e6], 50)[None].repeat(8, axis=0) + rng(5).standard_normal((8, 100))
    return [(weights.astype(kind), np.ones(8, kind)), (rng(6).standard_normal((3, 8)).astype(kind), np.ones(3, kind))]


NETWORKS = {
    "random": lambda kind: as_kind(random_layers((100, 40, 10), generator=rng(0)), kind),
    "deep": lambda kind: as_kind(random_layers((100, 20, 20, 10), generator=rng(1)), kind),
    "large weights": lambda kind: [(9 * w, b) for w, b in as_kind(random_layers((100, 30, 5), generator=rng(2)), kind)],
    "cancelling": cancelling,
}


def as_kind(layers, kind):
    return [(weights.astype(kind), biases.astype(kind)) for weights, biases in layers]


@pytest.mark.parametrize("kind", [np.float32, np.float64])
@pytest.mark.parametrize("name", NETWORKS)
def test_no_copy_is_further_from_the_exact_outputs_than_the_bound(name, kind):
    layers, inputs = NETWORKS[name](kind), rng(3).choice([-1.0, 1.0], size=(30, 100)).astype(kind)
    exact, bound = exact_outputs(layers, inputs), rounding_error(layers, inputs)
    assert (bound > 0).all()
    for seed in range(10):
        copy = equioutput_group.random_transformation(hidden_widths(layers), generator=rng(seed))
        computed = np.tanh(logits(equioutput_group.apply(copy, layers), inputs))
        assert (np.abs(computed - exact) <= bound).all()
    if name in ("random", "deep"):  # and the bound says something
        assert bound.max() < 10_000 * np.finfo(kind).eps


def test_a_copy_that_is_unequal_by_a_billionth_exceeds_the_bound(monkeypatch):
    layers, inputs = random_layers((20, 6, 3), generator=rng(0)), rng(1).choice([-1.0, 1.0], size=(10, 20))
    copies = [equioutput_group.random_transformation((6,), generator=rng(seed)) for seed in range(5)]
    apply = equioutput_group.apply

    def worst(measured):
        rows = equioutput.measure_copies(layers, measured, inputs, bounded=True)
        found = {(row["precision"], row["quantity"]): row["value"] for row in rows}
        return found["float64", "deviation_over_bound"]

    def planted(copy, own, **options):
        moved = apply(copy, own, **options)
        if copy is copies[3]:
            moved[0][1][0] += 1e-9
        return moved

    assert 0 < worst(copies) <= 1
    monkeypatch.setattr(equioutput_group, "apply", planted)
    assert worst(copies) > 100
    assert worst(copies[:3]) <= 1


def test_flipped_rectified_units_exceed_the_bound():
    rows = equioutput.measure_small(largest=3, patterns=10, generator=rng(0))
    found = {
        (row["activation"], row["transformation"], row["precision"]): row["value"]
        for row in rows
        if row["quantity"] == "deviation_over_bound"
    }
    assert max(value for (_, kind, _), value in found.items() if kind == "interchanges") <= 1
    assert found["tanh", "signs", "float64"] <= 1
    assert found["relu", "signs", "float64"] > 1e9
    assert ("relu", "scales", "float64") not in found

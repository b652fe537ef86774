"""The equioutput group, the canonical form and alignment: group laws and invariance by property, orbit minima against
every copy.
"""

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from weightspace.networks import architectures, weight_layers
from weightspace.symmetry import alignment, equioutput_group
from weightspace.symmetry.alignment import align
from weightspace.symmetry.canonical import canonical_form, canonical_forms, canonical_transformation
from weightspace.symmetry.equioutput_group import (
    apply,
    compose,
    group_order,
    identity,
    invert,
    random_transformation,
    transformations,
)

WIDTHS = st.lists(st.integers(1, 5), min_size=1, max_size=3).map(tuple)
SEEDS = st.integers(0, 2**32 - 1)
KINDS = st.sampled_from(equioutput_group.KINDS)


def rng(seed):
    return np.random.default_rng(seed)


def network(widths, seed, *, inputs=4, outputs=3, kind=np.float64):
    """Random layers with hidden layers of ``widths`` units."""
    random, sizes = rng(seed), (inputs, *widths, outputs)
    return [
        (random.standard_normal((b, a)).astype(kind), random.standard_normal(b).astype(kind))
        for a, b in itertools.pairwise(sizes)
    ]


def coarse(widths, seed, values=(-1.0, -0.0, 0.0, 1.0)):
    """Layers with few values only, hence with ties and zeros of both signs everywhere."""
    random = rng(seed)
    return [
        (random.choice(values, weights.shape), random.choice(values, biases.shape))
        for weights, biases in network(widths, seed)
    ]


def bits(layers):
    return b"".join(part.tobytes() for layer in layers for part in layer)


def copies(layers, **options):
    return (apply(element, layers) for element in transformations(weight_layers.hidden_widths(layers), **options))


# --- the group
# ---------------------------------------------------------------------------------------


@given(WIDTHS, SEEDS, st.sampled_from(["signs", "interchanges"]))
@settings(max_examples=60, deadline=None)
def test_group_laws(widths, seed, kind):
    a, b, c = (random_transformation(widths, generator=rng((seed, number)), kind=kind) for number in range(3))
    assert compose(a, compose(b, c)) == compose(compose(a, b), c)
    assert compose(a, invert(a)) == compose(invert(a), a) == identity(widths)
    assert compose(a, identity(widths)) == compose(identity(widths), a) == a
    assert invert(compose(a, b)) == compose(invert(b), invert(a))


@given(WIDTHS, SEEDS, st.sampled_from(["signs", "interchanges"]))
@settings(max_examples=60, deadline=None)
def test_action_is_a_homomorphism_bit_for_bit(widths, seed, kind):
    a, b = (random_transformation(widths, generator=rng((seed, number)), kind=kind) for number in range(2))
    layers = network(widths, seed)
    assert bits(apply(compose(a, b), layers)) == bits(apply(a, apply(b, layers)))
    assert bits(apply(invert(a), apply(a, layers))) == bits(layers)
    assert weight_layers.norm(apply(a, layers)) == pytest.approx(weight_layers.norm(layers), rel=1e-14)


@pytest.mark.parametrize("widths", [(1,), (2,), (3,), (1, 2), (2, 2), (4,)])
@pytest.mark.parametrize("kind", ["signs", "interchanges"])
def test_enumeration_has_the_order_of_the_group_and_is_closed(widths, kind):
    elements = list(transformations(widths, kind=kind))
    layers = network(widths, 1)
    images = {bits(apply(element, layers)): element for element in elements}
    assert len(images) == len(elements) == group_order(widths, kind=kind)
    assert elements[0] == identity(widths)
    for a, b in itertools.product(elements[:20], elements[-20:]):
        assert compose(a, b) in elements


def test_order_is_exact():
    assert group_order((128,)) == 2**128 * math.factorial(128)
    assert math.log10(group_order((128,))) == pytest.approx(254.1, abs=0.05)
    assert group_order((3, 2)) == (8 * 6) * (4 * 2)
    assert group_order((3, 2), kind="interchanges") == 12
    for call in (group_order, lambda widths, kind: list(transformations(widths, kind=kind))):
        with pytest.raises(ValueError, match="continuous group"):
            call((3,), kind="scales")


def test_random_elements_are_uniform():
    elements = list(transformations((2,)))
    generator, draws = rng(0), 4000
    drawn = [elements.index(random_transformation((2,), generator=generator)) for _ in range(draws)]
    counts = np.bincount(drawn, minlength=8)
    assert (
        (counts - draws / 8) ** 2 / (draws / 8)
    ).sum() < 24  # chi-square, 7 degrees of freedom: above in one seed of 900


@given(WIDTHS, SEEDS)
@settings(max_examples=60, deadline=None)
def test_outputs_are_invariant(widths, seed):
    layers, inputs = network(widths, seed), rng(seed).standard_normal((20, 4))
    before = {name: weight_layers.logits(layers, inputs, activation=function) for name, function in FUNCTIONS.items()}
    for activation, function in FUNCTIONS.items():
        moved = apply(
            random_transformation(widths, generator=rng(seed), kind=equioutput_group.symmetry_of(activation)), layers
        )
        after = weight_layers.logits(moved, inputs, activation=function)
        np.testing.assert_allclose(after, before[activation], rtol=1e-9, atol=1e-9 * np.abs(before[activation]).max())


FUNCTIONS = {"tanh": np.tanh, "relu": lambda values: np.maximum(values, 0)}


def test_sign_flips_change_a_network_that_is_not_odd():
    layers, inputs = network((5,), 0), rng(0).standard_normal((20, 4))
    flipped = apply(equioutput_group.Transformation((np.arange(5),), (-np.ones(5),)), layers)
    assert (
        np.abs(
            weight_layers.logits(flipped, inputs, activation=FUNCTIONS["relu"]) - weight_layers.logits(layers, inputs)
        ).max()
        > 0.1
    )
    with pytest.raises(ValueError, match="'relu', which is not odd"):
        equioutput_group.require_odd("relu")
    with pytest.raises(ValueError, match="activation is 'gelu'"):
        equioutput_group.require_odd("gelu")
    equioutput_group.require_odd("tanh")


@given(SEEDS, st.booleans())
@settings(max_examples=20, deadline=None)
def test_convolutional_networks_keep_their_outputs(seed, flips):
    """Two convolutions, average pooling (which is odd) and a dense head behind a flattening, in PyTorch."""
    torch.manual_seed(seed % 1000)
    module = torch.nn.Sequential(
        torch.nn.Conv2d(1, 3, 3), torch.nn.Conv2d(3, 4, 2), torch.nn.Linear(4 * 2 * 2, 5), torch.nn.Linear(5, 2)
    ).double()

    def answer(images):
        first = torch.tanh(module[0](images))
        second = torch.nn.functional.avg_pool2d(torch.tanh(module[1](first)), 2)
        return module[3](torch.tanh(module[2](second.flatten(1)))).detach().numpy()

    images = torch.randn(6, 1, 7, 7, dtype=torch.double)
    before = answer(images)
    tensors = {name: value.numpy() for name, value in module.state_dict().items()}
    layers = weight_layers.layers_of(tensors)
    assert weight_layers.hidden_widths(layers) == (3, 4, 5)
    kind = "signs" if flips else "interchanges"
    moved = apply(random_transformation((3, 4, 5), generator=rng(seed), kind=kind), layers)
    vector = torch.as_tensor(weight_layers.to_vector(moved))
    state = dict(
        zip(
            tensors,
            (torch.as_tensor(part) for layer in weight_layers.from_vector(vector.numpy(), moved) for part in layer),
            strict=True,
        )
    )
    module.load_state_dict(state)
    np.testing.assert_allclose(answer(images), before, atol=1e-12)
    found = align(layers, moved, signs=flips)
    assert found.distance < 1e-12
    assert bits(canonical_form(layers)) == bits(canonical_form(moved))


# --- layers
# ---------------------------------------------------------------------------------------


def test_layers_of_a_network_of_the_project_answer_alike():
    definition = {"architecture": "mlp", "hidden": [7, 5], "activation": "tanh"}
    module = architectures.build(definition, inputs=6, classes=3, seed=0)
    layers = weight_layers.layers_of({name: value.numpy() for name, value in module.state_dict().items()})
    inputs = rng(0).standard_normal((10, 6)).astype(np.float32)
    np.testing.assert_allclose(
        weight_layers.logits(layers, inputs), architectures.Network(module).logits(inputs), atol=1e-6
    )


def test_layers_are_taken_in_the_order_of_their_numbers():
    sizes = range(3, 16)
    tensors = {}
    for number, (a, b) in reversed(list(enumerate(itertools.pairwise(sizes)))):
        tensors |= {f"layers.{number}.weight": np.zeros((b, a)), f"layers.{number}.bias": np.zeros(b)}
    assert weight_layers.hidden_widths(weight_layers.layers_of(tensors)) == tuple(sizes)[1:-1]


def test_vector_and_layers_go_over_into_each_other():
    layers = network((3, 2), 0)
    vector = weight_layers.to_vector(layers)
    assert bits(weight_layers.from_vector(vector, layers)) == bits(layers)
    assert np.linalg.norm(vector) == pytest.approx(weight_layers.norm(layers))
    with pytest.raises(ValueError, match="has 1 entries"):
        weight_layers.from_vector(vector[:1], layers)


@pytest.mark.parametrize(
    ("tensors", "message"),
    [
        ({"a.weight": np.zeros((2, 3))}, "'a.bias' is missing"),
        (
            {"a.weight_hh": np.zeros((2, 3)), "a.weight": np.zeros((2, 3)), "a.bias": np.zeros(2)},
            "'a.weight_hh' is not expected",
        ),
        ({"a.weight": np.zeros((2, 3)), "a.bias": np.zeros(2)}, "found 1 layers"),
        (
            {"a.weight": np.zeros((2, 3)), "a.bias": np.zeros(3), "b.weight": np.zeros((2, 2)), "b.bias": np.zeros(2)},
            "layer 0 has weights",
        ),
        (
            {"a.weight": np.zeros((2, 3)), "a.bias": np.zeros(2), "b.weight": np.zeros((2, 3)), "b.bias": np.zeros(2)},
            "not a multiple",
        ),
        (
            {
                "a.weight": np.full((2, 3), np.nan),
                "a.bias": np.zeros(2),
                "b.weight": np.zeros((2, 2)),
                "b.bias": np.zeros(2),
            },
            "NaN",
        ),
    ],
)
def test_what_is_no_network_is_refused(tensors, message):
    with pytest.raises(ValueError, match=message):
        weight_layers.layers_of(tensors)


# --- canonical form
# ---------------------------------------------------------------------------------------


@given(WIDTHS, SEEDS)
@settings(max_examples=60, deadline=None)
def test_canonical_form_is_in_the_wedge_idempotent_and_equal_for_all_copies(widths, seed):
    layers = network(widths, seed)
    form = canonical_form(layers)
    for _, biases in form[:-1]:
        assert (biases > 0).all()
        assert (np.diff(biases) > 0).all()
    assert bits(canonical_form(form)) == bits(form)
    copy = apply(random_transformation(widths, generator=rng(seed)), layers)
    assert bits(canonical_form(copy)) == bits(form)
    assert bits(apply(canonical_transformation(copy), copy)) == bits(form)


@pytest.mark.parametrize("widths", [(3,), (2, 2), (4,)])
def test_generic_weights_have_one_copy_in_the_wedge(widths):
    inside = [
        copy
        for copy in copies(network(widths, 2))
        if all((np.diff(biases, prepend=0) > 0).all() for _, biases in copy[:-1])
    ]
    assert [bits(copy) for copy in inside] == [bits(canonical_form(network(widths, 2)))]


@given(st.integers(1, 5).map(lambda width: (width,)), SEEDS)
@settings(max_examples=60, deadline=None)
def test_ties_and_zeros_leave_the_form_unique(widths, seed):
    layers = coarse(widths, seed)
    form = canonical_form(layers)
    assert not any(np.signbit(part[part == 0]).any() for layer in form for part in layer)
    assert bits(canonical_form(form)) == bits(form)
    for number in range(5):
        assert bits(
            canonical_form(apply(random_transformation(widths, generator=rng((seed, number))), layers))
        ) == bits(form)


@given(st.lists(st.integers(1, 3), min_size=2, max_size=3).map(tuple), SEEDS)
@settings(max_examples=60, deadline=None)
def test_ties_below_another_layer_are_resolved_or_refused_for_all_copies_alike(widths, seed):
    layers = coarse(widths, seed)
    copy = apply(random_transformation(widths, generator=rng(seed)), layers)
    assert form_or_refusal(copy) == form_or_refusal(layers)


def form_or_refusal(layers):
    try:
        return bits(canonical_form(layers))
    except ValueError as error:
        return str(error)


def test_units_that_only_the_layer_above_could_tell_apart_are_refused():
    layers = network((2, 3), 0)
    for part in layers[0]:
        part[1] = part[0]
    with pytest.raises(ValueError, match="hidden layer 0 has units with equal biases and incoming weights"):
        canonical_form(layers)
    assert len(canonical_form(layers[1:])) == 2  # nothing is open in a single hidden layer


def test_networks_that_are_no_copies_have_different_forms():
    assert bits(canonical_form(network((3,), 0))) != bits(canonical_form(network((3,), 1)))


def test_many_forms_at_once_are_those_of_each():
    many = [network((6, 3), seed, kind=np.float32) for seed in range(5)]
    stacked = [tuple(np.stack(parts) for parts in zip(*layers, strict=True)) for layers in zip(*many, strict=True)]
    forms = canonical_forms(stacked)
    for number, layers in enumerate(many):
        assert bits([(weights[number], biases[number]) for weights, biases in forms]) == bits(canonical_form(layers))


# --- alignment
# ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("units", "seeds"), [(1, 5), (2, 10), (3, 10), (4, 5), (5, 2), (6, 1)])
@pytest.mark.parametrize("signs", [True, False])
def test_orbit_minimum_is_that_of_all_copies(units, seeds, signs):
    for seed in range(seeds):
        first, second = network((units,), seed, inputs=2, outputs=1), network((units,), seed + 100, inputs=2, outputs=1)
        every = [alignment.distance(first, copy) for copy in copies(second, kind="signs" if signs else "interchanges")]
        found = align(first, second, signs=signs)
        assert found.exact
        assert found.distance == pytest.approx(min(every), rel=1e-12)
        assert found.distance == pytest.approx(
            alignment.distance(first, apply(found.transformation, second)), rel=1e-12
        )


@given(st.integers(1, 8).map(lambda width: (width,)), SEEDS)
@settings(max_examples=60, deadline=None)
def test_orbit_distance_is_the_same_from_every_copy_and_a_metric(widths, seed):
    a, b, c = (network(widths, (seed, number)) for number in range(3))
    g, h = (random_transformation(widths, generator=rng((seed, number))) for number in range(2))
    between = align(a, b)
    assert align(apply(g, a), apply(h, b)).distance == pytest.approx(between.distance, rel=1e-9)
    assert align(b, a).angle == pytest.approx(between.angle, rel=1e-9)
    assert between.distance <= align(a, c).distance + align(c, b).distance + 1e-9
    assert align(a, apply(g, a)).distance == 0
    assert between.distance <= alignment.distance(a, b) + 1e-9


@given(st.lists(st.integers(1, 3), min_size=2, max_size=2).map(tuple), SEEDS)
@settings(max_examples=25, deadline=None)
def test_deeper_networks_have_an_upper_bound(widths, seed):
    first, second = network(widths, seed, inputs=2), network(widths, (seed, 1), inputs=2)
    found = align(first, second, restarts=2, generator=rng(seed))
    least = min(alignment.distance(first, copy) for copy in copies(second))
    assert not found.exact
    assert least - 1e-9 <= found.distance <= alignment.distance(first, second) + 1e-9
    assert bits(apply(found.transformation, second)) == bits(found.layers)


@pytest.mark.parametrize("widths", [(20,), (15, 10), (30, 30, 30)])
def test_a_disturbed_copy_is_found_again(widths):
    layers = network(widths, 0)
    moved = random_transformation(widths, generator=rng(1))
    noise = network(widths, 2)
    disturbed = [(w + 0.01 * dw, b + 0.01 * db) for (w, b), (dw, db) in zip(apply(moved, layers), noise, strict=True)]
    found = align(layers, disturbed)
    assert found.transformation == invert(moved)
    assert found.distance == pytest.approx(0.01 * weight_layers.norm(noise), rel=1e-9)


def test_angles_match_exact_arithmetic():
    """The angle between (3, 4, 0) and (4, 3, 0) has cosine 24/25; one of 1e-9 radians is not lost to rounding."""
    assert alignment.angle(
        [(np.array([[3.0]]), np.array([4.0]))], [(np.array([[4.0]]), np.array([3.0]))]
    ) == pytest.approx(math.degrees(math.acos(Fraction(24, 25))))
    tilted = alignment.angle([(np.array([[1.0]]), np.array([0.0]))], [(np.array([[1.0]]), np.array([1e-9]))])
    assert tilted == pytest.approx(math.degrees(1e-9), rel=1e-6)


def test_canonical_forms_can_be_far_apart_where_copies_are_near():
    """Two units of nearly equal bias change places: the wedge is no place to measure distance in."""
    layers = network((2,), 0)
    layers[0][1][:] = 0.5, 0.5001
    moved = [(weights.copy(), biases.copy()) for weights, biases in layers]
    moved[0][1][:] = 0.5001, 0.5
    assert align(layers, moved).distance < 2e-4
    assert alignment.distance(canonical_form(layers), canonical_form(moved)) > 1


def test_pairs_of_networks():
    many = [network((4,), seed) for seed in range(3)]
    angles = alignment.orbit_angles(many)
    assert (np.diag(angles) == 0).all()
    assert (angles == angles.T).all()
    assert angles[2, 0] == pytest.approx(align(many[2], many[0]).angle)


def test_different_shapes_are_refused():
    with pytest.raises(ValueError, match="expected the same shapes"):
        align(network((3,), 0), network((4,), 0))

"""The functions of a notebook, given what they should not be: a result, or one sentence that names the argument.

`test_anything_is_answered_or_refused` draws calls at random; WEIGHTSPACE_LONG=1 draws 2,000 of them.
"""

import inspect
import os
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch import nn

import weightspace as ws
from weightspace import notebook

LONG = bool(os.environ.get("WEIGHTSPACE_LONG"))


def signs(count, size, seed=0):
    return np.sign(np.random.default_rng(seed).normal(size=(count, size))).astype(np.int8)


@pytest.mark.parametrize("pixels", [9, 11, 12, 20])
def test_images_of_another_size_than_the_memory_are_refused(pixels):
    memory = ws.train_memory(signs(4, 10), labels=[0, 1, 2, 3], margin=0)
    with pytest.raises(ValueError, match=f"patterns have {pixels} pixels each; allowed: 10"):
        ws.count_partition(memory, signs(4, pixels), [0, 1, 2, 3])


def test_unknown_keywords_are_refused():
    patterns = signs(3, 12)
    with pytest.raises(ValueError, match="margn is no setting of the rule iterative; allowed: margin, flip_share"):
        ws.train_memory(patterns, margn=0.5)
    with pytest.raises(ValueError, match="growht is no setting of the method gradient_flips; allowed: growth"):
        ws.attack(ws.train_memory(patterns), patterns, [0, 1, 2], growht=3)


@pytest.mark.parametrize("rule", ["iterative", "dense"])
def test_a_memory_keeps_nothing_of_its_callers(rule):
    patterns, labels = signs(3, 12), np.array([4, 5, 6])
    memory = ws.train_memory(patterns, labels, rule=rule)
    patterns[:], labels[:] = 1, 0
    assert (memory.patterns == signs(3, 12)).all()
    assert memory.labels.tolist() == [4, 5, 6]


@pytest.mark.parametrize("method", ["single_flips", "gradient_flips", "score_search", "label_search"])
def test_attacks_keep_to_their_budgets_and_to_the_bits_that_there_are(method):
    # Two classes of 25 pixels: fewer than the largest budget.
    memory = ws.train_memory(signs(6, 25), [0, 1] * 3, margin=0)
    found = ws.attack(memory, memory.patterns, memory.labels, method=method)
    assert (found.flips > 0).sum() >= (0 if method == "single_flips" else 4)
    few = ws.attack(memory, memory.patterns, memory.labels, method=method, budgets=[1, 2])
    assert few.flips.max() <= 2
    assert (few.mask.sum(axis=1) == np.maximum(few.flips, 0)).all()


def test_a_memory_of_patterns_that_lie_column_by_column_comes_back(tmp_path):
    memory = ws.train_memory(signs(12, 5).T)
    memory.save(tmp_path / "memory.safetensors")
    assert ws.load(tmp_path / "memory.safetensors") == memory


@pytest.mark.parametrize("labels", [[300, 256, 0], [70000, 65536, 0]])
def test_labels_that_no_image_bears_are_never_right(labels):
    memory = ws.train_memory(signs(3, 12, 1), labels, margin=0)
    counts = ws.count_partition(memory, memory.patterns, [0, 0, 0], radii=[0, 12])
    assert counts["P_t"].tolist() == [3] * 4
    right = (memory.predict(np.array(np.meshgrid(*[[-1, 1]] * 12)).reshape(12, -1).T.astype(np.int8)) == 0).sum()
    assert counts["P_g"].tolist()[1] + 1 == right


@pytest.mark.parametrize("kind", [torch.float16, torch.bfloat16])
def test_networks_of_half_precision(kind):
    module = nn.Sequential(nn.Linear(8, 5), nn.Tanh(), nn.Linear(5, 3)).to(kind)
    patterns = signs(6, 8)
    labels = ws.as_classifier(module).predict(patterns)
    assert (ws.attack(module, patterns, labels).flips != 0).all()
    assert [weights.shape for weights, _ in ws.canonical_form(module)] == [(5, 8), (3, 5)]
    assert ws.distance(module, module) == 0


def test_a_copy_has_no_barrier_and_another_network_has_one():
    torch.manual_seed(0)
    first, second, copy = (nn.Sequential(nn.Linear(8, 5), nn.Tanh(), nn.Linear(5, 3)).double() for _ in range(3))
    with torch.no_grad():
        for module in (first, second):
            module[0].weight *= 4
            module[2].weight *= 4
        copy[0].weight[:], copy[0].bias[:] = -first[0].weight[[2, 0, 1, 4, 3]], -first[0].bias[[2, 0, 1, 4, 3]]
        copy[2].weight[:], copy[2].bias[:] = -first[2].weight[:, [2, 0, 1, 4, 3]], first[2].bias
    images = signs(40, 8)
    labels = ws.as_classifier(first).predict(images)
    alike = ws.barrier(first, copy, images, labels)
    assert max(alike.values()) < 1e-12
    other = ws.barrier(first, second, images, labels)
    assert other["distance"] == ws.distance(first, second) == ws.align(first, second).distance > 1
    with pytest.raises(ValueError, match=r"^labels holds 7; allowed: integers from 0 to 2$"):
        ws.barrier(first, copy, images, np.where(labels == 0, 7, labels))
    with pytest.raises(ValueError, match=r"^images must hold finite numbers, found nan$"):
        ws.barrier(first, copy, np.full((2, 8), np.nan), [0, 1])


def test_a_network_with_a_skip_connection_gets_one_sentence():
    class Residual(nn.Module):
        def __init__(self):
            super().__init__()
            self.first, self.second = nn.Linear(8, 8), nn.Linear(8, 3)

        def forward(self, images):
            return self.second(images + torch.tanh(self.first(images)))

    with pytest.raises(
        ValueError, match=r"^first is a Residual whose outputs change where .* without skip connections$"
    ):
        ws.barrier(Residual(), Residual(), signs(4, 8), [0, 1, 2, 0])


def test_one_image_is_said_to_be_one():
    memory = ws.train_memory(signs(3, 12))
    module = nn.Sequential(nn.Linear(12, 5), nn.Tanh(), nn.Linear(5, 3))
    for classifier in (memory, ws.as_classifier(module)):
        with pytest.raises(ValueError, match=r"shape \(12,\).* one .*\[None\]"):
            inspect.unwrap(type(classifier).predict)(classifier, signs(1, 12)[0])
        with pytest.raises(ValueError, match=r"patterns is one vector of 12 values.*patterns\[None\]"):
            ws.attack(classifier, signs(1, 12)[0], [0])


def test_a_network_that_gives_nan_is_named():
    module = nn.Sequential(nn.Linear(8, 5), nn.Tanh(), nn.Linear(5, 3))
    with torch.no_grad():
        module[0].weight[0, 0] = torch.nan
    with pytest.raises(ValueError, match="a network gives NaN for 4 of 4 images"):
        ws.as_classifier(module).predict(signs(4, 8))
    for function in (ws.canonical_form, lambda network: ws.distance(network, network)):
        with pytest.raises(ValueError, match=r"(network|first) is a Sequential, .* holds NaN"):
            function(module)


class _Changes:
    """Answers rightly, and changes what it is given."""

    def predict(self, patterns):
        patterns[:] = 1
        return np.zeros(len(patterns), dtype=int)


def test_what_a_model_does_to_its_patterns_stays_with_it():
    patterns = signs(3, 6)
    ws.attack(_Changes(), patterns, [0, 0, 0], method="label_search")
    ws.count_partition(_Changes(), patterns, [0, 0, 0])
    assert (patterns == signs(3, 6)).all()


# --- calls drawn at random
# ---------------------------------------------------------------------------------------

ARRAYS = [
    signs(3, 6),
    signs(3, 6).astype(float),
    signs(6, 3).T,
    signs(3, 6)[:, ::-1],
    signs(3, 7),
    signs(2, 6),
    signs(1, 6)[0],
    np.zeros((3, 6)),
    np.full((3, 6), np.nan),
    np.empty((0, 6)),
    np.empty((3, 0)),
    np.ones((2, 3, 6)),
    np.array([["a"] * 6] * 3),
    np.array([[None] * 6] * 3),
    torch.ones(3, 6),
    signs(3, 6).tolist(),
    [[1, -1], [1]],
]
LABELS = [[0, 1, 2], np.array([2, 0, 1], dtype=np.uint8), torch.tensor([0, 1, 1]), [0, 0, 300], [5, 5, 5], [True] * 3]
ODD = [None, True, 0, 1, -1, 3, 2.5, np.nan, np.inf, 10**30, 1j, "", "text", b"x", (), [], [1, 1], [2, 1], [-1], [0.5]]
ODD += [[1, 2], [0], [[1]], {}, {"steps": [1]}, {"steps": [1], "steepness": [0]}, object(), np.float32(1), np.int64(2)]
ODD += [np.array(3), range(2), {1, 2}, SimpleNamespace(predict=1), float, *ARRAYS, *LABELS]


def _models():
    """Models that answer patterns of six pixels, and others."""
    memory, dense = ws.train_memory(signs(3, 6)), ws.train_memory(signs(3, 6), [0, 2, 2], rule="dense")
    networks = [nn.Sequential(nn.Linear(6, 4), between, nn.Linear(4, 3)) for between in (nn.Tanh(), nn.ReLU())]
    first = SimpleNamespace(predict=lambda rows: rows[:, 0] > 0, scores=lambda rows: rows[:, :2] * 1.0)
    far = SimpleNamespace(predict=lambda rows: np.full(len(rows), 7), scores=lambda rows: rows[:, :2] * 1.0)
    answers = [np.zeros(1), [0], np.nan, "no", None]
    wrong = [SimpleNamespace(predict=lambda rows, answer=answer: answer) for answer in answers]
    others = [_Changes(), nn.Linear(6, 2), nn.Conv2d(1, 2, 2), nn.LSTM(6, 3), nn.Linear(9, 2)]
    return [memory, dense, *networks, first] * 3 + [far, *wrong, *others], [*networks, *networks, *others, memory]


MODELS, NETWORKS = _models()
# What mostly is given, mostly right.
SETTINGS = {"margin": [0, 0.5], "flip_share": [1, 0.5], "passes": [3], "diagonal": [True], "steps": [2]}
SETTINGS |= {"energy": ["polynomial"], "exponent": [2, 3], "growth": [0.125], "lookahead": [0, 2], "queries": [3]}
SETTINGS |= {"surrogates": [{"steps": [0, 1], "steepness": [2]}], "pool": [2], "starts": [1, 2], "walk": [2]}
SETTINGS |= {"file": ["nowhere.py"], "function": ["f"]}
USUAL = SETTINGS | {
    "patterns": [signs(3, 6)] * 20 + ARRAYS,
    "labels": [[0, 1, 2]] * 6 + LABELS,
    "seed": [0, 1],
    "rule": list(notebook.RULE_SETTINGS),
    "method": list(notebook.ATTACK_SETTINGS),
    "budgets": [None, [1], [1, 2, 6]],
    "radii": [[0], [1, 2]],
    "trained": [None, [True, False, True]],
    "largest": [6, 20],
    "shape": [None, None, (6,), (1, 2, 3)],
    "order": ["sequential", "random", "synchronous"],
    "images": [signs(3, 6), signs(3, 6) / 2, signs(3, 8)],
    "loss": ["rms", "cross_entropy"],
    "points": [1, 4],
    "chains": [3],
    "steps": [3],
    "settling": [0, 2],
    "path": ["nowhere.safetensors", __file__],
    "sweeps": [1, 10],
    "threads": [1, 2],
}
USUAL |= dict.fromkeys(("classifier", "model"), MODELS) | dict.fromkeys(("network", "first", "second"), NETWORKS)
FUNCTIONS = {
    "train_memory": (["patterns", "rule"], ["labels", "seed"]),
    "attack": (["classifier", "patterns", "labels", "method"], ["budgets", "seed"]),
    "count_partition": (["classifier", "patterns", "labels"], ["radii", "trained", "largest"]),
    "canonical_form": (["network"], ["shape"]),
    "distance": (["first", "second"], ["shape"]),
    "align": (["first", "second"], ["shape"]),
    "barrier": (["first", "second", "images", "labels"], ["loss", "points", "shape"]),
    "local_learning_coefficient": (["network", "images", "labels", "chains", "steps", "settling"], ["loss", "seed"]),
    "as_classifier": (["model"], ["shape"]),
    "load": (["path"], ["sweeps", "order", "threads"]),
}
OWN_SETTINGS = {"train_memory": ("rule", notebook.RULE_SETTINGS), "attack": ("method", notebook.ATTACK_SETTINGS)}


@st.composite
def calls(draw):
    """A public function with arguments, of which at most two are odd ones."""
    name = draw(st.sampled_from(sorted(FUNCTIONS)))
    needed, further = FUNCTIONS[name]
    chosen = {key: draw(st.sampled_from(USUAL[key])) for key in needed}
    further = draw(st.lists(st.sampled_from(further), unique=True))
    if name in OWN_SETTINGS:
        which, settings_of = OWN_SETTINGS[name]
        of_it = list(settings_of[chosen[which]])
        further += draw(st.lists(st.sampled_from(of_it), unique=True)) if of_it else []
    chosen |= {key: draw(st.sampled_from(USUAL[key])) for key in further}
    odd = draw(
        st.lists(
            st.sampled_from([*chosen, *SETTINGS] if name in OWN_SETTINGS else list(chosen)), unique=True, max_size=2
        )
    )
    return name, chosen | {key: draw(st.sampled_from(ODD)) for key in odd}


def refused(name, given_arguments):
    """What a call is refused with, None where it is answered."""
    function = inspect.unwrap(getattr(ws, name))  # users have no check of annotations around it
    try:
        function(**given_arguments)
    except (ValueError, TypeError) as error:
        return str(error)
    return None


@given(calls())
@settings(
    max_examples=2000 if LONG else 60,
    deadline=None,
    derandomize=not LONG,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
def test_anything_is_answered_or_refused(call):
    name, given_arguments = call
    before = {key: np.array(value) for key, value in given_arguments.items() if isinstance(value, np.ndarray)}
    refusal = refused(name, given_arguments)
    if refusal is not None:
        words = {*given_arguments, "classifier", *(str(given_arguments.get(key, key)) for key in ("path", "file"))}
        assert any(word in refusal for word in words), refusal
        assert len(refusal) < 500
        assert refusal.isprintable()
    for key, value in before.items():
        np.testing.assert_array_equal(given_arguments[key], value)

"""Figure 1: every weight, rest state and basin of six neurons."""

import numpy as np
from figure_data import TWO, WITH_SPURIOUS, drawn_texts, small_network

from weightspace.figures import style
from weightspace.figures.hopfield_network import draw_hopfield_network


def test_network_shows_every_weight_and_basin(tmp_path):
    data = small_network(TWO)
    found = drawn_texts(draw_hopfield_network(data), tmp_path)
    weights = data["weights"][np.triu_indices(6, 1)] / 12
    assert sorted(text for text in found if text in ("+0.33", "−0.33")) == sorted(
        style.signed(weight) for weight in weights if weight
    )
    assert [text for text in found if text == "16"] == ["16"] * 4  # four rest states share the 64 states
    assert {"stored 0", "stored 1", "complement of 0", "complement of 1"} <= set(found)


def test_network_labels_each_pair_of_neurons_once(tmp_path):
    weights = np.zeros((6, 6), int)
    weights[np.triu_indices(6, 1)] = np.arange(-7, 8) * 12
    found = drawn_texts(draw_hopfield_network(small_network(TWO) | {"weights": weights + weights.T}), tmp_path)
    assert sorted(text for text in found if text[0] in "+−") == sorted(
        style.signed(weight) for weight in range(-7, 8) if weight
    )


def test_network_names_spurious_states(tmp_path):
    data = small_network(WITH_SPURIOUS)
    assert (data["kind"] == 2).any()
    assert "spurious" in drawn_texts(draw_hopfield_network(data), tmp_path)


def test_network_without_weights_rests_everywhere(tmp_path):
    nothing = {
        "weights": np.zeros((6, 6), int),
        "energy": np.zeros(64),
        "target": np.arange(64),
        "kind": np.full(64, 2, np.int8),
    }
    data = small_network(TWO[:1]) | nothing
    assert any("and 56 more" in text for text in drawn_texts(draw_hopfield_network(data), tmp_path))

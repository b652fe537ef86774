"""Made-up data of figures, which the tests of several of them draw, and the texts of what was drawn."""

import itertools
from xml.etree import ElementTree

import numpy as np
import pandas as pd

from weightspace.figures import style


def landscape(**changes):
    values = np.linspace(-1 / 3, 4 / 3, 11)  # holds 0 and 1 to rounding
    values[2], values[8] = 0, 1
    u, v = np.meshgrid(values, values, indexing="ij")
    before, after = -100 - 20 * u + 60 * v**2, -60 + 90 * np.abs(u * (u - 1)) + 30 * np.abs(v)
    stored = np.array([[0, 0], [1, 0], [0, 1]])
    places = [[2, 8, 2], [2, 2, 8]]
    images = np.where(np.arange(3 * 36).reshape(3, 6, 6) % np.array([2, 3, 5])[:, None, None], 1, -1)
    data = {
        "u": values,
        "v": values,
        "before": before,
        "after": after,
        "stored": stored,
        "labels": np.array([0, 3, 7]),
        "margin": np.array(1),
        "energy_before": before[*places],
        "energy_after": after[*places],
        "hamming_u": np.array(155),
        "hamming_v": np.array(197),
        "images": images,
        "memory": np.array("iterative_40_margin_1"),
        "seed": np.array(0),
    }
    return data | changes


def descent():
    a, b = np.linspace(-12, 3, 9), np.linspace(-3, 5, 7)
    time = np.linspace(0, 1, 20)
    path = np.column_stack([-10 * (1 - time), 4 * np.sin(np.pi * time)])
    loss = 0.2 + 0.006 * a[:, None] ** 2 + 0.01 * b**2
    falling = 0.9 * np.exp(-3 * time) + 0.15
    return {
        "a": a,
        "b": b,
        "loss": loss,
        "path": path,
        "path_loss": falling,
        "plane_loss": falling - 0.03,
        "step": np.arange(0, 2000, 100),
        "explained": np.array([0.9, 0.05]),
        "images": np.array(2000),
        "network": np.array("tanh_mlp"),
        "seed": np.array(0),
    }


def small_network(patterns):
    """Hebbian weights of six neurons and where all their 64 states end; everything by its definition."""
    patterns = np.asarray(patterns, np.int8).reshape(-1, 6)
    weights = 2 * patterns.astype(int).T @ patterns
    np.fill_diagonal(weights, 0)
    states = np.array(list(itertools.product((-1, 1), repeat=6)), np.int8)
    ends = np.array([settle(weights, state) for state in states])
    target = np.array([int(np.flatnonzero((states == end).all(axis=1))[0]) for end in ends])
    kind = np.full(len(states), 2, np.int8)
    for number, signs in ((1, -1), (0, 1)):
        kind[(ends[:, None] == signs * patterns).all(axis=2).any(axis=1)] = number
    energy = -0.5 * np.einsum("si,ij,sj->s", states.astype(float), weights / 12, states)
    labels = np.arange(len(patterns))
    return {
        "weights": weights,
        "scale": np.array(12.0),
        "patterns": patterns,
        "labels": labels,
        "states": states,
        "energy": energy,
        "target": target,
        "kind": kind,
        "shape": np.array([3, 2]),
        "seed": np.array(0),
    }


def settle(weights, state):
    state = state.astype(int)
    while True:
        before = state.copy()
        for neuron, row in enumerate(weights):
            state[neuron] = np.sign(row @ state) or state[neuron]
        if (state == before).all():
            return state


TWO = [[1, 1, -1, -1, 1, 1], [1, -1, 1, -1, 1, -1]]


WITH_SPURIOUS = [[-1, 1, 1, -1, 1, 1], [1, 1, 1, -1, -1, 1], [-1, -1, -1, -1, -1, -1]]


def history(*, passes=(6, 4, 5), violations=(40, 20, 9, 3, 1, 0)):
    rows = [
        {
            "pass": step,
            "seed": seed,
            "violations": violations[step] if step < last - 1 else 0,
            "flips": 400,
            "delta_minimum": 2.1 - 5 / (step + 1) + seed,
            "delta_q05": 4 - 3 / (step + 1),
            "delta_median": 9 + seed,
            "delta_q95": 22,
        }
        for seed, last in enumerate(passes)
        for step in range(last)
    ]
    return pd.DataFrame(rows)


def examples():
    rng = np.random.default_rng(0)
    clean = rng.integers(0, 256, (3, 36)).astype(np.uint8)
    adversarial = np.clip(clean.astype(int) + rng.choice([-51, 51], clean.shape), 0, 255).astype(np.uint8)
    bits, broken = (np.where(image > 127, 1, -1).astype(np.int8) for image in (clean, adversarial))
    answers = {
        "network_clean": [5, 4, 1],
        "network_adversarial": [3, 8, 4],
        "network_clean_bits": [5, 4, 1],
        "network_adversarial_bits": [5, 9, 1],
        "memory_clean": [5, -1, 1],
        "memory_adversarial": [-1, -1, 1],
    }
    images = {
        "clean": clean,
        "adversarial": adversarial,
        "clean_bits": bits,
        "adversarial_bits": broken,
        "recalled_clean": bits,
        "recalled_adversarial": broken,
    }
    names = {
        "attack": np.array("pgd"),
        "network": np.array("tanh_mlp_grey"),
        "memory": np.array("iterative_40_margin_1"),
    }
    numbers = {
        "label": np.array([5, 4, 1]),
        "flipped_bits": (bits != broken).sum(axis=1),
        "budget": np.array(0.2),
        "shape": np.array([4, 9]),
        "seed": np.array(0),
    }
    return numbers | images | names | {name: np.array(given) for name, given in answers.items()}


PAPER = {"network": "tanh_mlp_grey", "attack": "pgd", "budget": 0.2}


def paper_table():
    quantities = {
        "adversarial": 0.7,
        "clean": 0.67,
        "network_binarised": 0.1,
        "nearest_neighbour_adversarial": 0.41,
        "nearest_neighbour_clean": 0.4,
        "difference": 0.03,
    }
    memories = ("hebbian_40", "iterative_40_margin_0", "iterative_40_margin_1")
    rows = [
        PAPER
        | {
            "memory": memory,
            "rule": memory.split("_")[0],
            "patterns": 40,
            "margin": 0,
            "source": source,
            "readout": readout,
            "quantity": quantity,
        }
        | {
            "estimate": estimate * (source == "test"),
            "low": estimate - 0.02,
            "high": estimate + 0.02,
            "n": 400,
            "seeds": 10,
        }
        for memory in memories
        for source in ("test", "stored")
        for readout in ("nearest", "exact")
        for quantity, estimate in quantities.items()
    ]
    return pd.DataFrame(rows)


def texts(svg_path):
    return [
        " ".join("".join(node.itertext()).split())
        for node in ElementTree.parse(svg_path).iter("{http://www.w3.org/2000/svg}text")
    ]


def drawn_texts(figure, folder):
    style.save(figure, folder / "figure.svg", folder / "figure.png")
    return texts(folder / "figure.svg")

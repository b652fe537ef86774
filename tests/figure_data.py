"""Made-up data of figures, which the tests of several of them draw."""

import numpy as np


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

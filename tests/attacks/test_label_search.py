"""The attack that sees labels only."""

import numpy as np
import torch
from small_models import SIZE, greedy, linear, rng
from torch import nn

from weightspace.attacks import flips
from weightspace.attacks.label_search import label_search
from weightspace.data.hypercube import random_patterns


def test_a_masked_gradient_finds_nothing_and_the_label_search_does():
    module, predict, images, labels, _ = linear(4)

    class Masked(nn.Module):
        def forward(self, inputs):
            return torch.sign(module(inputs)) + 0 * inputs.sum(1, keepdim=True)

    masked = greedy(Masked(), predict, images, labels)
    searched = label_search(
        predict, images, labels, random_patterns(30, SIZE, generator=rng(1)), starts=2, walk=20, generator=rng()
    )
    assert (masked.flips == flips.NOT_FOUND).all()
    assert (searched.flips > 0).all()


def test_nothing_is_found_where_a_model_gives_one_answer_only():
    images = random_patterns(5, SIZE, generator=rng())
    labels = np.zeros(5, dtype=np.int64)
    found = label_search(
        lambda patterns: np.zeros(len(patterns), dtype=np.int64),
        images,
        labels,
        images,
        starts=1,
        walk=1,
        generator=rng(),
    )
    assert (found.flips == flips.NOT_FOUND).all()
    assert not found.mask.any()

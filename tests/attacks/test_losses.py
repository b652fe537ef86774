"""Losses against values by hand."""

import pytest
import torch

from weightspace.attacks import losses


def test_the_ratio_of_logits_is_the_papers_and_blind_to_their_scale():
    logits, labels = torch.tensor([[3.0, 1.0, -1.0, 0.0], [0.0, 5.0, 1.0, 2.0]]), torch.tensor([0, 3])
    ratios = losses.difference_of_logits_ratio(logits, labels).tolist()
    assert ratios == pytest.approx([-(3 - 1) / (3 - 0), -(2 - 5) / (5 - 1)])
    assert losses.difference_of_logits_ratio(7 * logits, labels).tolist() == pytest.approx(ratios)


def test_of_two_classes_the_ratio_would_be_constant_and_is_the_margin():
    logits, labels = torch.tensor([[3.0, 1.0], [0.0, 5.0]], requires_grad=True), torch.tensor([0, 0])
    ratios = losses.difference_of_logits_ratio(logits, labels)
    assert ratios.tolist() == [-2, 5]
    assert (torch.autograd.grad(ratios.sum(), logits)[0] != 0).all()


def test_margins_are_above_zero_where_an_image_is_misclassified():
    logits = torch.tensor([[3.0, 1.0, -1.0], [0.0, 5.0, 1.0]])
    assert losses.margins(logits, torch.tensor([0, 2])).tolist() == [-2, 4]

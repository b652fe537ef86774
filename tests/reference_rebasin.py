"""Weight matching as others do it, written from the paper alone: the peer of `weightspace.symmetry.alignment`.

Ainsworth, Hayase & Srinivasa, "Git Re-Basin" (2023), algorithm 1: permutations only, layers in a random order, each by
the linear assignment that its neighbours leave, until nothing improves. Takes and gives lists of weights (out, in) and
biases (out,); knows nothing of the project.
"""

import numpy as np
from scipy.optimize import linear_sum_assignment


def weight_matching(first, second, seed=0):
    """``second`` with the units of its hidden layers in the order that matches those of ``first``."""
    random, hidden = np.random.default_rng(seed), len(first) - 1
    orders = [np.arange(len(biases)) for _, biases in second[:-1]]
    improved = True
    while improved:
        improved = False
        for layer in random.permutation(hidden):
            (ours, our_bias), (following, _) = first[layer], first[layer + 1]
            (theirs, their_bias), (theirs_following, _) = second[layer], second[layer + 1]
            if layer:
                theirs = theirs[:, orders[layer - 1]]
            if layer + 1 < hidden:
                theirs_following = theirs_following[orders[layer + 1]]
            gain = ours @ theirs.T + np.outer(our_bias, their_bias) + following.T @ theirs_following
            order = linear_sum_assignment(gain, maximize=True)[1]
            rows = np.arange(len(order))
            if gain[rows, order].sum() > gain[rows, orders[layer]].sum() + 1e-12:
                orders[layer], improved = order, True
    moved = []
    for layer, (weights, biases) in enumerate(second):
        if layer:
            weights = weights[:, orders[layer - 1]]
        if layer < hidden:
            weights, biases = weights[orders[layer]], biases[orders[layer]]
        moved.append((weights, biases))
    return moved

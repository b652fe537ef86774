"""A network's answers to all 2^N patterns, straight from the counter.

The first layer of a fully connected network is a sum over pixels, so over all patterns it is a sum of two table rows:
one for the high bits of the pattern's number, one for the low bits. No bits are unpacked and no product with them is
computed.
"""

import copy

import numpy as np
import torch

from weightspace.compiled import compiled
from weightspace.data.hypercube import blocks, patterns_of
from weightspace.networks.architectures import MultilayerPerceptron

# Patterns at a time: 4,096, which with 32 hidden units take half a megabyte and stay in the cache; enough of them to
# fill a GPU.
_LOW_BITS = {"cpu": 12, "cuda": 18}


def has_table_form(classifier):
    """Whether a classifier is a network whose first layer takes the pixels in a sum, with one activation between its
    layers.
    """
    return isinstance(getattr(classifier, "module", None), MultilayerPerceptron)


@torch.no_grad()
def labels_of_all(network, size, *, device="cpu"):
    """Labels (2^N,) int8 of all patterns in counting order; the largest logit, the first of equals.

    Logits are computed in float32 as in `networks.Network.predict`, but added up in another order, so a label may
    differ from that one's where two logits agree to about six digits.

    Args: network, a classifier for which `has_table_form` holds; device, where the work is done
    (`training.choose_device`).
    """
    layers = layers_on(device, network)
    low_bits = min(_LOW_BITS[torch.device(device).type], size - 1)
    low, high = (table.to(device) for table in _tables(layers[0], low_bits, size))
    hidden = torch.empty_like(low)
    labels = np.empty(2**size, dtype=np.int8)
    for place, row in enumerate(high):
        torch.add(low, row, out=hidden)
        labels[place * len(low) : (place + 1) * len(low)] = finish(hidden, layers, network.module.activation)
    return labels


def layers_on(device, network):
    """A network's layers on a device; the network itself, which others ask on the CPU, stays where it is."""
    return [copy.deepcopy(layer).to(device) for layer in network.module.layers]


def _tables(first, low_bits, size):
    """What the low bits and what the high bits of a number add to the first layer, (2^low, H) with the bias, and
    (2^high, H).
    """
    weights, bias = first.weight.double().cpu(), first.bias.double().cpu()
    low = torch.as_tensor(patterns_of(np.arange(2**low_bits), low_bits)).double() @ weights[:, :low_bits].T + bias
    high = (
        torch.as_tensor(patterns_of(np.arange(2 ** (size - low_bits)), size - low_bits)).double()
        @ weights[:, low_bits:].T
    )
    return low.float(), high.float()


def finish(hidden, layers, activation):
    """Labels (B,) int8 from the first layer's values (B, H), which are overwritten where that saves memory."""
    if activation is torch.tanh:
        values = hidden.tanh_()
    elif activation is torch.relu:
        values = hidden.relu_()
    else:
        values = activation(hidden)
    for layer in layers[1:-1]:
        values = activation(layer(values))
    last = layers[-1]
    logits = torch.addmm(
        last.bias[:, None], last.weight, values.T
    )  # (C, B): the largest of each column, whole rows at a time
    if logits.is_cuda:
        return logits.max(dim=0).indices.to(torch.int8).numpy(force=True)
    labels = np.zeros(logits.shape[1], dtype=np.int8)
    _find_largest(logits.numpy(), labels)
    return labels


@compiled
def _find_largest(logits, labels):
    """Row of the largest entry in each column, the first of equals."""
    best = logits[0].copy()
    for row in range(1, len(logits)):
        for column in range(len(best)):
            above = logits[row, column] > best[column]
            labels[column] = np.int8(row) if above else labels[column]
            best[column] = logits[row, column] if above else best[column]


def labels_by_blocks(classifier, size):
    """Labels (2^N,) int8 of all patterns by any classifier's own ``predict``, block after block."""
    labels = np.empty(2**size, dtype=np.int8)
    for part, patterns in blocks(size):
        labels[part] = classifier.predict(patterns)
    return labels

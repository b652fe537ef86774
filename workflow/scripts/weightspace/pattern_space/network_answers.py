"""A fully connected network's answers to all 2^N patterns, and to all single and double flips of an image.

The first layer is a sum over pixels. So over all patterns it is a sum of two table rows, one for the high bits of the
pattern's number and one for the low bits: no bits are unpacked and no product with them is computed. And the flip of a
pixel moves its values by one column. For more flips than can be tried there are intervals that hold whatever the
network makes of them.
"""

import copy
from collections.abc import Callable, Sequence

import numpy as np
import torch
from jaxtyping import Float, Int, Int8

from weightspace.classifier import Classifier
from weightspace.compiled import compiled
from weightspace.data import MOST_CLASSES
from weightspace.data.hypercube import blocks, patterns_of
from weightspace.networks.architectures import MultilayerPerceptron

# Patterns at a time: 4,096, which with 32 hidden units take half a megabyte and stay in the cache; enough of them to
# fill a GPU.
_LOW_BITS = {"cpu": 12, "cuda": 18}
_ROUNDING = 1e-5  # of a lead of logits, far above what float32 loses


@torch.no_grad()
def labels_of_all(
    network: MultilayerPerceptron, size: int, *, device: str | torch.device = "cpu"
) -> Int8[np.ndarray, " all"]:
    """Labels of all 2^N patterns in the order of their codes: the largest logit, the first of equals.

    Logits are computed in float32 as in `networks.Network.predict`, but added up in another order, so a label may
    differ from that one's where two logits agree to about six digits.

    Args: device, where the work is done (`training.choose_device`).
    """
    layers = _layers_on(device, network)
    inputs, classes = layers[0].in_features, layers[-1].out_features
    if inputs != size or classes > np.iinfo(np.int8).max:
        raise ValueError(
            f"the network takes {inputs} pixels and has {classes} classes; allowed: patterns of {inputs} pixels, found"
            f" {size}, and at most {np.iinfo(np.int8).max} classes"
        )
    low_bits = min(_LOW_BITS[torch.device(device).type], size - 1)
    low, high = (table.to(device) for table in _tables(layers[0], low_bits, size))
    hidden = torch.empty_like(low)
    labels = np.empty(2**size, dtype=np.int8)
    for place, row in enumerate(high):
        torch.add(low, row, out=hidden)
        labels[place * len(low) : (place + 1) * len(low)] = _finish(hidden, layers, network.activation)
    return labels


def _layers_on(device, network):
    """A network's layers on a device; the network itself, which others ask on the CPU, stays where it is."""
    return [copy.deepcopy(layer).to(device) for layer in network.layers]


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


def _finish(
    hidden: Float[torch.Tensor, "B H"], layers: Sequence[torch.nn.Linear], activation: Callable[..., torch.Tensor]
) -> Int8[np.ndarray, " B"]:
    """Labels from the first layer's values, which are overwritten where that saves memory."""
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


def labels_by_blocks(classifier: Classifier, size: int) -> Int8[np.ndarray, " all"]:
    """Labels of all 2^N patterns by any classifier's own ``predict``, block after block."""
    labels = np.empty(2**size, dtype=np.int8)
    for part, patterns in blocks(size):
        # Labels that no image can bear are all the same, as none of them is right.
        labels[part] = np.minimum(classifier.predict(patterns), MOST_CLASSES)
    return labels


class FlippedNetwork:
    """A fully connected network, ready for flips.

    Args: device, where the work is done.
    """

    def __init__(self, network: MultilayerPerceptron, *, device: str | torch.device = "cpu") -> None:
        self._layers = _layers_on(device, network)
        self._activation = network.activation
        self._columns = (
            2 * self._layers[0].weight.detach().T.contiguous()
        )  # (N, H): what leaves the first layer as a pixel goes from +1 to -1
        self._device = device
        self._buffer = torch.empty_like(self._columns)

    @torch.no_grad()
    def single(self, pattern: Int[np.ndarray, " N"]) -> Int8[np.ndarray, " N"]:
        """The label after each single flip of a pattern."""
        signs, values = self._first(pattern)
        torch.addcmul(values, signs[:, None], self._columns, value=-1, out=self._buffer)
        return _finish(self._buffer, self._layers, self._activation)

    @torch.no_grad()
    def double(self, pattern: Int[np.ndarray, " N"]) -> Int8[np.ndarray, " pairs"]:
        """The label after each of the N (N - 1) / 2 double flips, in the order of `numpy.triu_indices`."""
        signs, values = self._first(pattern)
        changes, parts = -signs[:, None] * self._columns, []
        for place in range(len(changes) - 1):
            rest = torch.add(changes[place + 1 :], values + changes[place], out=self._buffer[place + 1 :])
            parts.append(_finish(rest, self._layers, self._activation))
        return np.concatenate(parts)

    def _first(self, pattern):
        """A pattern (N,) as a tensor, and the first layer's values (H,)."""
        signs = torch.as_tensor(np.asarray(pattern), dtype=torch.float32, device=self._device)
        return signs, self._layers[0](signs)

    @torch.no_grad()
    def safe_flips(self, pattern: Int[np.ndarray, " N"], label: int, most: int) -> int:
        """How many flips of one pattern surely leave the answer ``label``: the largest k up to ``most`` that is
        proved.

        The k flips that raise, or lower, a unit of the first layer most bound its values. With one hidden layer, what a
        flip takes from the lead of the label over another class is then at most linear in the unit's change, its slope
        between the smallest and the largest within the bounds, so the k worst flips are found by sorting. With more
        layers, intervals go through them. In float64, with room for rounding.
        """
        signs, values = (part.double() for part in self._first(pattern))
        changes = -signs[:, None] * self._columns.double()
        rises, falls = (
            change.clamp(min=0).sort(dim=0, descending=True).values.cumsum(dim=0) for change in (changes, -changes)
        )
        for flips in range(1, most + 1):
            low, high = values - falls[flips - 1], values + rises[flips - 1]
            if not (
                self._lead_by_slopes(values, changes, low, high, label, flips)
                if len(self._layers) == 2
                else self._lead(low, high, label)
            ):
                return flips - 1
        return most

    def _lead_by_slopes(self, values, changes, low, high, label, flips):
        least, most = SLOPES[self._activation](low, high)
        weights, bias = self._differences(label)
        lead = weights @ self._activation(values) + bias  # (C,)
        up, down = weights.clamp(min=0), -weights.clamp(max=0)
        # What each flip takes at most: a fall of a unit that speaks for the label by the steepest slope, a rise of it
        # gives by the flattest at least.
        losses = (
            changes.clamp(min=0) @ (down * most - up * least).T + (-changes).clamp(min=0) @ (up * most - down * least).T
        )  # (N, C)
        taken = losses.clamp(min=0).topk(flips, dim=0).values.sum(dim=0)
        return self._stays_ahead(lead - taken, label)

    def _lead(self, low, high, label):
        for layer in self._layers[1:-1]:
            low, high = _bounds(
                layer.weight.double(), layer.bias.double(), self._activation(low), self._activation(high)
            )
        weights, bias = self._differences(label)
        least, _ = _bounds(weights, bias, self._activation(low), self._activation(high))
        return self._stays_ahead(least, label)

    def _differences(self, label):
        weights, bias = self._layers[-1].weight.double(), self._layers[-1].bias.double()
        return weights[label] - weights, bias[label] - bias

    @staticmethod
    def _stays_ahead(lead, label):
        lead[label] = torch.inf
        return bool((lead > _ROUNDING).all())


def _bounds(weights, bias, low, high):
    """Bounds of a layer's values from bounds of its inputs."""
    up, down = weights.clamp(min=0), weights.clamp(max=0)
    return up @ low + down @ high + bias, up @ high + down @ low + bias


def _slopes_of_tanh(low, high):
    """Least and largest of ``(tanh(b) - tanh(a)) / (b - a)`` for a, b between ``low`` and ``high``: slopes of the
    tangents there.
    """
    nearest = torch.where(low * high <= 0, 0.0, torch.minimum(low.abs(), high.abs()))
    farthest = torch.maximum(low.abs(), high.abs())
    return 1 - torch.tanh(farthest) ** 2, 1 - torch.tanh(nearest) ** 2


def _slopes_of_relu(low, high):
    return (low >= 0).double(), (high > 0).double()


SLOPES = {torch.tanh: _slopes_of_tanh, torch.relu: _slopes_of_relu}

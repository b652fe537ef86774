"""A network's answers to all single flips and all double flips of images: a flip of a pixel moves the first layer's
values by one column.

And, for more flips than can be tried, intervals that hold whatever the network makes of them.
"""

import numpy as np
import torch

from weightspace.pattern_space.network_counter import finish, layers_on

_ROUNDING = 1e-5  # of a lead of logits, far above what float32 loses


class FlippedNetwork:
    """A fully connected network (`network_counter.has_table_form`), ready for flips.

    Args: network, a `architectures.Network`; device, where the work is done.
    """

    def __init__(self, network, *, device="cpu"):
        self._layers = layers_on(device, network)
        self._activation = network.module.activation
        self._columns = (
            2 * self._layers[0].weight.detach().T.contiguous()
        )  # (N, H): what leaves the first layer as a pixel goes from +1 to -1
        self._device = device
        self._buffer = torch.empty_like(self._columns)

    @torch.no_grad()
    def single(self, pattern):
        """Labels (N,) int8 after each single flip of a pattern (N,)."""
        signs, values = self._first(pattern)
        torch.addcmul(values, signs[:, None], self._columns, value=-1, out=self._buffer)
        return finish(self._buffer, self._layers, self._activation)

    @torch.no_grad()
    def double(self, pattern):
        """Labels (N (N-1) / 2,) int8 after each double flip, the pairs in the order of `numpy.triu_indices`."""
        signs, values = self._first(pattern)
        changes, parts = -signs[:, None] * self._columns, []
        for place in range(len(changes) - 1):
            rest = torch.add(changes[place + 1 :], values + changes[place], out=self._buffer[place + 1 :])
            parts.append(finish(rest, self._layers, self._activation))
        return np.concatenate(parts)

    def _first(self, pattern):
        """A pattern (N,) as a tensor, and the first layer's values (H,)."""
        signs = torch.as_tensor(np.asarray(pattern), dtype=torch.float32, device=self._device)
        return signs, self._layers[0](signs)

    @torch.no_grad()
    def safe_flips(self, pattern, label, most):
        """How many flips of one pattern (N,) surely leave the answer ``label``: the largest k up to ``most`` that is
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
        least, _ = _bounds(*self._differences(label), self._activation(low), self._activation(high))
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

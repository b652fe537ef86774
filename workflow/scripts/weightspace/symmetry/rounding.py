"""How far rounding can take a network's outputs from those of exact arithmetic: a bound for each output, proved."""

from collections.abc import Callable

import numpy as np
from jaxtyping import Float, Real

from weightspace.networks.weight_layers import Layers

# Libraries compute tanh to 4 units in the last place at most, each of them no more than twice the unit roundoff.
_TANH = 8


def rounding_error(
    layers: Layers, inputs: Real[np.ndarray, "B N"], *, activation: Callable[[np.ndarray], np.ndarray] = np.tanh
) -> Float[np.ndarray, "B C"]:
    """Bound of |computed − exact| of each output ``tanh(logit)`` of a fully connected network, for the network and for
    every copy of it by interchanges and sign flips.

    Args:
        layers, inputs: in the precision whose rounding is bounded; inputs are exact.
        activation: of the hidden units, `numpy.tanh` or one that is computed without error and of slope at most 1, as
            that of rectified units.

    Proof. Let u be the unit roundoff and γ(k) = k u / (1 − k u). Write x for exact and x̂ for computed values.

    1. A field s = Σ w x + b of n terms is a sum of n + 1 terms, of which n are products. Whatever the order of
       summation, and with or without fused multiplication, each term takes part in at most n + 1 roundings, so
       |ŝ − (Σ w x̂ + b)| ≤ γ(n + 1) (Σ |w| |x̂| + |b|) (Higham 2002, section 3.1); the smallest normal number is added
       for underflow.
    2. If |x̂ − x| ≤ e for each input of the layer, then |Σ w x̂ − Σ w x| ≤ Σ |w| e. Hence
       |ŝ − s| ≤ γ(n + 1) (Σ |w| |x̂| + |b|) + Σ |w| e =: d.
    3. Activations have slopes of at most 1, so the exact activation of ŝ is within d of that of s. Computed tanh adds
       at most 8 u times its value, which is 1 at most and 8 u / (1 − 8 u) times what was computed.
    4. The copies. A copy's weights, inputs and exact values are those of the network in another order and with other
       signs, none of them rounded. Only its x̂ differ. If e bounds the error of both, |x̂'| ≤ |x| + e ≤ |x̂| + 2 e.
       With |x̂| + 2 e in place of |x̂| all steps hold for the copy too, and by induction over the layers the result
       does.
    5. The bound is itself computed, in float64, from sums of non-negative terms, by fewer than 2^20 roundings of one
       term, so it is right within a factor of 1 + 2^-32, with which it is multiplied.

    Two copies, each within the bound of the same exact output, differ by twice the bound at most.
    """
    roundoff = float(np.finfo(layers[0][0].dtype).eps) / 2
    tiny = float(np.finfo(layers[0][0].dtype).tiny)
    values, errors = inputs, np.zeros(inputs.shape)
    for number, (weights, biases) in enumerate(layers):
        sizes, terms = np.abs(weights.astype(np.float64)), weights.shape[1] + 1
        factor = terms * roundoff / (1 - terms * roundoff)
        reached = np.abs(values.astype(np.float64)) + 2 * errors
        errors = factor * (reached @ sizes.T + np.abs(biases.astype(np.float64))) + errors @ sizes.T + tiny
        squash = activation if number < len(layers) - 1 else np.tanh
        values = squash(values @ weights.T + biases)
        if squash is np.tanh:
            errors = errors + _TANH * roundoff / (1 - _TANH * roundoff)
    return errors * (1 + 2.0**-32)

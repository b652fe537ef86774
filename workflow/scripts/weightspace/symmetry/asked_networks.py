"""Networks that others have built, asked by running them which copies of their weights answer alike.

Names of tensors say neither what feeds what nor which activation lies between. So a module is run with copies of its
weights, made as if it were a plain chain of layers: where interchanges, or flips as well, leave its outputs as they
are, it is one, as far as copies go. A skip connection, a layer in another place and an activation that is not odd all
change them.
"""

import copy
from collections.abc import Callable, Sequence

import numpy as np
import torch
from jaxtyping import Float
from torch import nn

from weightspace.networks.torch_classifier import arrays_of
from weightspace.networks.weight_layers import Layer, Layers, hidden_widths, layer_names, layers_named, tensor_name
from weightspace.symmetry.equioutput_group import apply, random_transformation

# A module's outputs with these layers, of images as it takes them.
Answer = Callable[[Layers, Float[np.ndarray, "B ..."]], Float[np.ndarray, "..."]]

_IMAGES = 16
_COPIES = 6  # of random flips and interchanges; what leaves out even one unit of two is met by 98 of 100 pairs
_ALIKE = 1e-9  # of the largest output; rounding of float64 is a hundred thousand times smaller
_EXPECTED = "a network whose layers feed the next one only"


def layers_with_signs(module: nn.Module, shape: Sequence[int] | None, *, name: str = "network") -> list[Layer]:
    """The layers of a module whose hidden units can be flipped; arguments and errors as of `ask`.

    Raises:
        ValueError: they cannot.
    """
    layers, kind = ask(module, shape, name=name)
    if kind != "signs":
        raise ValueError(
            f"{name} is a {type(module).__name__} whose outputs change where units are flipped, so its activation is"
            " not odd; allowed: odd activations, such as tanh"
        )
    return layers


def ask(module: nn.Module, shape: Sequence[int] | None, *, name: str = "network") -> tuple[list[Layer], str]:
    """The layers of a module, from the input on, half precision as float32; and what leaves its outputs as they are,
    one of `equioutput_group.KINDS`: interchanges, or signs as well. Arguments and errors as of `ask_and_run`.
    """
    return ask_and_run(module, shape, name=name)[:2]


def ask_and_run(
    module: nn.Module, shape: Sequence[int] | None, *, name: str = "network"
) -> tuple[list[Layer], str, Answer]:
    """As `ask`, and a function that runs the module with other layers, in double precision.

    Args:
        shape: of one image as the module takes it; None, as many values as the first layer has inputs.
        name: what messages call the module.

    Raises:
        ValueError: the module holds other tensors than weights and biases, cannot be run, or its outputs change where
            units are interchanged, so that the order of its layers, or what feeds them, is not known.
    """
    what = f"{name} is a {type(module).__name__}"
    tensors = arrays_of(module.state_dict())
    try:
        by_number = layer_names(tensors)
    except ValueError as error:
        raise ValueError(f"{what}, no chain of layers of weights and biases: {error}") from error
    registered = list(dict.fromkeys(key.rpartition(".")[0] for key in tensors))
    found, reasons = [], []
    for names in [by_number] if registered == by_number else [registered, by_number]:
        try:
            layers = layers_named(tensors, names)
        except ValueError as error:  # in this order they do not fit one another
            reasons.append(error)
            continue
        asked = _Asked(what, module, names, layers, shape)
        found += [(layers, kind, asked.outputs) for kind in ("signs", "interchanges") if asked.is_alike(kind)]
    if not found and reasons:
        raise ValueError(f"{what}, no chain of layers of weights and biases: {reasons[0]}") from reasons[0]
    if not found:
        raise ValueError(
            f"{what} whose outputs change where units of its layers {', '.join(by_number)} are"
            f" interchanged; allowed: {_EXPECTED}, without skip connections"
        )
    return min(found, key=lambda one: one[1] != "signs")


class _Asked:
    """A module ready to be run with other weights, in float64 and without what it does in training only."""

    def __init__(
        self, what: str, module: nn.Module, names: Sequence[str], layers: Layers, shape: Sequence[int] | None
    ) -> None:
        self._what = what
        self._module = copy.deepcopy(module).cpu().double().eval()
        self._names = [tensor_name(name, part) for name in names for part in ("weight", "bias")]
        self._layers = [(weights.astype(np.float64), biases.astype(np.float64)) for weights, biases in layers]
        first = layers[0][0]
        if shape is None and first.ndim > 2:
            raise ValueError(
                f"{what} that begins with a convolution, and shape is not given; allowed: the shape of one image, such"
                " as (1, 28, 28)"
            )
        shape = first.shape[1:] if shape is None else tuple(shape)
        self._generator = np.random.default_rng(0)
        self._images = torch.as_tensor(self._generator.standard_normal((_IMAGES, *shape)))
        self._before = self.outputs(self._layers)

    def is_alike(self, kind: str) -> bool:
        """Whether copies by transformations of this kind all give the same outputs."""
        widths, allowed = hidden_widths(self._layers), _ALIKE * np.abs(self._before).max()
        for _ in range(_COPIES):
            transformation = random_transformation(widths, generator=self._generator, kind=kind)
            after = self.outputs(apply(transformation, self._layers))
            if not np.abs(after - self._before).max() <= allowed:
                return False
        return True

    @torch.no_grad()
    def outputs(self, layers: Layers, images: Float[np.ndarray, "B ..."] | None = None) -> Float[np.ndarray, "..."]:
        """Outputs with these layers for images as the module takes them; by default for those it is asked on."""
        given = self._images if images is None else torch.as_tensor(images)
        parts = (torch.as_tensor(part) for layer in layers for part in layer)
        weights = dict(zip(self._names, parts, strict=True))
        try:
            outputs = torch.func.functional_call(self._module, weights, (given,)).numpy()
        except (RuntimeError, ValueError, TypeError, AttributeError) as error:
            reason = " ".join(str(error).split())[:200]
            raise ValueError(
                f"{self._what} that cannot be run on images of shape"
                f" {tuple(given.shape)} in double precision: {reason}; say the shape of one image"
            ) from error
        if not np.isfinite(outputs).all():
            raise ValueError(f"{self._what} that gives outputs which are no numbers")
        return outputs

"""Networks that know an image's rows and columns: a small convolutional one with a dense head, in the manner of LeNet
(LeCun et al. 1998), and a recurrent one that reads row by row. Images are of ``shape`` (height, width), in pixels.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from jaxtyping import Float
from torch import nn

from weightspace.processor import is_pinned

CELLS = {"tanh": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}


@contextmanager
def same_everywhere() -> Iterator[None]:
    """PyTorch's own convolutions and recurrent layers where numbers are pinned (`processor`): oneDNN chooses its way by
    the sizes of the processor's caches, even with one instruction set, and adds up in another order.
    """
    onednn: Any = torch.backends.mkldnn
    before = onednn.enabled
    onednn.enabled = before and not is_pinned()
    try:
        yield
    finally:
        onednn.enabled = before


class ConvolutionalNetwork(nn.Module):
    """Convolutions of stride 2 with rectified units, then one dense hidden layer."""

    def __init__(
        self, *, shape: tuple[int, int], channels: Sequence[int], kernel: int, hidden: int, classes: int
    ) -> None:
        super().__init__()
        self.shape = height, width = shape
        convolutions, before = [], 1
        for after in channels:
            convolutions.append(nn.Conv2d(before, after, kernel, stride=2, padding=kernel // 2))
            before, height, width = after, (height - 1) // 2 + 1, (width - 1) // 2 + 1
        self.convolutions = nn.ModuleList(convolutions)
        self.dense = nn.Linear(before * height * width, hidden)
        self.output = nn.Linear(hidden, classes)

    def forward(self, inputs: Float[torch.Tensor, "B N"]) -> Float[torch.Tensor, "B C"]:
        maps = inputs.reshape(len(inputs), 1, *self.shape)
        for convolution in self.convolutions:
            convolve = convolution if convolution.weight.requires_grad else FrozenConvolution.of(convolution)
            with same_everywhere():
                maps = torch.relu(convolve(maps))  # (B, channels, h, w), half the sides each time
        return self.output(torch.relu(self.dense(maps.flatten(1))))


class FrozenConvolution(torch.autograd.Function):
    """A convolution of stride 2 whose weights need no gradient, as under attack: that of the maps takes less than half
    of PyTorch's time.

    What a pixel of the maps gets depends on whether its row and its column are even or odd. For each of these four
    kinds it is a convolution of stride 1 of the gradient, so one convolution into four times the channels gives all,
    and a shuffle puts them into their places.
    """

    @classmethod
    def of(cls, convolution: nn.Module) -> Callable[[torch.Tensor], torch.Tensor]:
        """The same convolution, as a function of the maps."""
        return lambda maps: cls.apply(maps, convolution.weight, convolution.bias)

    @staticmethod
    def forward(
        context: Any,
        maps: Float[torch.Tensor, "B C H W"],
        weight: Float[torch.Tensor, "D C K K"],
        bias: Float[torch.Tensor, " D"],
    ) -> Float[torch.Tensor, "B D h w"]:
        context.save_for_backward(weight)
        context.size = maps.shape[2:]
        return nn.functional.conv2d(maps, weight, bias, stride=2, padding=weight.shape[2] // 2)

    @staticmethod
    def backward(context: Any, gradient: Float[torch.Tensor, "B D h w"]) -> Any:
        (weight,) = context.saved_tensors
        rows, columns = context.size
        with same_everywhere():
            found = nn.functional.conv2d(gradient, _by_parity(weight), padding="same")
        found = nn.functional.pixel_shuffle(found, 2)
        return found[:, :, :rows, :columns], None, None


def _by_parity(weight):
    """Kernels (4 C, D, S, S) that take a gradient of D channels to the even and odd rows and columns of C maps, for
    weights (D, C, K, K).

    Pixel 2 m + a of a map meets pixel m + e of the output in the kernel's place a + K // 2 - 2 e, where there is such a
    place.
    """
    after, before, size, _ = weight.shape
    reach = (size // 2 + 1) // 2
    offsets = torch.arange(-reach, reach + 1, device=weight.device)
    places = torch.arange(2, device=weight.device)[:, None] + size // 2 - 2 * offsets  # (2, S)
    # Beyond the kernel lies a row, and a column, of zeros.
    places = torch.where((places >= 0) & (places < size), places, size)
    padded = nn.functional.pad(weight, (0, 1, 0, 1))
    kernels = padded[:, :, places[:, None, :, None], places[None, :, None, :]]  # (D, C, 2, 2, S, S)
    return kernels.permute(1, 2, 3, 0, 4, 5).reshape(4 * before, after, len(offsets), len(offsets))


class RecurrentNetwork(nn.Module):
    """One recurrent layer over the rows of an image, from the top, and a linear read-out of its last state."""

    def __init__(self, *, shape: tuple[int, int], cell: str, units: int, classes: int) -> None:
        super().__init__()
        self.shape = shape
        self.layer = CELLS[cell](shape[1], units, batch_first=True)
        self.output = nn.Linear(units, classes)

    def forward(self, inputs: Float[torch.Tensor, "B N"]) -> Float[torch.Tensor, "B C"]:
        with same_everywhere():
            states, _ = self.layer(inputs.reshape(len(inputs), *self.shape))  # (B, rows, units)
        return self.output(states[:, -1])


def convolutional_network(
    definition: Mapping[str, Any], *, shape: tuple[int, int], classes: int
) -> ConvolutionalNetwork:
    kept = {key: definition[key] for key in ("channels", "kernel", "hidden")}
    return ConvolutionalNetwork(shape=shape, **kept, classes=classes)


def recurrent_network(definition: Mapping[str, Any], *, shape: tuple[int, int], classes: int) -> RecurrentNetwork:
    return RecurrentNetwork(shape=shape, cell=definition["cell"], units=definition["units"], classes=classes)

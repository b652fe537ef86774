"""Training of networks by gradient descent: what they learn from, losses, optimisers and the loop, with one history row
per epoch.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from jaxtyping import Float, Int64
from torch.nn import functional

from weightspace.data.patterns import read_patterns
from weightspace.data.raw_files import read_images, read_labels
from weightspace.draws import stored_images
from weightspace.logs import progress
from weightspace.networks.adversarial_training import misleading
from weightspace.networks.architectures import scaled_grey

# Images in -1 ... 1 and their labels.
LabelledSet = tuple[Float[torch.Tensor, "_ N"], Int64[torch.Tensor, " _"]]
# Adam fused, because PyTorch's square root of arrays, which it takes else and RMSprop always, rounds by processor.
OPTIMISERS: dict[str, Callable[..., torch.optim.Optimizer]] = {
    "sgd": torch.optim.SGD,
    "adam": partial(torch.optim.Adam, fused=True),
    "rmsprop": torch.optim.RMSprop,
}
_EVALUATION_BATCH = 5000
_ROWS = 20  # of a history, besides the first; of more epochs not all have one


def read_sets(files: Sequence[str | Path], kind: str) -> tuple[LabelledSet, LabelledSet, tuple[int, int]]:
    """Training and test set, and the images' height and width: of ``patterns.npz`` where the network's input is
    "binary", of the raw files where it is "grey".
    """
    if kind == "binary":
        patterns = read_patterns(files[0])
        return (
            _as_tensors(patterns.train(), patterns.train_labels),
            _as_tensors(patterns.test(), patterns.test_labels),
            patterns.shape,
        )
    raw = Path(files[0]).parent
    images = [read_images(raw, split) for split in ("train", "test")]
    train, test = (
        _as_tensors(scaled_grey(grey.reshape(len(grey), -1)), read_labels(raw, split))
        for grey, split in zip(images, ("train", "test"), strict=True)
    )
    return train, test, images[0].shape[1:]


def _as_tensors(images, labels):
    return torch.as_tensor(images, dtype=torch.float32), torch.as_tensor(labels, dtype=torch.int64)


def first_images(pair: LabelledSet, *, seed: int, count: int) -> LabelledSet:
    """So many images, as many of each class as can be, the first of those that memories of this seed store."""
    images, labels = pair
    kept = torch.as_tensor(stored_images(labels.numpy(), seed)[:count])
    return images[kept], labels[kept]


def with_random_labels(pair: LabelledSet, *, generator: np.random.Generator) -> LabelledSet:
    """The same images with labels that say nothing about them: the labels of all, permuted. For controls."""
    images, labels = pair
    return images, labels[torch.as_tensor(generator.permutation(len(labels)))]


def one_hot_signs(labels: Int64[torch.Tensor, " B"], classes: int) -> Float[torch.Tensor, "B {classes}"]:
    """Targets of the paper: +1 for the right class, -1 for the others."""
    return 2 * functional.one_hot(labels, classes).float() - 1


def mean_square_error(logits: Float[torch.Tensor, "B C"], labels: Int64[torch.Tensor, " B"]) -> Float[torch.Tensor, ""]:
    """Mean over images and outputs of ``(tanh(logit) - target)²``, targets ±1."""
    return (torch.tanh(logits) - one_hot_signs(labels, logits.shape[1])).square().mean()


def root_mean_square_error(
    logits: Float[torch.Tensor, "B C"], labels: Int64[torch.Tensor, " B"]
) -> Float[torch.Tensor, ""]:
    """The paper's loss: square root of `mean_square_error` over the batch."""
    return mean_square_error(logits, labels).sqrt()


LOSSES: dict[str, Callable[..., torch.Tensor]] = {
    "rms": root_mean_square_error,
    "mse": mean_square_error,
    "cross_entropy": functional.cross_entropy,
}


def choose_device(name: str) -> torch.device:
    """Device for ``auto`` (a GPU where there is one), ``cpu`` or ``cuda``; on a GPU, equal runs give equal numbers and
    float32 is float32.

    Raises:
        RuntimeError: ``cuda`` where PyTorch sees no GPU.
    """
    if name == "cpu" or (name == "auto" and not torch.cuda.is_available()):
        return torch.device("cpu")
    if not torch.cuda.is_available():
        raise RuntimeError(
            "device is cuda, but PyTorch sees no GPU on this machine; set device to auto or cpu, or run this job where"
            " there is one"
        )
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # read when the first product is computed
    torch.backends.cudnn.allow_tf32 = False  # convolutions round to 10 bits otherwise
    torch.use_deterministic_algorithms(True, warn_only=True)  # a user's network may use what has no deterministic form
    return torch.device("cuda")


def batches(order: Int64[torch.Tensor, " n"], size: int) -> list[Int64[torch.Tensor, " _"]]:
    """Images in this order by batches of ``size``, the last one of what is left.

    A single image that is left goes with the batch before it, since layers such as batch normalisation cannot be
    trained with one.
    """
    parts = list(order.split(size))
    if size > 1 and len(parts) > 1 and len(parts[-1]) == 1:
        parts[-2:] = [torch.cat(parts[-2:])]
    return parts


@torch.no_grad()
def evaluate(
    module: torch.nn.Module,
    inputs: Float[torch.Tensor, "n N"],
    labels: Int64[torch.Tensor, " n"],
    loss_function: Callable[..., torch.Tensor],
) -> tuple[float, float]:
    """Loss and share misclassified over all images given, in one number each; without what a module does in training
    only, such as dropout.
    """
    module.eval()
    logits = torch.cat([module(batch) for batch in inputs.split(_EVALUATION_BATCH)])
    return loss_function(logits, labels).item(), (logits.argmax(1) != labels).float().mean().item()


def train(
    module: torch.nn.Module,
    train_set: LabelledSet,
    test_set: LabelledSet,
    definition: Mapping[str, Any],
    *,
    seed: int,
    device: str | torch.device = "cpu",
    on_epoch: Callable[[dict[str, float]], Any] = lambda row: None,
    on_step: Callable[[int], Any] = lambda step: None,
) -> pd.DataFrame:
    """Train ``module`` in place.

    Args:
        module: network, inputs (B, N) to logits (B, C).
        definition: ``loss``, ``optimiser``, ``learning_rate``, ``batch_size``, ``epochs``; where it has an
            ``adversary``, images are moved by `misleading` before each step.
        seed: fixes the order of the images.
        on_epoch: called with each history row; on_step: called with the number of steps done, before the first and
            after each.

    Returns:
        History with the columns epoch, train_loss, train_error, test_loss, test_error, measured on the very images and
        labels that it is given; row 0 is the untrained network. Of more than 20 epochs some are left out, never the
        last one.

    Raises:
        FloatingPointError: the loss is no longer a number.
    """
    module.to(device)
    (images, labels), (test_images, test_labels) = (_on(device, pair) for pair in (train_set, test_set))
    loss_function = LOSSES[definition["loss"]]
    optimiser = OPTIMISERS[definition["optimiser"]](module.parameters(), lr=definition["learning_rate"])
    order = torch.Generator().manual_seed(seed)
    adversary = definition.get("adversary")
    history, steps, stride = [], 0, -(-definition["epochs"] // _ROWS)
    on_step(steps)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)  # for modules that draw while they are trained, as dropout does
        for epoch in progress(range(definition["epochs"] + 1), what="epochs"):
            if epoch:
                module.train()
                shuffled = torch.randperm(len(images), generator=order).to(device)
                for batch in batches(shuffled, definition["batch_size"]):
                    inputs, targets = images[batch], labels[batch]
                    if adversary is not None:
                        inputs = misleading(module, inputs, targets, adversary)
                    loss = loss_function(module(inputs), targets)
                    optimiser.zero_grad()
                    loss.backward()
                    optimiser.step()
                    steps += 1
                    on_step(steps)
            if epoch % stride and epoch < definition["epochs"]:
                continue
            found = (
                evaluate(module, images, labels, loss_function),
                evaluate(module, test_images, test_labels, loss_function),
            )
            history.append(_row(epoch, *found))
            on_epoch(history[-1])
    module.to("cpu")
    return pd.DataFrame(history)


def measure(
    module: torch.nn.Module,
    train_set: LabelledSet,
    test_set: LabelledSet,
    loss: str,
    *,
    device: str | torch.device = "cpu",
) -> pd.DataFrame:
    """The history, one row, of a network that was trained elsewhere; ``loss`` is one of `LOSSES`.

    Raises:
        FloatingPointError: the loss is no number.
    """
    module.to(device)
    (images, labels), (test_images, test_labels) = (_on(device, pair) for pair in (train_set, test_set))
    found = evaluate(module, images, labels, LOSSES[loss]), evaluate(module, test_images, test_labels, LOSSES[loss])
    module.to("cpu")
    return pd.DataFrame([_row(0, *found)])


def _on(device, pair):
    images, labels = pair
    return images.to(device), labels.to(device)


def _row(epoch, train, test):
    if not train[0] < float("inf"):  # false for NaN as well
        if epoch == 0:
            raise FloatingPointError(
                f"the training loss is {train[0]} before the first step: the network as it is gives outputs that are"
                " no numbers"
            )
        raise FloatingPointError(
            f"the training loss is {train[0]} after epoch {epoch}: lower the network's learning_rate"
        )
    return {
        "epoch": epoch,
        "train_loss": train[0],
        "train_error": train[1],
        "test_loss": test[0],
        "test_error": test[1],
    }

"""Training of networks by gradient descent: losses, optimisers and the loop, with one history row per epoch."""

import os

import pandas as pd
import torch
from torch.nn import functional

from weightspace.logs import progress

OPTIMISERS = {"sgd": torch.optim.SGD, "adam": torch.optim.Adam, "rmsprop": torch.optim.RMSprop}
_EVALUATION_BATCH = 5000


def one_hot_signs(labels, classes):
    """Targets of the paper: +1 for the right class, -1 for the others; (B,) to (B, C)."""
    return 2 * functional.one_hot(labels, classes).float() - 1


def mean_square_error(logits, labels):
    """Mean over images and outputs of ``(tanh(logit) - target)²``, targets ±1."""
    return (torch.tanh(logits) - one_hot_signs(labels, logits.shape[1])).square().mean()


def root_mean_square_error(logits, labels):
    """The paper's loss: square root of `mean_square_error` over the batch."""
    return mean_square_error(logits, labels).sqrt()


LOSSES = {"rms": root_mean_square_error, "mse": mean_square_error, "cross_entropy": functional.cross_entropy}


def choose_device(name):
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


@torch.no_grad()
def evaluate(module, inputs, labels, loss_function):
    """Loss and share misclassified over all images given, in one number each; without what a module does in training
    only, such as dropout.
    """
    module.eval()
    logits = torch.cat([module(batch) for batch in inputs.split(_EVALUATION_BATCH)])
    return loss_function(logits, labels).item(), (logits.argmax(1) != labels).float().mean().item()


def train(
    module, train_set, test_set, definition, *, seed, device="cpu", on_epoch=lambda row: None, on_step=lambda step: None
):
    """Train ``module`` in place.

    Args:
        module: network, inputs (B, N) to logits (B, C).
        train_set, test_set: pairs of tensors, images (n, N) float32 and labels (n,) int64.
        definition: ``loss``, ``optimiser``, ``learning_rate``, ``batch_size``, ``epochs``.
        seed: fixes the order of the images.
        on_epoch: called with each history row; on_step: called with the number of steps done, before the first and
            after each.

    Returns:
        History with the columns epoch, train_loss, train_error, test_loss, test_error; row 0 is the untrained network.

    Raises:
        FloatingPointError: the loss is no longer a number.
    """
    module.to(device)
    (images, labels), test = [tuple(part.to(device) for part in pair) for pair in (train_set, test_set)]
    loss_function = LOSSES[definition["loss"]]
    optimiser = OPTIMISERS[definition["optimiser"]](module.parameters(), lr=definition["learning_rate"])
    order = torch.Generator().manual_seed(seed)
    history, steps = [], 0
    on_step(steps)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)  # for modules that draw while they are trained, as dropout does
        for epoch in progress(range(definition["epochs"] + 1), what="epochs"):
            if epoch:
                module.train()
                for batch in torch.randperm(len(images), generator=order).to(device).split(definition["batch_size"]):
                    loss = loss_function(module(images[batch]), labels[batch])
                    optimiser.zero_grad()
                    loss.backward()
                    optimiser.step()
                    steps += 1
                    on_step(steps)
            history.append(
                _row(epoch, evaluate(module, images, labels, loss_function), evaluate(module, *test, loss_function))
            )
            on_epoch(history[-1])
    module.to("cpu")
    return pd.DataFrame(history)


def _row(epoch, train, test):
    if not train[0] < float("inf"):  # false for NaN as well
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

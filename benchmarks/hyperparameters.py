"""Learning rates on a validation split: networks and trained dense memories of the catalogue with half, all and twice
their learning rate, learnt from nine tenths of the training images and judged on the last tenth.

Run it as ``python benchmarks/hyperparameters.py RAW_FOLDER [NAME ...]``, with the folder of MNIST's four IDX files;
test images are never read. Takes about three minutes.
"""

import os

os.environ.update(
    dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
)  # BLAS reads them once

import sys
from pathlib import Path

import measure  # noqa: F401  finds the library
import numpy as np
import torch

from weightspace.configuration.choices import load_configuration
from weightspace.data.patterns import binarise, signs
from weightspace.data.raw_files import read_grey, read_images, read_labels
from weightspace.draws import generator, initial_weights, order_of_images
from weightspace.memories import dense_training
from weightspace.networks import architectures, training

FACTORS = (0.5, 1, 2)
NAMES = (
    "tanh_mlp",
    "tanh_mlp_grey",
    "tanh_mlp_wide",
    "tanh_mlp_deep",
    "relu_mlp",
    "conv",
    "recurrent",
    "trained_dense_128",
)
SEED = 0


def split(raw):
    """Grey images and labels of nine tenths and of the last tenth of the training images, drawn once."""
    grey, labels = read_grey(raw, "train"), read_labels(raw, "train").astype(np.int64)
    order = generator(SEED, "validation split").permutation(len(labels))
    kept, held_out = order[: -len(order) // 10], order[-len(order) // 10 :]
    return (grey[kept], labels[kept]), (grey[held_out], labels[held_out])


def network_error(definition, learnt, held_out, shape):
    """Share of the held-out images, of height and width ``shape``, that a network of one seed misclassifies."""

    def tensors(images, labels):
        scaled = (
            signs(binarise(images, threshold=0.5))
            if definition["input"] == "binary"
            else architectures.scaled_grey(images)
        )
        return torch.as_tensor(scaled, dtype=torch.float32), torch.as_tensor(labels)

    module = architectures.build(definition, shape=shape, classes=10, seed=initial_weights(SEED))
    sets = tensors(*learnt), tensors(*held_out)
    return training.train(module, *sets, definition, seed=order_of_images(SEED)).test_error.iloc[-1]


def memory_error(definition, learnt, held_out, shape):
    """The same of a trained dense memory."""
    patterns, validation = (signs(binarise(images, threshold=0.5)) for images, _ in (learnt, held_out))
    memory, _ = dense_training.train(
        patterns, learnt[1], definition, generator=generator(SEED, "hidden memories"), description={"seed": SEED}
    )
    return dense_training.evaluate(memory, validation, held_out[1])[1]


def main(raw, *names):
    torch.set_num_threads(1)
    config = load_configuration()
    learnt, held_out = split(Path(raw))
    shape = read_images(raw, "train").shape[1:]
    print("| model | learning rate | " + " | ".join(f"error at {factor} times" for factor in FACTORS) + " |")
    print("| --- | --- |" + " --- |" * len(FACTORS))
    for name in names or NAMES:
        definition = config["networks"].get(name) or config["memories"][name]
        error = network_error if name in config["networks"] else memory_error
        rate = definition["learning_rate"]
        errors = [error(definition | {"learning_rate": rate * factor}, learnt, held_out, shape) for factor in FACTORS]
        print(f"| {name} | {rate:g} | " + " | ".join(f"{found:.4f}" for found in errors) + " |", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])

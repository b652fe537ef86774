"""Networks that tests train briefly on the real MNIST."""

import torch

from weightspace.networks import architectures, training

DEFINITION = {
    "architecture": "mlp",
    "input": "binary",
    "hidden": [32],
    "activation": "tanh",
    "loss": "rms",
    "optimiser": "sgd",
    "learning_rate": 0.1,
    "batch_size": 50,
    "epochs": 2,
}


def trained(tensors, seed=3, **changes):
    definition = DEFINITION | changes
    module = architectures.build(definition, shape=(28, 28), classes=10, seed=seed)
    history = training.train(module, *tensors, definition, seed=seed)
    description = {"definition": definition, "shape": (28, 28), "classes": 10, "seed": seed}
    return architectures.Network(module, description), history


def first_images(patterns):
    """The first 6,000 training and 1,000 test images with their labels, as `training.train` takes them."""
    images = torch.as_tensor(patterns.train(slice(0, 6000)), dtype=torch.float32)
    tests = torch.as_tensor(patterns.test(slice(0, 1000)), dtype=torch.float32)
    labels, test_labels = (
        torch.as_tensor(part) for part in (patterns.train_labels[:6000], patterns.test_labels[:1000])
    )
    return (images, labels), (tests, test_labels)

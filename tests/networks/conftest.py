"""Part of the real MNIST as tensors."""

import pytest
from small_networks import first_images


@pytest.fixture(scope="module")
def tensors(mnist_patterns):
    return first_images(mnist_patterns)

"""A small network and images with its answers as labels, and patterns of few bits."""

import pytest
from flip_data import binary_images
from grey_attack_data import answered_images, small_network


@pytest.fixture(scope="package")
def module():
    return small_network()


@pytest.fixture(scope="package")
def images(module):
    return answered_images(module)


@pytest.fixture
def data():
    return binary_images()

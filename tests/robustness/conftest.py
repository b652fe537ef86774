"""A small network and images with its answers as labels."""

import pytest
from grey_attack_data import answered_images, small_network


@pytest.fixture(scope="package")
def module():
    return small_network()


@pytest.fixture(scope="package")
def images(module):
    return answered_images(module)

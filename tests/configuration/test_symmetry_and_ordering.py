"""What the configuration of symmetry and ordering refuses."""

import pytest

from weightspace.configuration.checks import check_config
from weightspace.configuration.choices import load_configuration
from weightspace.configuration.messages import ConfigError


@pytest.fixture
def config():
    return load_configuration()


def test_networks_without_sign_flips_are_refused(config):
    config["networks"]["tanh_mlp"]["activation"] = "relu"
    with pytest.raises(ConfigError, match=r"^symmetry.network is 'tanh_mlp', which is mlp with relu; allowed: .* odd$"):
        check_config(config)


def test_networks_that_are_not_trained_or_not_feedforward_are_refused(config):
    config["symmetry"]["further"] = ["tanh_mlp", "recurrent"]
    with pytest.raises(
        ConfigError, match=r"^symmetry.further names 'recurrent'; allowed: a feed-forward network of .*tanh_mlp_deep"
    ):
        check_config(config)


def test_memories_that_are_not_run_are_refused(config):
    config["symmetry"]["memories"] = ["hebbian_4"]
    with pytest.raises(
        ConfigError, match=r"^symmetry.memories names 'hebbian_4'; allowed: one of run.memories .* 'hebbian_40'\?$"
    ):
        check_config(config)


def test_batches_larger_than_the_images_are_refused(config):
    config["ordering"]["images"] = 20
    with pytest.raises(ConfigError, match=r"^ordering.batch_size is 50; allowed: at most 20, ordering.images$"):
        check_config(config)


def test_an_even_number_of_points_of_a_line_is_refused(config):
    config["symmetry"]["barriers"]["points"] = 4
    with pytest.raises(ConfigError, match=r"^symmetry.barriers.points is 4; allowed: odd numbers, so that the middle"):
        check_config(config)

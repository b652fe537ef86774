"""What the configuration of the weight space refuses."""

import pytest

from weightspace.configuration.checks import check_config
from weightspace.configuration.choices import load_configuration
from weightspace.configuration.messages import ConfigError


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (
            ("binary_weights", "models", "committee", "inputs"),
            9,
            r"inputs is 9; allowed: units times inputs at most 25; here they are 27, whose",
        ),
        (
            ("binary_weights", "models", "perceptron", "inputs"),
            11,
            "inputs is 11; allowed: a square number, 9 or 25, for the task digits",
        ),
        (("binary_weights", "patterns"), [4, 2], "patterns is .*; allowed: numbers in ascending order"),
        (("matrices", "digits"), [2, 2], "digits makes 4 pixels; allowed: as many as weight_space.matrices.neurons, 6"),
        (
            ("cones", "network"),
            "tanh_mlp_grey",
            "cones.network is 'tanh_mlp_grey, of another kind'; allowed: one of run.networks",
        ),
        (("cones", "batch_size"), 300, "batch_size is 300; allowed: at most 200, weight_space.cones.patterns"),
        (
            ("loss_levels", "training", "batch_size"),
            300,
            "batch_size is 300; allowed: at most 200, weight_space.loss_levels.patterns",
        ),
    ],
)
def test_what_does_not_fit_is_refused_in_one_sentence(path, value, message):
    config = load_configuration()
    *parents, last = path
    section = config["weight_space"]
    for key in parents:
        section = section[key]
    section[last] = value
    with pytest.raises(ConfigError, match=message):
        check_config(config)

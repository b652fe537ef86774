"""What the sections on small memories and spaces need of one another."""

from refusals import put, refusal

from weightspace.configuration.checks import check_config


def test_small_memories_with_too_many_pixels(config):
    put(config, "attractors.digits", [5, 5])
    assert (
        refusal(check_config, config)
        == "attractors.digits makes 25 pixels; allowed: at most 20, since all states of so many neurons are followed"
    )


def test_no_number_of_hundreds_of_digits(config):
    put(config, "weight_space.binary_weights.models.perceptron.inputs", 5000)
    said = refusal(check_config, config)
    assert said.endswith("here they are 5000, whose 2^5000 weight vectors would take more memory than there is")

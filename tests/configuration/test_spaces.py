"""What the sections on small memories and spaces need of one another."""

from refusals import put, refusal

from weightspace.configuration.checks import check_config


def test_small_memories_with_too_many_pixels(config):
    put(config, "attractors.digits", [5, 5])
    assert (
        refusal(check_config, config)
        == "attractors.digits makes 25 pixels; allowed: at most 20, since all states of so many neurons are followed"
    )

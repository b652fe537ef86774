"""What is chosen among definitions: names with true or false, or a list."""

import pytest

from weightspace.configuration.checks import check_config
from weightspace.configuration.choices import load_configuration, with_lists
from weightspace.configuration.messages import ConfigError
from weightspace.configuration.reading import merged
from weightspace.plan import Plan

SHIPPED = load_configuration()


def with_change(change):
    return with_lists(merged([SHIPPED, change]))


def test_choices_become_lists_in_their_order():
    config = with_change({"run": {"memories": {"storkey_40": False, "dense_40_exponential": True, "hebbian_40": True}}})
    kept = [name for name in SHIPPED["run"]["memories"] if name != "storkey_40"]
    assert config["run"]["memories"] == [*kept, "dense_40_exponential"]


def test_lists_stay_as_they_are():
    assert with_lists(SHIPPED) == SHIPPED
    assert with_lists({**SHIPPED, "run": 3})["run"] == 3


def test_everything_but_choices_stays_a_mapping():
    config = with_change({"memories": {"pseudo_inverse_40": {"diagonal": True}}})
    assert config["memories"]["pseudo_inverse_40"] == {"rule": "pseudo_inverse", "patterns": 40, "diagonal": True}


def test_true_and_false_may_come_as_text():
    """As they do from ``snakemake --config 'run={memories: {storkey_40: false}}'``."""
    assert "storkey_40" not in with_change({"run": {"memories": {"storkey_40": "false"}}})["run"]["memories"]


def test_choices_within_definitions():
    digits = {"pattern_space": {"digits": {"4x4": {"rules": {"hebbian": False}}}}}
    kept = [name for name in SHIPPED["pattern_space"]["digits"]["4x4"]["rules"] if name != "hebbian"]
    assert with_change(digits)["pattern_space"]["digits"]["4x4"]["rules"] == kept


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"run": {"memories": {"hebbian_40": "yes"}}}, "run.memories.hebbian_40 is 'yes'; allowed: true or false"),
        ({"run": {"networks": {"mine": None}}}, "run.networks.mine is null; allowed: true or false"),
        (
            {"run": {"memories": {"hebian_40": False}}},
            "run.memories.hebian_40 is false, and nothing of this name is defined; allowed: names of definitions; did"
            " you mean 'hebbian_40'?",
        ),
        (
            {"pattern_space": {"counted": {"6x6": False}}},
            "pattern_space.counted.6x6 is false, and nothing of this name is defined; allowed: names of definitions",
        ),
    ],
)
def test_what_a_choice_cannot_hold(change, sentence):
    with pytest.raises(ConfigError) as caught:
        with_change(change)
    assert str(caught.value).startswith(sentence)


def test_a_memory_is_one_definition_and_one_line():
    mine = {"memories": {"mine": {"rule": "hebbian", "patterns": 20}}, "run": {"memories": {"mine": True}}}
    config = with_change(mine)
    check_config(config)
    assert Plan(config).memories == [*Plan(SHIPPED).memories, "mine"]


def test_one_name_that_is_chosen_and_not_defined():
    config = with_change({"run": {"memories": {"hebian_40": True}}})
    with pytest.raises(ConfigError, match=r"^run.memories names 'hebian_40'; allowed: .*; did you mean 'hebbian_40'\?"):
        check_config(config)


def test_all_of_a_choice_that_needs_one_taken_out():
    config = with_change({"run": {"attacks": {"fgsm": False, "pgd": False}}})
    with pytest.raises(ConfigError, match=r"^run.attacks is an empty list; allowed: at least 1 different names, as a"):
        check_config(config)

"""Checks of config.yaml and claims.yaml: the first fault becomes one sentence with the key, what was found and what is
allowed.

The schemas say what each key may hold; the other modules add what no schema can say, how keys must agree with one
another, with the datasets and with the disk. Runs at every start of Snakemake, so it imports nothing heavy.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from weightspace.configuration.attacks import (
    check_adversarial,
    check_binary_attacks,
    check_threat_models,
    rounded_budgets,
)
from weightspace.configuration.images import check_dataset, check_limits, fit_to_images, known_images
from weightspace.configuration.names import (
    check_choice,
    check_energy_landscape,
    check_given_weights,
    check_names,
    check_paper_experiment,
    check_user_code,
)
from weightspace.configuration.published import check_works
from weightspace.configuration.schema import check_against_schema
from weightspace.configuration.spaces import (
    check_attractors,
    check_cones,
    check_pattern_space,
    check_symmetry,
    check_weight_space,
)
from weightspace.plan import Plan


def fitted_config(config: Any, own: Any, base: str | Path = ".") -> tuple[dict[str, Any], list[str]]:
    """A configuration, checked, with those numbers that the shipped files set lowered to what the images allow.

    Args:
        config: the merged configuration, its choices as lists.
        own: the part of it that is the user's, which is not lowered but refused.
        base: the folder that ``dataset.directory`` is relative to.

    Returns: the configuration, and a sentence on each number that was lowered, or that works as less than it says.

    Raises:
        ConfigError: something is missing, unknown, out of range or in contradiction to something else.
    """
    check_against_schema(config, "config", "the configuration")
    check_dataset(config["dataset"], base)
    images = known_images(config["dataset"], base)
    config, lowered = fit_to_images(config, own, images)
    check_limits(config, images)
    _check_agreement(config, base)
    return config, [*lowered, *rounded_budgets(config)]


def check_config(config: Any, base: str | Path = ".") -> None:
    """Check a configuration of which all is the user's, as `fitted_config` does."""
    fitted_config(config, config, base)


def _check_agreement(config: Mapping[str, Any], base: str | Path) -> None:
    """What keys must agree in with one another."""
    plan = Plan(config)
    check_names(plan)
    check_user_code(config, base)
    check_given_weights(plan, base)
    check_threat_models(config)
    check_paper_experiment(config)
    check_energy_landscape(config)
    check_attractors(config["attractors"])
    check_weight_space(config["weight_space"])
    check_adversarial(plan)
    check_choice(config, ("gradient_descent_path", "network"), "networks")
    check_symmetry(plan)
    check_binary_attacks(plan)
    check_cones(plan)
    check_pattern_space(plan)
    check_works(config)

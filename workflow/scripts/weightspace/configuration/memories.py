"""What the sections on the paper's experiment, on landscapes and on small memories need of the models that they
name.
"""

from weightspace.configuration.messages import ConfigError, among, did_you_mean, sentence, show
from weightspace.configuration.names import check_choice


def check_paper_experiment(config):
    for key, kind in {"network": "networks", "attack": "attacks", "memory": "memories"}.items():
        check_choice(config, ("paper_experiment", key), kind)
    shown = config["paper_experiment"]
    if "patterns" not in config["memories"][shown["memory"]]:
        raise ConfigError(
            f"paper_experiment.memory is {show(shown['memory'])}, which stores no images; allowed: a memory that has"
            " patterns"
        )
    budgets = config["attacks"][shown["attack"]]["budgets"]
    if shown["budget"] not in budgets:
        allowed = f"one of attacks.{shown['attack']}.budgets, {among(budgets)}"
        raise ConfigError(sentence(("paper_experiment", "budget"), shown["budget"], allowed))


def check_energy_landscape(config):
    name = check_choice(config, ("energy_landscape", "memory"), "memories")
    memory = config["memories"][name]
    # Only a rule that goes over its patterns repeatedly has an energy before and one after learning.
    if "passes" not in memory:
        raise ConfigError(
            f"energy_landscape.memory is {show(name)}, whose rule {memory['rule']} learns in one step; allowed: a"
            " memory whose rule has passes"
        )
    if memory["patterns"] < 3:
        raise ConfigError(
            f"energy_landscape.memory is {show(name)}, which stores {memory['patterns']}; allowed: a memory of 3 or"
            " more, which span the plane"
        )


def check_small_memories(config):
    rules = config["capacity"]["rules"]
    for index, name in enumerate(config["capacity"]["run"]):
        if name not in rules:
            raise ConfigError(
                sentence(
                    ("capacity", "run", index),
                    name,
                    f"what capacity.rules defines, {among(rules)}",
                    did_you_mean(name, rules),
                )
            )
    height, width = config["attractors"]["digits"]
    if height * width > 20:
        raise ConfigError(
            f"attractors.digits makes {height * width} pixels; allowed: at most 20, since all states of so many neurons"
            " are followed"
        )

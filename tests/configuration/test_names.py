"""Names that one section uses and another must define, and files of the user's own."""

import pytest
from refusals import drop, put, refusal

from weightspace.configuration.checks import check_config
from weightspace.plan import Plan


def test_capacity_of_a_rule_that_is_not_defined_or_not_whole(config):
    put(config, "capacity.run", ["hebbian", "storkye"])
    assert refusal(check_config, config).startswith(
        "capacity.run names 'storkye'; allowed: what capacity.rules defines, hebbian, "
    )
    put(config, "capacity.run", ["hebbian"])
    put(config, "capacity.rules.hebbian", {"rule": "hebbian", "patterns": 40})
    assert refusal(check_config, config) == "capacity.rules.hebbian.patterns is not a known key; allowed: rule"
    put(config, "capacity.rules.hebbian", {"rule": "trained_dense"})
    assert refusal(check_config, config).startswith(
        "capacity.rules.hebbian.rule is 'trained_dense'; allowed: hebbian, "
    )


@pytest.mark.parametrize("kind", ["networks", "memories", "attacks"])
def test_run_names_what_is_not_defined(config, kind):
    names = list(config[kind])
    put(config, f"run.{kind}", [names[0], names[1] + "x"])
    assert (
        refusal(check_config, config)
        == f"run.{kind} names '{names[1]}x'; allowed: what {kind} defines, {', '.join(names)}; did you mean"
        f" '{names[1]}'?"
    )


def test_network_and_memory_of_one_name(config):
    put(config, "memories.tanh_mlp", {"rule": "hebbian", "patterns": 10})
    assert (
        refusal(check_config, config)
        == "memories.tanh_mlp has the name of a network; allowed: a name that is not in networks, since models share"
        " the folder results/models"
    )


@pytest.mark.parametrize(("kind", "what"), [("networks", "network"), ("memories", "memory")])
def test_control_of_the_name_of_another_model(config, kind, what):
    name = config["run"][kind][0]
    put(config, f"controls.{name}", {"control": "nearest_neighbour", "patterns": 10})
    assert refusal(check_config, config).startswith(
        f"controls.{name} has the name of a {what}; allowed: a name that is not in {kind}"
    )


def test_an_attack_of_ones_own_needs_its_file(config, tmp_path):
    own = {
        "method": "function",
        "domain": "grey",
        "norm": "linf",
        "budgets": [0.1],
        "knowledge": "gradients",
        "restarts": 1,
    }
    config["attacks"]["mine"] = own | {"file": str(tmp_path / "mine.py")}
    assert refusal(check_config, config).startswith("attacks.mine.file is ")
    (tmp_path / "mine.py").write_text("def atack(): pass", encoding="utf-8")
    sentence = (
        "which does not define attack; allowed: a Python file that defines a function attack; did you mean 'atack'?"
    )
    assert refusal(check_config, config).endswith(sentence)
    (tmp_path / "mine.py").write_text("from elsewhere import attack", encoding="utf-8")
    check_config(config)


OWN_NETWORK = {
    "architecture": "function",
    "file": "mine.py",
    "function": "mine",
    "activation": None,
    "input": "binary",
    "loss": "cross_entropy",
}


OWN_NETWORK |= {"optimiser": "adam", "learning_rate": 0.002, "batch_size": 100, "epochs": 1, "labels": "given"}


@pytest.mark.parametrize(
    ("path", "definition"),
    [
        ("networks", OWN_NETWORK),
        ("memories", {"rule": "function", "patterns": 40, "file": "mine.py", "function": "mine"}),
        ("capacity.rules", {"rule": "function", "file": "mine.py", "function": "mine"}),
    ],
)
def test_models_of_ones_own_need_their_files(config, tmp_path, path, definition):
    put(config, f"{path}.mine", definition)
    assert refusal(check_config, config, tmp_path).startswith(f"{path}.mine.file is 'mine.py', but ")
    (tmp_path / "mine.py").write_text("def mine(:", encoding="utf-8")
    assert "is not Python: invalid syntax" in refusal(check_config, config, tmp_path)
    (tmp_path / "mine.py").write_text("def other(): pass", encoding="utf-8")
    assert refusal(check_config, config, tmp_path).startswith(
        f"{path}.mine.file is 'mine.py', which does not define mine; allowed: "
    )
    (tmp_path / "mine.py").write_text("raise SystemExit\nclass mine: pass", encoding="utf-8")  # nothing of it is run
    check_config(config, tmp_path)
    put(config, f"{path}.mine.function", "no name")
    assert refusal(check_config, config, tmp_path).startswith(
        f"{path}.mine.function is 'no name'; allowed: text matching "
    )


@pytest.mark.parametrize(("key", "kind"), [("network", "networks"), ("attack", "attacks"), ("memory", "memories")])
def test_paper_experiment_shows_what_is_not_run(config, key, kind):
    name = config["paper_experiment"][key]
    run = [other for other in config["run"][kind] if other != name]
    put(config, f"run.{kind}", run)
    assert refusal(check_config, config).startswith(
        f"paper_experiment.{key} is '{name}'; allowed: one of run.{kind}, {', '.join(run)}"
    )


def test_paper_experiment_with_a_memory_that_stores_nothing(config):
    put(config, "paper_experiment.memory", "trained_dense")
    message = "paper_experiment.memory is 'trained_dense', which stores no images; allowed: a memory that has patterns"
    assert refusal(check_config, config) == message


def test_paper_experiment_shows_a_budget_that_is_not_run(config):
    put(config, "attacks.pgd.budgets", [0.1, 0.2])
    put(config, "paper_experiment.attack", "pgd")
    put(config, "paper_experiment.budget", 0.3)
    assert (
        refusal(check_config, config) == "paper_experiment.budget is 0.3; allowed: one of attacks.pgd.budgets, 0.1, 0.2"
    )
    put(config, "paper_experiment.budget", 0.2)
    check_config(config)


def test_energy_landscape_of_a_memory_that_is_not_run(config):
    put(config, "run.memories", ["hebbian_40", "iterative_40_margin_0"])
    put(config, "paper_experiment.memory", "hebbian_40")
    put(config, "energy_landscape.memory", "iterative_40_margin_1")
    assert (
        refusal(check_config, config)
        == "energy_landscape.memory is 'iterative_40_margin_1'; allowed: one of run.memories, hebbian_40,"
        " iterative_40_margin_0; did you mean 'iterative_40_margin_0'?"
    )


def test_energy_landscape_of_a_rule_without_passes(config):
    put(config, "energy_landscape.memory", "hebbian_40")
    assert (
        refusal(check_config, config)
        == "energy_landscape.memory is 'hebbian_40', whose rule hebbian learns in one step; allowed: a memory whose"
        " rule has passes"
    )


def test_energy_landscape_of_too_few_patterns(config):
    name = config["energy_landscape"]["memory"]
    put(config, f"memories.{name}.patterns", 2)
    assert (
        refusal(check_config, config)
        == f"energy_landscape.memory is '{name}', which stores 2; allowed: a memory of 3 or more, which span the plane"
    )
    put(config, f"memories.{name}.patterns", 3)
    check_config(config)


def test_gradient_descent_path_of_a_network_that_is_not_run(config):
    put(config, "run.networks", ["tanh_mlp_grey"])
    put(config, "paper_experiment.network", "tanh_mlp_grey")
    put(config, "gradient_descent_path.network", "tanh_mlp")
    message = refusal(check_config, config)
    assert message.startswith(
        "gradient_descent_path.network is 'tanh_mlp'; allowed: one of run.networks, tanh_mlp_grey"
    )


@pytest.mark.parametrize("name", ["none", "best", "random", "clean", "nan", "null", "all", "transfer"])
@pytest.mark.parametrize(
    "section", ["networks", "memories", "controls", "attacks", "ensembles", "capacity.rules", "binary_attacks.models"]
)
def test_names_that_tables_use_for_something_else(config, section, name):
    *parents, last = section.split(".")
    definitions = config[parents[0]][last] if parents else config[last]
    definitions[name] = next(iter(definitions.values()))
    assert refusal(check_config, config).startswith(
        f"{section}.{name} has a name that tables use for something else; allowed: a name other than all, best, "
    )


@pytest.mark.parametrize(
    "path",
    [
        "run.networks",
        "run.memories",
        "run.attacks",
        "adversarial.transferred",
        "capacity.run",
        "binary_attacks.run.models",
        "binary_attacks.run.attacks",
        "symmetry.further",
        "symmetry.memories",
        "pattern_space.counted",
    ],
)
def test_choices_that_cannot_be_empty(config, path):
    put(config, path, [])
    assert refusal(check_config, config).startswith(path)


def given(config, path):
    """A network whose weights are in a file, and the configuration with it."""
    definition = {"architecture": "mlp", "input": "grey", "hidden": [8], "activation": "tanh", "loss": "cross_entropy"}
    put(config, "networks.mine", definition | {"weights": path})
    return config


def test_weights_that_were_learnt_elsewhere_need_no_training(config, tmp_path):
    put(given(config, "mine.pt"), "run.networks", [*config["run"]["networks"], "mine"])
    message = refusal(check_config, config, tmp_path)
    assert message.startswith("networks.mine.weights needs 'mine.pt', which does not exist; allowed: a file of")
    (tmp_path / "mine.pt").touch()
    check_config(config, tmp_path)
    assert Plan(config).given_weights("mine", range(3)) == ["mine.pt"]
    put(config, "networks.mine.weights", "seed{seed}.pt")
    assert "needs 'seed0.pt'" in refusal(check_config, config, tmp_path)
    assert Plan(config).given_weights("mine", range(2)) == ["seed0.pt", "seed1.pt"]
    put(config, "networks.mine.weights", "{sed}.pt")
    assert refusal(check_config, config, tmp_path).startswith("networks.mine.weights is '{sed}.pt'; allowed: a path")


def test_what_is_trained_here_is_no_network_with_given_weights(config, tmp_path):
    (tmp_path / "mine.pt").touch()
    put(given(config, "mine.pt"), "run.networks", [*config["run"]["networks"], "mine"])
    digits = next(iter(config["pattern_space"]["digits"]))
    put(config, f"pattern_space.digits.{digits}.networks", ["mine"])
    assert f"pattern_space.digits.{digits}.networks names 'mine'; allowed: a network that is trained here" in refusal(
        check_config, config, tmp_path
    )


def test_a_network_without_weights_needs_what_it_is_trained_with(config):
    drop(given(config, "mine.pt"), "networks.mine.weights")
    assert refusal(check_config, config).startswith("networks.mine.optimiser is missing; allowed: sgd, ")

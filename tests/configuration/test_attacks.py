"""Threat models, and what is attacked with what."""

import pytest
from refusals import put, refusal

from weightspace.configuration.checks import check_config


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (
            "attacks.square.budgets",
            [0.1, 3],
            "attacks.square.budgets[1] is 3; allowed: a number above 0 and at most 1, a share of full scale",
        ),
        (
            "attacks.pgd.budgets",
            [8],
            "attacks.pgd.budgets[0] is 8; allowed: a number above 0 and at most 1, a share of full scale",
        ),
        (
            "run.attacks",
            ["pgd", "gradient_flips"],
            "run.attacks names 'gradient_flips'; allowed: what attacks defines, fgsm, pgd",
        ),
        ("binary_attacks.budgets", [0.1, 4], "binary_attacks.budgets[0] is 0.1; allowed: an integer from 1 to 65536"),
        ("attacks.pgd.domain", "binary", "attacks.pgd.domain is 'binary'; allowed: grey"),
        ("attacks.pgd.knowledge", "labels", "attacks.pgd.knowledge is 'labels'; allowed: gradients"),
        ("run.attacks", ["pgd", "noise"], "run.attacks names 'noise'; allowed: attacks on a network"),
        ("run.attacks", ["fgsm"], "paper_experiment.attack is 'pgd'; allowed: one of run.attacks"),
        (
            "adversarial.few.attacks",
            ["square"],
            "adversarial.few.attacks holds no attack that sees labels only; allowed: ",
        ),
        (
            "adversarial.few.attacks",
            ["square", "hop_skip_jump", "pgd"],
            "adversarial.few.attacks names 'pgd'; allowed: attacks that are neither",
        ),
        (
            "adversarial.attacks",
            ["mi_fgsm"],
            "adversarial.attacks holds no noise of the norm linf and the budgets 0.1, 0.2, 0.3; allowed: ",
        ),
        (
            "adversarial.transferred",
            ["pdg"],
            "adversarial.transferred names 'pdg'; allowed: an attack on networks of run.attacks or adversarial.attacks",
        ),
        (
            "adversarial.ensemble_attack",
            "fgsm",
            "adversarial.ensemble_attack is 'fgsm'; allowed: one of adversarial.transferred, pgd, mi_fgsm",
        ),
        (
            "ensembles.deep_networks.members",
            ["conv", "nearest_neighbour_2000"],
            (
                "ensembles.deep_networks.members[1] is 'nearest_neighbour_2000', a control, which is not attacked;"
                " allowed: "
            ),
        ),
        (
            "ensembles.deep_networks.members",
            ["conv", "cnov"],
            "ensembles.deep_networks.members[1] is 'cnov'; allowed: a model that run or adversarial",
        ),
        (
            "ensembles.deep_networks.held_out",
            ["cnov"],
            "ensembles.deep_networks.held_out[0] is 'cnov'; allowed: a model that networks, memories or",
        ),
    ],
)
def test_threat_models_that_contradict_themselves_are_refused(config, path, value, message):
    put(config, path, value)
    assert refusal(check_config, config).startswith(message)


@pytest.mark.parametrize("kind", ["networks", "memories", "controls", "attacks", "ensembles"])
def test_adversarial_names_what_is_not_defined(config, kind):
    put(config, f"adversarial.{kind}", ["nowhere"])
    assert refusal(check_config, config).startswith(
        f"adversarial.{kind} names 'nowhere'; allowed: what {kind} defines, "
    )


@pytest.mark.parametrize(
    ("path", "value", "sentence"),
    [
        ("attacks.label_search.domain", "grey", "attacks.label_search.domain is 'grey'; allowed: binary"),
        ("attacks.label_search.norm", "linf", "attacks.label_search.norm is 'linf'; allowed: l0"),
        (
            "attacks.label_search.knowledge",
            "gradients",
            "attacks.label_search.knowledge is 'gradients'; allowed: labels",
        ),
        ("budgets", [0.1], "budgets[0] is 0.1; allowed: an integer"),
        ("budgets", [2, 1], "budgets is 2, 1; allowed: numbers of flipped bits in ascending order"),
        (
            "attacks.gradient_flips.surrogates",
            None,
            "attacks.gradient_flips.surrogates is null, but hebbian_40 of binary_attacks.run.models has no gr",
        ),
        (
            "attacks.single_flips.images",
            300,
            "attacks.single_flips.images is 300; allowed: at most 200, binary_attacks.random_images",
        ),
        (
            "run.models",
            ["tanh_mlp", "tanh_mlpp"],
            "run.models names 'tanh_mlpp'; allowed: a network or memory that this run trains, a memory of rule",
        ),
        (
            "run.attacks",
            ["pgd"],
            "run.attacks names 'pgd'; allowed: single_flips, gradient_flips, score_search, label_search",
        ),
        ("network", "hebbian_40", "network is 'hebbian_40'; allowed: a network of binary_attacks.run.models, tanh_mlp"),
        (
            "models.features_recall.network",
            "conv",
            "models.features_recall.network is 'conv'; allowed: a network of architecture mlp",
        ),
        (
            "models.recall_dense_then_mlp.memory",
            "trained_dense",
            "models.recall_dense_then_mlp.memory is 'trained_dense'; allowed: hebbian_40",
        ),
        (
            "search.pairs",
            [["tanh_mlp", "tanh_mlq"]],
            "search.pairs[0][1] is 'tanh_mlq'; allowed: a network, memory or control that is defined",
        ),
        ("search.pairs", [["tanh_mlp", "tanh_mlp"]], "search.pairs[0] is tanh_mlp, tanh_mlp; allowed: two diff"),
        ("search.images", 700, "search.images is 700; allowed: at most 600, binary_attacks.search.among"),
        ("search.others", 601, "search.others is 601; allowed: at most 600, binary_attacks.search.among"),
        ("search.queries", [200, 100], "search.queries is 200, 100; allowed: numbers of queries in"),
        ("search.queries", [100, 100], "search.queries is 100, 100; allowed: numbers of queries in"),
        ("search.largest", 32, "search.largest is 32; allowed: at least 64, the largest of binary_attacks.budgets"),
        (
            "models.conv",
            {"kind": "nearest_neighbour", "patterns": 5},
            "models.conv has the name of a model in networks; allowed: a name that is",
        ),
    ],
)
def test_attacks_of_the_binary_domain_that_cannot_be_run(config, path, value, sentence):
    put(config, f"binary_attacks.{path}", value)
    assert refusal(check_config, config).startswith(f"binary_attacks.{sentence}")


def test_attacks_by_gradients_alone_need_no_stand_ins(config):
    put(config, "binary_attacks.attacks.gradient_flips.surrogates", None)
    put(
        config,
        "binary_attacks.run.models",
        ["tanh_mlp", "conv", "trained_dense_128", "nearest_neighbour_40", "features_linear"],
    )
    check_config(config)


def test_ensembles_that_hold_out_nothing_that_answers(config):
    config["adversarial"]["ensembles"] = ["deep_networks"]
    assert refusal(check_config, config).startswith("adversarial.ensembles is deep_networks, which hold out no model; ")
    config["adversarial"]["ensembles"] = []  # nothing to compare, and nothing wrong
    check_config(config)
    config["adversarial"]["ensembles"] = ["without_hopfield"]
    config["ensembles"]["without_hopfield"]["held_out"] = ["storkey_40"]
    message = refusal(check_config, config)
    assert message.startswith("ensembles.without_hopfield.held_out holds no model that answers in this run; allowed: ")


def test_a_held_out_model_of_a_members_learning_rule(config):
    config["ensembles"]["without_recurrent"]["held_out"] = ["tanh_mlp"]
    assert refusal(check_config, config) == (
        "ensembles.without_recurrent.held_out[0] is 'tanh_mlp'; allowed: a model of a learning rule that no member has,"
        " unlike feedforward"
    )

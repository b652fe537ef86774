"""The plan by itself: which seeds, files and settings follow from the shipped configuration, the small one and
changes.
"""

import re

import pytest
from running import ROOT

from weightspace.configuration.checks import check_config
from weightspace.configuration.choices import load_configuration, with_lists
from weightspace.configuration.reading import merged, read_yaml
from weightspace.plan import FIGURES, NOISE, TABLES, Plan, deciding_tables, distinct, memory_mb, minutes, one_of, tables

SHIPPED, SMALL = load_configuration(), load_configuration(ROOT / "tests/config.yaml")


def changed(change, config=SHIPPED):
    """The plan of a checked configuration with a change."""
    config = with_lists(merged([config, change]))
    check_config(config)
    return Plan(config)


@pytest.fixture(params=["shipped", "small"])
def plan(request):
    return Plan(SHIPPED if request.param == "shipped" else SMALL)


def all_settings(plan):
    """What every job is handed, by a name for the job."""
    found = {}
    for name in plan.attacked:
        found |= {f"network {name}": plan.network_settings(name, plan.seeds_of(name))}
    for name in plan.all_memories:
        found |= {f"memory {name}": plan.memory_settings(name)}
    for name in plan.flipped:
        found |= {f"flips {name}": plan.flip_attack_settings(name)}
    for name in plan.space_models:
        found |= {f"space {name}": plan.estimate_settings(name)}
    for name in plan.config["pattern_space"]["counted"]:
        found |= {f"digits {name}": plan.digits_settings(name)}
    found |= {f"weight space {name}": plan.weight_space_settings(name) for name in plan.config["weight_space"]}
    return found | {"flip score": plan.flip_score_settings(), "transfer": plan.transfer_settings()}


# --- seeds


def test_seeds_of_the_shipped_run():
    assert [*Plan(SHIPPED).seeds_of("conv")] == [*range(10)]  # a claim is decided on ten
    plan = changed({"adversarial": {"seeds": 5}})
    assert [*plan.seeds_of("tanh_mlp")] == [*range(10)]
    assert [*plan.seeds_of("conv")] == [*range(5)]  # compared under attack, and not of the whole run
    assert [*plan.seeds_of("dense_40_exponential")] == [*range(5)]
    assert [*plan.seeds_of("nearest_neighbour_2000")] == [*range(5)]
    assert [*plan.space_seeds] == [0, 1, 2]


def test_a_section_has_no_more_seeds_than_the_run():
    plan = changed({"seeds": 2})
    assert [*plan.compared_seeds] == [*plan.space_seeds] == [0, 1]
    assert all(seed in plan.seeds for _, seed in plan.attack_plan("tanh_mlp"))


# --- models


def test_every_model_is_matched_by_its_wildcard_and_by_no_other(plan):
    kinds = ("network", "compared", "memory", "learnt_memory", "grey_memory", "control", "ensemble")
    for name in distinct(plan.attacked, plan.all_memories, plan.controls, plan.ensembles):
        matched = [kind for kind in kinds if re.fullmatch(plan.wildcards[kind], name)]
        assert len(matched) == 1, (name, matched)


def test_networks_of_random_labels_do_not_answer():
    plan = Plan(SHIPPED)
    assert "random_label_mlp" in plan.attacked
    assert "random_label_mlp" not in plan.answering


def test_files_of_models_are_those_of_their_seeds():
    plan = Plan(SMALL)
    assert plan.files_of(["tanh_mlp"], "{model}/{seed}") == ["tanh_mlp/0", "tanh_mlp/1"]
    assert plan.training_images("tanh_mlp") == [plan.patterns] == ["results/data/mnist/patterns.npz"]
    assert plan.training_images("relu_mlp") == plan.raw


# --- attacks on grey images


def test_what_is_attacked_with_what():
    plan = changed({"adversarial": {"seeds": 5}})
    assert [*plan.attacks_on("tanh_mlp")["pgd"]] == [*range(10)]
    assert [*plan.attacks_on("conv")["pgd"]] == [*range(5)]
    assert [*plan.attacks_on("conv")["square"]] == [0, 1, 2]  # few
    assert not {"noise", "noise_l2"} & plan.attacks_on("conv").keys()
    assert {attack for attack, _ in plan.attack_plan(NOISE)} == {"noise", "noise_l2"}
    assert {attack for attack, _ in plan.attack_plan("without_dense")} == {"mi_fgsm"}
    assert (plan.noise_of("pgd"), plan.noise_of("ddn")) == ("noise", "noise_l2")


def test_every_image_that_is_answered_is_made(plan):
    made = {source: set(plan.attack_plan(source)) for source in (*plan.attacked_on_grey, *plan.ensembles, NOISE)}
    answered = [(pair, seed) for seed in plan.compared_seeds for pair in plan.transferred_pairs(seed)]
    for model in plan.attacked_on_grey:
        answered += [(pair, seed) for seed in plan.own_seeds(model) for pair in plan.own_pairs(model, seed)]
    for network in plan.networks:
        for model in (network, *plan.storing):
            answered += [(pair, seed) for seed in plan.seeds for pair in plan.experiment_pairs(network, model, seed)]
    for (attack, source), seed in answered:
        assert (attack, seed) in made[source], (attack, source, seed)


def test_outputs_with_a_wildcard_are_those_of_each_network(plan):
    for network in plan.attacked:
        whole = network in plan.networks
        outputs = [*plan.network_outputs("name", whole=whole), *plan.slow_outputs("name")]
        assert len(outputs) == len(set(outputs))
        assert {path.format(name=network) for path in outputs} == {
            f"results/adversarial/{attack}/{network}/seed{seed}.npz" for attack, seed in plan.attack_plan(network)
        }


def test_without_noise_of_the_norm_there_is_none():
    assert changed({"adversarial": {"attacks": {"noise_l2": False}}}).noise_of("ddn") is None


def test_held_out_models_are_those_that_answer():
    plan = changed({"adversarial": {"memories": {"pseudo_inverse_40": False}}})
    assert plan.ensemble("without_hopfield")["held_out"] == ["iterative_40_margin_0", "iterative_40_margin_1"]
    assert Plan(SHIPPED).transfer_settings()["ensembles"] == SHIPPED["ensembles"]


def test_a_memory_of_grey_images_is_attacked_as_networks_are():
    plan, name = Plan(SHIPPED), "continuous_2000"
    assert plan.attacks_on(name) == plan.attacks_on("conv")
    crafting = plan.grey_memory_crafting_settings()
    assert crafting["definitions"].keys() == plan.attacks_on("conv").keys()
    assert (crafting["images"]["pgd"], crafting["images"]["square"]) == (60, 34)
    assert name not in plan.answering  # what all networks get right does not depend on it
    assert name not in plan.transfer_settings()["sources"]
    assert (name, "tanh_mlp") in plan.grey_pairs()
    assert changed({"adversarial": {"memories": {name: False}}}).grey_pairs() == []


def test_a_memory_of_grey_images_is_flipped_and_counted_by_its_name():
    name = "continuous_2000"
    plan = changed({"run": {"memories": {name: True}}, "binary_attacks": {"run": {"models": {name: True}}}})
    assert plan.binary_model(name) == {"kind": "trained", "name": name}
    assert name in plan.space_models
    assert name not in (*plan.storing, *plan.learnt)


# --- attacks on binary patterns


def test_composed_models_bring_what_they_are_made_of():
    plan = Plan(SHIPPED)
    assert plan.binary_model("tanh_mlp") == {"kind": "trained", "name": "tanh_mlp"}
    assert plan.binary_model("recall_dense_then_mlp") == {
        "kind": "memory_network",
        "memory": {"kind": "stored", "memory": SHIPPED["memories"]["dense_300_exponential"]},
        "network": {"kind": "trained", "name": "tanh_mlp"},
    }
    assert plan.binary_model("features_recall")["memory"] == SHIPPED["memories"]["dense_300_exponential"]
    assert plan.trained_parts(["recall_iterative_then_mlp"]) == ["iterative_100_margin_1", "tanh_mlp"]
    assert plan.trained_parts(["features_recall", "nearest_neighbour_40"]) == ["tanh_mlp"]


def test_purification_is_shown_where_something_is_compared():
    assert Plan(SHIPPED).shows_purification()
    plan = changed({"binary_attacks": {"run": {"models": ["tanh_mlp", "hebbian_40"]}}})
    assert not plan.shows_purification()
    assert [name for name in FIGURES if name not in plan.figures] == ["purification"]


# --- settings


def test_settings_are_plain_values(plan):
    """Snakemake keeps them as text and compares that."""

    def check(value):
        if isinstance(value, dict):
            for key, item in value.items():
                assert isinstance(key, str)
                check(item)
        elif isinstance(value, (list, tuple)):
            for item in value:
                check(item)
        else:
            assert value is None or isinstance(value, (str, int, float)), value

    for name, settings in all_settings(plan).items():
        check(settings)
        assert repr(settings) == repr(all_settings(Plan(plan.config))[name])


def test_a_definition_reaches_only_those_who_use_it():
    before = all_settings(Plan(SHIPPED))
    after = all_settings(changed({"memories": {"storkey_40": {"patterns": 20}}, "networks": {"conv": {"epochs": 3}}}))
    assert {name for name in before if before[name] != after[name]} == {"network conv", "memory storkey_40"}


def test_a_model_added_by_one_line_changes_no_other_models_settings():
    mine = {"memories": {"mine": {"rule": "storkey", "patterns": 20}}, "run": {"memories": {"mine": True}}}
    before, plan = all_settings(Plan(SHIPPED)), changed(mine)
    after = all_settings(plan)
    assert {name for name in after if after[name] != before.get(name)} == {"memory mine", "space mine"}
    assert plan.files_of(["mine"], "{model}/{seed}") == [f"mine/{seed}" for seed in range(10)]
    assert re.fullmatch(plan.wildcards["memory"], "mine")
    assert plan.binary_model("mine") == {"kind": "trained", "name": "mine"}


def test_the_order_of_a_file_does_not_matter():
    """Equal settings are equal as text, whichever file gives them."""
    reversed_keys = {"networks": {"tanh_mlp": dict(reversed(SHIPPED["networks"]["tanh_mlp"].items()))}}
    assert repr(all_settings(changed(reversed_keys))) == repr(all_settings(Plan(SHIPPED)))


# --- empty choices


@pytest.mark.parametrize(
    "path",
    [
        ("adversarial", "networks"),
        ("adversarial", "memories"),
        ("adversarial", "controls"),
        ("pattern_space", "models"),
        ("pattern_space", "exhaustive"),
        ("pattern_space", "rare"),
    ],
)
def test_empty_choices_are_planned(path):
    section, key = path
    change = {section: {key: {"models": []} if key == "rare" else []}}
    change |= {
        "symmetry": {"further": {"tanh_mlp_deep": False, "relu_mlp": False, "conv": False, "tanh_mlp_grey": True}}
    }
    change |= {"binary_attacks": {"run": {"models": ["tanh_mlp", "hebbian_40"]}}}
    members = {"networks": ["tanh_mlp", "trained_dense"], "memories": ["relu_mlp", "tanh_mlp"]}
    ensemble = {"members": members.get(key, ["relu_mlp", "tanh_mlp"]), "held_out": ["nearest_neighbour_2000"]}
    if key == "controls":
        ensemble["held_out"] = ["hebbian_40"]
    change |= {"ensembles": {"mine": ensemble}}
    change["adversarial"] = {**change.get("adversarial", {}), "ensembles": ["mine"]}
    plan = changed(change)
    assert all_settings(plan)
    assert all(plan.wildcards.values())
    assert plan.transferred_files()


def test_a_wildcard_of_no_names_matches_nothing():
    assert re.fullmatch(one_of([]), "") is None
    assert re.fullmatch(one_of(["a", "b"]), "b")


# --- tables, and what a scheduler is asked for


def test_claims_are_decided_from_tables_of_the_run():
    assert set(deciding_tables(read_yaml(ROOT / "workflow/claims.yaml"))) <= set(TABLES)
    assert tables("md")[0] == f"results/tables/{next(iter(TABLES))}.md"


def test_retries_ask_for_more(tmp_path):
    (tmp_path / "input").write_bytes(b"0" * 10_000_000)
    inputs = [str(tmp_path / "input"), str(tmp_path / "not made yet")]
    assert [memory_mb(100)(None, inputs, attempt) for attempt in (1, 2)] == [130, 260]
    assert [minutes(5)(None, attempt) for attempt in (1, 2)] == [5, 10]

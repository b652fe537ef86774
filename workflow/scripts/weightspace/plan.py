"""The plan of a run: which models, jobs, files and settings follow from a configuration.

Rules ask it and know nothing themselves; checks of the configuration ask it too. Plain Python without NumPy, since
every start of Snakemake makes one. A *seed* is the number of a repetition; models of `run` have all of them, what only
the comparison under attack needs has the first few.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from weightspace.data import RAW_NAMES
from weightspace.user_code import watched

Settings = dict[str, Any]

# Every table and figure of a run with its heading in the report's menu, in the order in which readers meet them.
TABLES = {
    "claims": "1 Answers",
    "paper_experiment": "1 Answers",
    "paper_experiment_seeds": "4 Adversarial images",
    "stability": "2 Learning",
    "attacks": "4 Adversarial images",
    "networks": "2 Learning",
    "smallest_budgets": "4 Adversarial images",
    "grey_differences": "4 Adversarial images",
    "transfer": "4 Adversarial images",
    "model_dependence": "4 Adversarial images",
    "ensembles": "4 Adversarial images",
    "loss_maxima": "4 Adversarial images",
    "attack_checks": "4 Adversarial images",
    "flips": "4 Adversarial images",
    "minimal_flips": "4 Adversarial images",
    "flip_transfer": "4 Adversarial images",
    "flip_differences": "4 Adversarial images",
    "attack_strength": "4 Adversarial images",
    "purification": "4 Adversarial images",
    "corruptions": "4 Adversarial images",
    "capacity": "5 Memories",
    "capacity_shares": "5 Memories",
    "basins": "5 Memories",
    "attractors": "5 Memories",
    "nearest_pattern": "5 Memories",
    "recall_dynamics": "5 Memories",
    "weight_partition": "6 Weight space",
    "memory_weight_partition": "6 Weight space",
    "weight_volume": "6 Weight space",
    "cones": "6 Weight space",
    "loss_levels": "6 Weight space",
    "dimension": "6 Weight space",
    "equioutput": "6 Weight space",
    "barriers": "6 Weight space",
    "hopfield_symmetry": "6 Weight space",
    "ordering": "6 Weight space",
    "pattern_partition": "7 Pattern space",
    "pattern_shares": "7 Pattern space",
    "pattern_sums": "7 Pattern space",
    "answer_agreement": "7 Pattern space",
    "pattern_datasets": "7 Pattern space",
    "basins_exact": "7 Pattern space",
    "certified": "7 Pattern space",
    "rare_shares": "7 Pattern space",
    "coverage": "7 Pattern space",
    "published": "8 Numbers of others",
}
FIGURES = {
    "fig1_hopfield_network": "3 Energy",
    "fig2_energy_before_training": "3 Energy",
    "fig3_gradient_descent": "2 Learning",
    "fig4_energy_after_training": "3 Energy",
    "fig5_energy_change": "3 Energy",
    "adversarial_examples": "4 Adversarial images",
    "paper_experiment": "1 Answers",
    "error_by_budget": "4 Adversarial images",
    "transfer_matrix": "4 Adversarial images",
    "ensemble_transfer": "4 Adversarial images",
    "minimal_flips": "4 Adversarial images",
    "purification": "4 Adversarial images",
    "corruptions": "4 Adversarial images",
    "capacity": "5 Memories",
    "basins": "5 Memories",
    "weight_volume": "6 Weight space",
    "angles": "6 Weight space",
    "fig7_objective_and_cones": "6 Weight space",
    "fig8_cones_on_hypersphere": "6 Weight space",
    "fig6_equioutput_cones": "6 Weight space",
    "barriers": "6 Weight space",
    "ordering": "6 Weight space",
    "pattern_partition": "7 Pattern space",
    "pattern_space_map": "7 Pattern space",
    "pattern_examples": "7 Pattern space",
    "coverage": "7 Pattern space",
    "published": "8 Numbers of others",
}
# Works whose numbers others have published, each with the keys of its definition.
PUBLISHED: dict[str, tuple[str, ...]] = {
    "counted": (),
    "exclusive_or": (),
    "random_starts": ("memories", "starts"),
    "half_capacity": ("starts", "draws"),
    "hebbian_overlap": ("neurons", "probes", "draws"),
    "stored_patterns": ("neurons", "draws"),
    "dichotomies": ("weights", "draws"),
}
PUBLISHED_IMAGES: dict[str, tuple[str, ...]] = {  # the same, of MNIST and of no other images
    "simple_classifiers": ("images",),
    "label_bits": ("margins", "images"),
    "fast_gradient_sign": ("epochs", "draws"),
    "hidden_units": ("epochs", "draws"),
    "minimal_distortions": ("images", "steps", "epochs", "draws"),
}

MODEL = "results/models/{model}/seed{seed}.safetensors"
HISTORY = "results/training/{model}/seed{seed}.csv"
# Answers of a model to the images made against itself, to those made against others, and to those of the paper's
# experiment, made against one network: apart, so that a claim does not wait for what it does not ask.
OWN_SCORES = "results/scores/own_attacks/{model}/seed{seed}.npz"
TRANSFER_SCORES = "results/scores/transferred/{model}/seed{seed}.npz"
EXPERIMENT_SCORES = "results/scores/paper_experiment/{network}/{model}/seed{seed}.npz"
ADVERSARIAL = "results/adversarial/{attack}/{source}/seed{seed}.npz"
NOISE = "none"  # the source of images that were changed at random


def distinct(*names: Iterable[str]) -> list[str]:
    """All names, each once, in the order of their first places."""
    return list(dict.fromkeys(name for some in names for name in some))


def one_of(names: Iterable[str]) -> str:
    """A regular expression for a wildcard that is one of these names; of no names, one that nothing matches."""
    return "|".join(names) or "(?!)"


def tables(ending: str) -> list[str]:
    """Files of all tables."""
    return [f"results/tables/{name}.{ending}" for name in TABLES]


class Plan:
    """What follows from a checked configuration.

    Methods whose names end in ``settings`` give what a job is handed, its own keys and no other's: Snakemake runs a job
    again where these change.
    """

    def __init__(self, config: Mapping[str, Any]) -> None:
        self.config = config

    # --- which models there are

    @cached_property
    def seeds(self) -> range:
        return range(self.config["seeds"])

    @cached_property
    def compared_seeds(self) -> range:
        """Seeds of the comparison under attack."""
        return range(min(self.config["seeds"], self.config["adversarial"]["seeds"]))

    @cached_property
    def networks(self) -> list[str]:
        """Networks of the whole run."""
        return list(self.config["run"]["networks"])

    @cached_property
    def memories(self) -> list[str]:
        """Memories of the whole run."""
        return list(self.config["run"]["memories"])

    @cached_property
    def attacks(self) -> list[str]:
        """Attacks of the paper's experiment."""
        return list(self.config["run"]["attacks"])

    @cached_property
    def attacked(self) -> list[str]:
        """All networks that are attacked on grey images."""
        return distinct(self.networks, self.config["adversarial"]["networks"])

    @cached_property
    def attacked_on_grey(self) -> list[str]:
        """All models that are attacked on grey images: networks, and memories that answer grey levels."""
        return distinct(self.attacked, self.grey_memories)

    @cached_property
    def compared(self) -> list[str]:
        """Networks that only the comparison under attack needs."""
        return [name for name in self.attacked if name not in self.networks]

    @cached_property
    def answering(self) -> list[str]:
        """Attacked networks that have learnt to answer, without the controls."""
        return [name for name in self.attacked if not self.is_control(name)]

    def is_control(self, network: str) -> bool:
        """Whether a network has learnt random labels, or few images: a source to compare with, and no target."""
        definition = self.config["networks"][network]
        return definition.get("labels") == "random" or "images" in definition

    @cached_property
    def controls(self) -> list[str]:
        return list(self.config["adversarial"]["controls"])

    @cached_property
    def targets(self) -> list[str]:
        """All models to which attacks are transferred."""
        return distinct(self.attacked, self.config["adversarial"]["memories"], self.controls)

    @cached_property
    def ensembles(self) -> list[str]:
        return list(self.config["adversarial"]["ensembles"])

    @cached_property
    def all_memories(self) -> list[str]:
        return distinct(self.memories, self.config["adversarial"]["memories"])

    def stores(self, memory: str) -> bool:
        """Whether a memory stores patterns; others have learnt from all images and store none."""
        return "patterns" in self.config["memories"][memory]

    @cached_property
    def storing(self) -> list[str]:
        """Memories of the whole run that store patterns."""
        return [name for name in self.memories if self.stores(name)]

    @cached_property
    def grey_memories(self) -> list[str]:
        """Memories that answer grey levels; as networks are, they are attacked on them."""
        return [name for name in self.all_memories if self.config["memories"][name]["rule"] == "continuous"]

    @cached_property
    def learnt(self) -> list[str]:
        """Memories of the whole run that are learnt by gradient."""
        return [name for name in self.memories if self.learns(name)]

    def learns(self, memory: str) -> bool:
        """Whether a memory is learnt by gradient."""
        return not self.stores(memory) and memory not in self.grey_memories

    @property
    def wildcards(self) -> dict[str, str]:
        """What each wildcard of the rules may be, as a regular expression."""
        whole = (*self.networks, *self.memories)
        return {
            "seed": "[0-9]+",
            "gain": "[0-9.]+",
            "network": one_of(self.networks),
            "compared": one_of(self.compared),
            "attacked": one_of(self.attacked),
            "memory": one_of(name for name in self.all_memories if self.stores(name)),
            "learnt_memory": one_of(name for name in self.all_memories if self.learns(name)),
            "grey_memory": one_of(self.grey_memories),
            "control": one_of(self.controls),
            "ensemble": one_of(self.ensembles),
            "model": one_of(whole),
            "target": one_of(self.targets),
            "flipped": one_of(self.flipped),
            "corrupted": one_of(self.corrupted),
            "learning_rule": one_of(self.config["capacity"]["run"]),
            "digits": one_of(self.config["pattern_space"]["counted"]),
            "published": one_of(PUBLISHED),
            "published_images": one_of(PUBLISHED_IMAGES),
        }

    def seeds_of(self, model: str) -> range:
        """Seeds of a model: all where it is in `run`, else those of the comparison under attack."""
        return self.seeds if model in (*self.networks, *self.memories) else self.compared_seeds

    def files_of(self, models: Iterable[str], pattern: str) -> list[str]:
        """The files ``pattern`` of all models with all their seeds; ``{model}`` and ``{seed}`` stand for these."""
        return [pattern.format(model=model, seed=seed) for model in models for seed in self.seeds_of(model)]

    def network(self, name: str) -> Settings:
        """What a job that builds a network needs: its definition, and of one of the user's own its file's digest."""
        return watched(self.config["networks"][name])

    def memory(self, name: str) -> Settings:
        """What a job that trains a memory needs, as `network`."""
        return watched(self.config["memories"][name])

    def learning_rule(self, name: str) -> Settings:
        """What a job that trains memories by one of the rules of ``capacity`` needs, as `network`."""
        return watched(self.config["capacity"]["rules"][name])

    # --- data

    @property
    def dataset(self) -> str:
        return self.config["dataset"]["name"]

    @property
    def raw(self) -> list[str]:
        """The four IDX files."""
        return [f"results/data/{self.dataset}/raw/{name}" for name in RAW_NAMES]

    @property
    def patterns(self) -> str:
        """The binarised images."""
        return f"results/data/{self.dataset}/patterns.npz"

    def given_weights(self, network: str, seeds: Iterable[int]) -> list[str]:
        """Files of weights that a network gets instead of being trained."""
        named = self.config["networks"][network].get("weights")
        return [] if named is None else distinct(named.format(seed=seed) for seed in seeds)

    def training_images(self, network: str) -> list[str]:
        """Files that a network learns from: the patterns, or the raw files for grey images."""
        return [self.patterns] if self.config["networks"][network]["input"] == "binary" else self.raw

    # --- models

    def network_settings(self, name: str, seeds: Iterable[int]) -> Settings:
        common = {"definition": self.network(name), "dataset": self.dataset}
        return common | {"device": self.config["device"], "seeds": list(seeds)}

    def memory_settings(self, name: str) -> Settings:
        return {"definition": self.memory(name), "dataset": self.dataset}

    def grey_memory_settings(self, name: str) -> Settings:
        """Settings of a memory that stores grey images."""
        return self.memory_settings(name) | {"threshold": self.config["dataset"]["threshold"]}

    def control_settings(self, name: str) -> Settings:
        return {"definition": self.config["controls"][name], "dataset": self.dataset}

    def storing_memories(self) -> dict[str, Settings]:
        """Definitions of the memories of this run that store patterns, in the order of the configuration."""
        return {name: self.config["memories"][name] for name in self.storing}

    def learning_rules(self) -> dict[str, Settings]:
        """Definitions of the rules that are measured, in the order of the configuration."""
        return {name: self.learning_rule(name) for name in self.config["capacity"]["run"]}

    def kind(self, model: str) -> str:
        """The learning rule, in the paper's sense, of a model: what kind of network or memory it is, or a control."""
        if model in self.config["networks"]:
            definition = self.config["networks"][model]
            kinds = {"recurrent": "recurrent", "function": "own"}
            if self.is_control(model):
                return "control"
            return kinds.get(definition["architecture"], "feedforward")
        if model in self.config["memories"]:
            rule = self.config["memories"][model]["rule"]
            return "dense" if "dense" in rule else "continuous" if rule == "continuous" else "hopfield"
        return self.config["controls"][model]["control"]

    def family(self, name: str) -> str:
        """What gives a model its hue in figures: that it is a network, a memory's rule, or a control's kind."""
        if name in self.config["networks"]:
            return "network"
        if name in self.config["controls"]:
            return self.config["controls"][name]["control"]
        rules = self.config["memories"] | self.config["capacity"]["rules"]
        if name in rules:
            return rules[name]["rule"]
        composed = self.config["binary_attacks"]["models"][name]
        if composed["kind"] == "features":  # by what reads the network's features
            return {"linear": "network", "nearest": "nearest_neighbour", "recall": "features_recall"}[composed["head"]]
        return self.family(composed["memory"]) if composed["kind"] == "memory_network" else composed["kind"]

    def families(self, names: Iterable[str]) -> dict[str, str]:
        """`family` of each name."""
        return {name: self.family(name) for name in names}

    # --- numbers of others

    @property
    def published(self) -> list[str]:
        """Files of the works that are measured; others' numbers of MNIST are no other images' numbers."""
        works = [work for work in self.config["published"]["works"] if work in PUBLISHED or self.dataset == "mnist"]
        return [f"results/published/{work}.csv" for work in works]

    def published_settings(self, work: str) -> Settings:
        return self.config["published"]["definitions"][work]

    # --- energy and retrieval

    def margin(self, memory: str) -> int | float:
        """The margin that a memory's certificate is of: its own, and 0 where its rule has none."""
        return self.config["memories"][memory].get("margin", 0)

    def landscape_settings(self) -> Settings:
        section = self.config["energy_landscape"]
        return section | {"margin": self.margin(section["memory"])}

    def descent_settings(self) -> Settings:
        section = self.config["gradient_descent_path"]
        return section | {"definition": self.network(section["network"])}

    def capacity_settings(self, rule: str) -> Settings:
        section = self.config["capacity"]
        return {
            "definition": self.learning_rule(rule),
            "dataset": self.dataset,
            **{key: section[key] for key in ("neurons", "loads", "images", "seeds")},
            "probing": {key: section[key] for key in ("flipped", "probes", "overlap", "refinements")},
        }

    def recall_settings(self) -> Settings:
        return {
            "sweeps": self.config["recall"]["sweeps"],
            "basins": self.config["basins"],
            "dynamics": self.config["recall_dynamics"],
        }

    # --- attacks on grey images

    def knows_nothing(self, attack: str) -> bool:
        """Whether an attack is noise: it sees nothing of the model."""
        return self.config["attacks"][attack]["knowledge"] == "none"

    @cached_property
    def noises(self) -> list[str]:
        return [attack for attack in self.config["adversarial"]["attacks"] if self.knows_nothing(attack)]

    @cached_property
    def made_attacks(self) -> list[str]:
        """All attacks of this run, noise included."""
        compared = self.config["adversarial"]
        return distinct(self.attacks, compared["attacks"], compared["few"]["attacks"])

    def noise_of(self, attack: str) -> str | None:
        """The noise of an attack's domain and norm that this run makes, or None."""
        definitions = self.config["attacks"]
        alike = (
            noise
            for noise in self.noises
            if all(definitions[noise][key] == definitions[attack][key] for key in ("domain", "norm"))
        )
        return next(alike, None)

    def noise_by_attack(self) -> dict[str, str | None]:
        return {attack: self.noise_of(attack) for attack in self.made_attacks}

    def attacks_on(self, network: str) -> dict[str, Sequence[int]]:
        """``{attack: seeds}`` of all attacks that are made against a network."""
        made = self._attacks(network in self.networks) | self.slow_attacks
        compared = self.config["adversarial"]
        return {
            attack: made[attack]
            for attack in distinct(compared["attacks"], compared["few"]["attacks"], self.attacks)
            if attack in made
        }

    def _attacks(self, whole: bool) -> dict[str, Sequence[int]]:
        """Those that are not slow, for all networks of the whole run, or for all others."""
        made: dict[str, Sequence[int]] = dict.fromkeys(self.config["adversarial"]["attacks"], self.compared_seeds)
        made |= dict.fromkeys(self.attacks, self.seeds if whole else self.compared_seeds)
        return {
            attack: seeds
            for attack, seeds in made.items()
            if attack not in self.slow_attacks and not self.knows_nothing(attack)
        }

    @cached_property
    def slow_attacks(self) -> dict[str, Sequence[int]]:
        """``{attack: seeds}`` of those on few images, the same for every network."""
        few = self.config["adversarial"]["few"]
        seeds = self.seeds[: few["seeds"]]
        return {name: seeds for name in few["attacks"] if name not in self.attacks and not self.knows_nothing(name)}

    def attack_plan(self, source: str) -> list[tuple[str, int]]:
        """Pairs (attack, seed) of the files of adversarial images of a network, of an ensemble, or of `NOISE`."""
        if source == NOISE:
            return [(attack, seed) for attack in self.noises for seed in self.compared_seeds]
        if source in self.ensembles:
            return self._ensemble_plan()
        return [(attack, seed) for attack, seeds in self.attacks_on(source).items() for seed in seeds]

    def _ensemble_plan(self) -> list[tuple[str, int]]:
        return [(self.config["adversarial"]["ensemble_attack"], seed) for seed in self.compared_seeds]

    def _network_plan(self, whole: bool) -> list[tuple[str, int]]:
        return [(attack, seed) for attack, seeds in self._attacks(whole).items() for seed in seeds]

    def _slow_plan(self) -> list[tuple[str, int]]:
        return [(attack, seed) for attack, seeds in self.slow_attacks.items() for seed in seeds]

    def network_outputs(self, wildcard: str, *, whole: bool) -> list[str]:
        """What the attack on a network makes, with a wildcard for its name: all of one kind have the same plan."""
        return [_adversarial(attack, f"{{{wildcard}}}", seed) for attack, seed in self._network_plan(whole)]

    def slow_outputs(self, wildcard: str) -> list[str]:
        return [_adversarial(attack, f"{{{wildcard}}}", seed) for attack, seed in self._slow_plan()]

    def grey_memory_outputs(self, wildcard: str) -> list[str]:
        """What the attack on a memory of grey images makes, all of networks that are not in `run`."""
        return self.network_outputs(wildcard, whole=False) + self.slow_outputs(wildcard)

    def ensemble_outputs(self, wildcard: str) -> list[str]:
        return [_adversarial(attack, f"{{{wildcard}}}", seed) for attack, seed in self._ensemble_plan()]

    def noise_outputs(self) -> list[str]:
        return [_adversarial(attack, NOISE, seed) for attack, seed in self.attack_plan(NOISE)]

    def _crafting_settings(self, plan: list[tuple[str, int]], *, stored: bool = False, most: int = 10_000) -> Settings:
        made, few = distinct(attack for attack, _ in plan), self.config["adversarial"]["few"]
        images = min(self.config["adversarial"]["test_images"], most)
        largest = max((self.config["memories"][name]["patterns"] for name in self.storing), default=0)
        return {
            "definitions": {attack: self.config["attacks"][attack] for attack in made},
            "images": {attack: min(few["images"], most) if attack in few["attacks"] else images for attack in made},
            "stored": {attack: largest for attack in made if stored and attack in self.attacks},
            "device": self.config["device"],
        }

    def network_crafting_settings(self, *, whole: bool) -> Settings:
        return self._crafting_settings(self._network_plan(whole), stored=whole)

    def slow_crafting_settings(self) -> Settings:
        return self._crafting_settings(self._slow_plan())

    def grey_memory_crafting_settings(self) -> Settings:
        plan = self._network_plan(False) + self._slow_plan()
        return self._crafting_settings(plan, most=self.config["adversarial"]["memory_images"])

    def noise_settings(self) -> Settings:
        return self._crafting_settings(self.attack_plan(NOISE))

    def ensemble(self, name: str) -> Settings:
        """The definition of an ensemble, with those of its held-out models that answer in this run."""
        definition = self.config["ensembles"][name]
        return definition | {"held_out": [model for model in definition["held_out"] if model in self.targets]}

    def members(self, ensemble: str) -> list[str]:
        return list(self.config["ensembles"][ensemble]["members"])

    def ensemble_settings(self) -> Settings:
        return self._crafting_settings(self._ensemble_plan())

    def user_attacks(self) -> list[str]:
        """Files of attacks of the user's own, changes in which make attacks run again."""
        definitions = (self.config["attacks"][attack] for attack in self.made_attacks)
        return [definition["file"] for definition in definitions if definition["method"] == "function"]

    def probed_attack(self) -> str | None:
        """The attack that is probed with more steps and restarts: the first projected gradient descent within linf."""
        definitions = {attack: self.config["attacks"][attack] for attack in self.made_attacks}
        fit = (name for name, one in definitions.items() if (one["method"], one["norm"]) == ("pgd", "linf"))
        return next(fit, None)

    def against_masking(self) -> list[str]:
        """Attacks that need no gradients, and the probed one, which does: tried on a model without gradients."""
        return [
            attack
            for attack in self.made_attacks
            if self.config["attacks"][attack]["norm"] == "linf"
            and (self.config["attacks"][attack]["knowledge"] in ("scores", "labels") or attack == self.probed_attack())
        ]

    def checked_files(self) -> list[str]:
        """The files of seed 0 that are checked once more, image by image."""
        pairs = [
            (attack, source)
            for source in [*self.attacked, NOISE]
            for attack, seed in self.attack_plan(source)
            if not seed
        ]
        pairs += [(self.config["adversarial"]["ensemble_attack"], ensemble) for ensemble in self.ensembles]
        return [_adversarial(attack, source, 0) for attack, source in pairs]

    def check_settings(self) -> Settings:
        definitions = {attack: self.config["attacks"][attack] for attack in self.made_attacks}
        return {
            "definitions": definitions,
            "probes": {
                "images": min(150, self.config["adversarial"]["test_images"]),
                "attack": self.probed_attack(),
                "against_masking": self.against_masking(),
            },
        }

    # --- scores on grey images

    def own_pairs(self, network: str, seed: int) -> list[tuple[str, str]]:
        """Pairs (attack, source) of the files that a network with a seed answers as the one under attack, and noise."""
        pairs = [(attack, network) for attack, seeds in self.attacks_on(network).items() if seed in seeds]
        return pairs + self._noise_pairs(seed)

    def transferred_pairs(self, seed: int) -> list[tuple[str, str]]:
        """Those that every model answers: what is transferred, and noise."""
        compared = self.config["adversarial"]
        pairs = [(attack, network) for attack in compared["transferred"] for network in self.attacked]
        pairs += [(compared["ensemble_attack"], ensemble) for ensemble in self.ensembles]
        return pairs + self._noise_pairs(seed)

    def experiment_pairs(self, network: str, model: str, seed: int) -> list[tuple[str, str]]:
        """Those of the paper's experiment on one network, and noise for models that are compared under attack."""
        pairs = [(attack, network) for attack in self.attacks]
        return pairs + (self._noise_pairs(seed) if model in self.targets else [])

    def _noise_pairs(self, seed: int) -> list[tuple[str, str]]:
        return [(attack, NOISE) for attack in self.noises if seed in self.compared_seeds]

    def own_seeds(self, model: str) -> range:
        """Seeds with which a model is attacked on grey images: a memory has those of the comparison."""
        return self.compared_seeds if model in self.grey_memories else self.seeds_of(model)

    def own_files(self, model: str) -> list[str]:
        """The images of `own_pairs`, seed by seed."""
        return [_adversarial(*pair, seed) for seed in self.own_seeds(model) for pair in self.own_pairs(model, seed)]

    def own_scores(self, models: Iterable[str]) -> list[str]:
        """Score files of models under attacks on themselves."""
        return [OWN_SCORES.format(model=model, seed=seed) for model in models for seed in self.own_seeds(model)]

    def transferred_files(self) -> list[str]:
        """The images of `transferred_pairs`, seed by seed."""
        return [_adversarial(*pair, seed) for seed in self.compared_seeds for pair in self.transferred_pairs(seed)]

    def experiment_files(self, network: str, model: str) -> list[str]:
        """The images of `experiment_pairs`, seed by seed."""
        return [
            _adversarial(*pair, seed) for seed in self.seeds for pair in self.experiment_pairs(network, model, seed)
        ]

    def scoring_settings(self) -> Settings:
        return {"sweeps": self.config["recall"]["sweeps"], "threshold": self.config["dataset"]["threshold"]}

    def error_by_budget_settings(self) -> Settings:
        return {"about": "error_by_budget", "noises": self.noise_by_attack()}

    def grey_pairs(self) -> list[tuple[str, str]]:
        """Pairs of models of this run that are compared under attacks on grey images."""
        pairs, there = self.config["adversarial"]["pairs"], self.attacked_on_grey
        return [(one, other) for one, other in pairs if one in there and other in there]

    def grey_comparison_settings(self) -> Settings:
        definitions = self.config["attacks"]
        bounded = [name for name in self.made_attacks if definitions[name]["norm"] == "linf"]
        return {
            "about": "grey_comparisons",
            "pairs": [list(pair) for pair in self.grey_pairs()],
            "portfolio": [name for name in bounded if not self.knows_nothing(name)],
        }

    def transfer_settings(self) -> Settings:
        return {
            "about": "transfer",
            "networks": self.answering,
            "rules": {name: self.kind(name) for name in self.targets},
            "noises": self.noise_by_attack(),
            "sources": [*self.attacked, *self.ensembles, NOISE],
            "attacks": [*self.config["adversarial"]["transferred"], *self.noises],
            "ensembles": {name: self.ensemble(name) for name in self.ensembles},
        }

    # --- the paper's experiment

    @property
    def shown(self) -> Settings:
        """The network, attack, budget and memory that figures and the first page show."""
        return self.config["paper_experiment"]

    def papers_memory(self) -> str:
        """The memory nearest to the paper's, which learns without a margin, among those attacked; else the shown
        one.
        """
        without = (
            name for name in self.storing if self.config["memories"][name].get("margin") == 0 and name in self.targets
        )
        return next(without, self.shown["memory"])

    def experiment_scores(self, networks: Iterable[str], memories: Iterable[str]) -> list[str]:
        """Score files of the paper's experiment: each network's own answers, and the memories' to the same images."""
        pairs = [(network, model) for network in networks for model in (network, *memories)]
        return [
            EXPERIMENT_SCORES.format(network=network, model=model, seed=seed)
            for network, model in pairs
            for seed in self.seeds
        ]

    def paper_experiment_settings(self, memories: Iterable[str]) -> Settings:
        return {
            "about": "paper_experiment",
            "attacks": self.attacks,
            "noises": {attack: self.noise_of(attack) for attack in self.attacks},
            "memories": {name: self.config["memories"][name] for name in memories},
        }

    def shown_files(self, source: str) -> list[str]:
        """Adversarial images of the shown attack on a network, or the noise beside it, of the compared seeds."""
        attack = self.noise_of(self.shown["attack"]) if source == NOISE else self.shown["attack"]
        return [_adversarial(str(attack), source, seed) for seed in self.compared_seeds]

    def example_settings(self) -> Settings:
        shown = {key: self.shown[key] for key in ("attack", "network", "memory", "budget")}
        return shown | self.scoring_settings()

    def loss_ascent_settings(self) -> Settings:
        network = self.shown["network"]
        return {
            "network": network,
            "budget": self.shown["budget"],
            "loss": self.config["networks"][network]["loss"],
            "input": self.config["networks"][network]["input"],
            **self.config["adversarial"]["loss_ascent"],
        }

    def grey_figure_settings(self) -> Settings:
        """What the figures of attacks on grey images show."""
        shown = [
            attack
            for attack in self.made_attacks
            if self.config["attacks"][attack]["norm"] == "linf" and not self.knows_nothing(attack)
        ]
        return {
            "paper_experiment": {key: self.shown[key] for key in ("network", "attack", "budget")},
            "error_by_budget": {"shown": shown, "strongest": self.shown["attack"]},
            "transfer_matrix": {
                "attack": self.shown["attack"],
                "ensemble_attack": self.config["adversarial"]["ensemble_attack"],
                "noise": self.noise_of(self.shown["attack"]),
                "budget": self.shown["budget"],
                "rules": {name: self.kind(name) for name in self.targets},
            },
            "ensemble_transfer": {
                "attack": self.config["adversarial"]["ensemble_attack"],
                "budget": self.shown["budget"],
            },
        }

    # --- corruptions

    @cached_property
    def corrupted(self) -> list[str]:
        """Models of this run that are asked about corrupted images."""
        return [name for name in self.config["corruptions"]["models"] if self.can_be_built(name)]

    def corruption_settings(self, name: str) -> Settings:
        section = self.config["corruptions"]
        how = {key: section[key] for key in ("images", "levels")}
        return {"model": self.binary_model(name), "seeds": len(self.compared_seeds), **how, **self.scoring_settings()}

    def corruption_table_settings(self) -> Settings:
        section = self.config["corruptions"]
        pairs = [list(pair) for pair in section["pairs"] if set(pair) <= set(self.corrupted)]
        return {"levels": section["levels"], "pairs": pairs}

    # --- attacks on binary patterns

    @cached_property
    def flipped(self) -> list[str]:
        """Models that are attacked by flips of bits."""
        return list(self.config["binary_attacks"]["run"]["models"])

    def is_trained(self, name: str) -> bool:
        """Whether a model has a file of its own in this run."""
        return name in (*self.targets, *self.memories)

    def can_be_built(self, name: str) -> bool:
        """Whether this run trains a model, or all that it is made of, or it only stores."""
        if self.is_trained(name) or self.config["memories"].get(name, {}).get("rule") == "dense":
            return True
        definition = self.config["binary_attacks"]["models"].get(name)
        if definition is None:
            return False
        # The memory of features is trained on them.
        keys = ("network",) if definition["kind"] == "features" else ("memory", "network")
        return all(self.can_be_built(definition[key]) for key in keys if key in definition)

    def binary_model(self, name: str) -> Settings:
        """What a name in the section binary_attacks stands for: its own definition and no other's."""
        if self.is_trained(name):
            return {"kind": "trained", "name": name}
        if name in self.config["memories"]:
            return {"kind": "stored", "memory": self.memory(name)}
        definition = dict(self.config["binary_attacks"]["models"][name])
        # The memory of features is trained on them, so it is a definition; other parts are models.
        features = definition["kind"] == "features"
        memory = {"memory": self.memory(definition["memory"])} if features else {}
        keys = [key for key in ("memory", "network") if key in definition and key not in memory]
        return definition | {key: self.binary_model(definition[key]) for key in keys} | memory

    def trained_parts(self, names: Iterable[str]) -> list[str]:
        """Names of the trained models that models of the section binary_attacks are, or are made of."""
        found: list[str] = []
        for name in names:
            if self.is_trained(name):
                found.append(name)
            elif name not in self.config["memories"]:
                definition = self.config["binary_attacks"]["models"][name]
                keys = ("network",) if definition["kind"] == "features" else ("memory", "network")
                found += self.trained_parts([definition[key] for key in keys if key in definition])
        return distinct(found)

    def trained_files(self, name: str) -> list[str]:
        """Files of the trained models that a model is made of, all seeds of one after those of another."""
        parts = self.trained_parts([name])
        return [MODEL.format(model=part, seed=seed) for part in parts for seed in self.compared_seeds]

    def flip_check_settings(self) -> Settings:
        """What the attacks by flips and their checks share."""
        section = self.config["binary_attacks"]
        attacks = {name: section["attacks"][name] for name in section["run"]["attacks"]}
        return {
            "attacks": attacks,
            "budgets": section["budgets"],
            "images": max(definition["images"] for definition in attacks.values()),
            "pool": max(definition.get("pool", 1) for definition in attacks.values()),
        }

    def checked_flip_settings(self) -> Settings:
        """What the checks of the attacks by flips need: whom they attacked, and how far."""
        largest = self.config["binary_attacks"]["search"]["largest"]
        return self.flip_check_settings() | {"models": self.flipped, "largest": largest}

    def flip_attack_settings(self, name: str) -> Settings:
        model = {"model": self.binary_model(name)}
        numbers = {"seeds": len(self.compared_seeds), "sweeps": self.config["recall"]["sweeps"]}
        return model | self.flip_check_settings() | numbers

    def clean_answer_settings(self) -> Settings:
        """What the choice of attacked images needs: all models, and among how many images of each seed."""
        return self.flip_score_settings() | {
            "seeds": len(self.compared_seeds),
            "among": self.config["binary_attacks"]["search"]["among"],
        }

    def search_settings(self, name: str) -> Settings:
        """What the search for the fewest flips of one model needs; of the pairs those that it belongs to."""
        search = self.config["binary_attacks"]["search"]
        keys = ("images", "others", "pool", "queries", "largest", "candidates", "surrogates")
        return {
            "model": self.binary_model(name),
            "sweeps": self.config["recall"]["sweeps"],
            "pairs": [list(pair) for pair in self.decided_pairs() if name in pair],
            **{key: search[key] for key in keys},
        }

    def decided_pairs(self) -> list[tuple[str, str]]:
        """Pairs of models of this run between which claims are decided."""
        pairs = self.config["binary_attacks"]["search"]["pairs"]
        return [(one, other) for one, other in pairs if one in self.flipped and other in self.flipped]

    def random_flip_settings(self) -> Settings:
        section = self.config["binary_attacks"]
        return {
            "seeds": len(self.compared_seeds),
            "images": section["random_images"],
            "budgets": section["budgets"],
        }

    def flip_score_settings(self) -> Settings:
        return {
            "models": {name: self.binary_model(name) for name in self.flipped},
            "sweeps": self.config["recall"]["sweeps"],
        }

    def flip_table_settings(self) -> Settings:
        section = self.config["binary_attacks"]
        return {
            "knowledge": {name: section["attacks"][name]["knowledge"] for name in section["run"]["attacks"]},
            "pairs": self.compared_pairs(),
            "source": section["network"],
            "models": self.flipped,
            "budgets": section["budgets"],
            "largest": section["search"]["largest"],
            "decided": [list(pair) for pair in self.decided_pairs()],
            "images": section["search"]["images"],
        }

    def flip_figures(self) -> list[str]:
        """Figures of attacks by flips."""
        return ["minimal_flips", *(["purification"] if self.shows_purification() else [])]

    def flip_figure_settings(self) -> Settings:
        return {
            "figures": self.flip_figures(),
            "network": self.config["binary_attacks"]["network"],
            "families": self.families(self.flipped),
        }

    def compared_pairs(self) -> list[tuple[str, str, str]]:
        """(comparison, model, reference) for the table `flip_differences`."""
        section = self.config["binary_attacks"]
        network, models = section["network"], self.flipped
        known = (*self.config["networks"], *self.config["memories"])
        trained = [name for name in models if name in known and name != network]
        others = [name for name in trained if name in self.config["networks"]]
        composed = {name: section["models"][name] for name in models if name in section["models"]}
        pairs = [("memory_or_network", name, network) for name in trained]
        # A network for which the transferred patterns were not made either: the fair comparison under transfer.
        pairs += [
            ("another_network", name, others[0]) for name in trained if name in self.config["memories"] and others
        ]
        pairs += [
            ("rule_or_descent", one, other)
            for one, other in self.decided_pairs()
            if one in self.config["memories"] and other in self.config["memories"]
        ]
        for name, definition in composed.items():
            if definition["kind"] == "nearest_neighbour":
                pairs.append(("control", name, network))
            elif definition["kind"] == "memory_network" and definition["network"] in models:
                pairs.append(("recall_then_classify", name, definition["network"]))
            elif definition["kind"] == "features" and definition["head"] != "linear":
                same = [
                    linear
                    for linear, other in composed.items()
                    if other.get("head") == "linear" and other["network"] == definition["network"]
                ]
                pairs += [("same_features", name, linear) for linear in same]
        return pairs

    def shows_purification(self) -> bool:
        """Whether the section binary_attacks compares anything that its figure purification shows."""
        return any(pair[0] in ("recall_then_classify", "same_features") for pair in self.compared_pairs())

    def attacked_groups(self) -> Settings:
        """Who is compared in the paragraph on memories under attack, and at which number of flips: 8 where that is a
        budget, else the middle one.
        """
        section, networks = self.config["binary_attacks"], self.config["networks"]
        models, budgets = self.flipped, section["budgets"]
        return {
            "network": section["network"],
            "networks": [name for name in models if name in networks and not self.is_control(name)],
            "memories": [name for name in models if name in self.config["memories"]],
            "controls": [name for name in models if section["models"].get(name, {}).get("kind") == "nearest_neighbour"],
            "budget": 8 if 8 in budgets else budgets[len(budgets) // 2],
        }

    # --- weight space and symmetry

    def weight_space_settings(self, section: str, *, without: Iterable[str] = ()) -> Settings:
        """One part of the section weight_space, without the keys that another job or a wildcard takes."""
        return {key: value for key, value in self.config["weight_space"][section].items() if key not in without}

    def enumeration_settings(self) -> Settings:
        return {key: self.config["weight_space"][key] for key in ("binary_weights", "matrices", "rows")}

    def weight_figure_settings(self) -> Settings:
        """What the figures of the weight space say of the volumes."""
        volume = self.config["weight_space"]["volume"]
        return {key: volume[key] for key in ("patterns", "held_out", "threshold", "hidden")}

    def equioutput_settings(self) -> Settings:
        """Copies of the shown network and of further ones, and how the networks of each width are trained."""
        symmetry = self.config["symmetry"]
        trained = self._small_training() | {"steps": symmetry["solutions"]["steps"], "widths": symmetry["widths"]}
        return {
            **{key: symmetry[key] for key in ("network", "units", "copies", "further_copies", "patterns")},
            "nearest": {"images": symmetry["solutions"]["patterns"], "training": trained},
        }

    def _small_training(self) -> Settings:
        """How the small networks are trained of which the symmetry is measured."""
        return {key: self.config["ordering"][key] for key in ("batch_size", "learning_rate")}

    @property
    def copied(self) -> list[str]:
        """Trained networks whose copies are measured, and the barriers between their seeds."""
        return distinct([self.config["symmetry"]["network"]], self.config["symmetry"]["further"])

    def barrier_settings(self) -> Settings:
        """Barriers between trained networks, and between small ones, which learn what the solutions by width do."""
        section = self.config["symmetry"]["barriers"]
        small = {key: section["small"][key] for key in ("widths", "steps", "enumerated")}
        return {
            **{key: section[key] for key in ("images", "points")},
            "small": {
                "patterns": self.config["symmetry"]["solutions"]["patterns"],
                "images": section["small"]["images"],
                "trained": small | self._small_training() | {"seeds": self.config["seeds"]},
            },
        }

    def hopfield_symmetry_settings(self) -> Settings:
        symmetry = self.config["symmetry"]
        return {key: symmetry[key] for key in ("images", "draws")} | {"sweeps": self.config["recall"]["sweeps"]}

    def ordering_settings(self) -> Settings:
        ordering = self.config["ordering"]
        varied = ("width", "learning_rate", "widths", "learning_rates", "gaps", "optimisers")
        return {
            **{key: ordering[key] for key in ("images", "steps", "batch_size", "equivariance")},
            "seeds": self.config["seeds"],
            "varied": {key: ordering[key] for key in varied},
        }

    # --- pattern space

    @property
    def space_models(self) -> list[str]:
        """Models around whose images patterns are counted."""
        return list(self.config["pattern_space"]["models"]) or [*self.networks, *self.memories]

    @property
    def space_seeds(self) -> range:
        return range(min(self.config["pattern_space"]["seeds"], self.config["seeds"]))

    def digits_settings(self, name: str) -> Settings:
        """Settings of the count of all patterns of one way of shrinking: its own models' definitions and no other's."""
        space, digits = self.config["pattern_space"], self.config["pattern_space"]["digits"][name]
        return {
            "dataset": f"{self.dataset}_{name}",
            "digits": {key: digits[key] for key in ("shape", "crop", "threshold", "classes")},
            "models": {
                "definitions": {network: self.network(network) for network in digits["networks"]},
                "rules": {rule: self.learning_rule(rule) for rule in digits["rules"]},
                "hidden": space["hidden"],
                "stored": digits["stored"],
            },
            "seeds": min(space["seeds"], self.config["seeds"]),
            "largest": space["largest"],
            "device": self.config["device"],
        }

    def shell_settings(self) -> Settings:
        space = self.config["pattern_space"]
        return {"dataset": self.dataset, "radius": space["radius"], "draws": space["draws"]}

    def pattern_table_settings(self) -> Settings:
        """Radii of the exact and of the estimated partition."""
        return {key: self.config["pattern_space"][key] for key in ("radii", "shown_radii")}

    def coverage_settings(self) -> Settings:
        """Settings of the test of the intervals: the models of its digits, and how it splits."""
        space = self.config["pattern_space"]
        coverage, counted = space["coverage"], self.digits_settings(space["coverage"]["digits"])
        return {
            "digits": counted["digits"],
            "models": counted["models"],
            "measure": {key: coverage[key] for key in ("draws", "radii", "repeats", "shell", "hypergeometric")},
            "splitting": {key: space["rare"][key] for key in ("particles", "steps", "runs")},
        }

    def estimate_settings(self, model: str) -> Settings:
        """Settings of the estimates around whole images for one model."""
        space = self.config["pattern_space"]
        rare = {key: value for key, value in space["rare"].items() if key != "models"}
        measure = {"exhaustive": model in space["exhaustive"], "certified": space["certified"]}
        return {
            "dataset": self.dataset,
            "model": model,
            "measure": measure | {"rare": rare if model in space["rare"]["models"] else None},
            "sweeps": self.config["recall"]["sweeps"],
            "device": self.config["device"],
        }

    def agreement_settings(self) -> Settings:
        """Models whose seeds are compared, the shells within R, and the distances beyond."""
        space, shown = self.config["pattern_space"], self.config["pattern_space"]["shown"]
        return {
            "models": list(space["agreement"]),
            "distances": [distance for distance in shown["distances"] if 0 < distance <= space["radius"]],
            **{key: space[key] for key in ("radius", "draws")},
            "far": shown["far"],
            "sweeps": self.config["recall"]["sweeps"],
        }

    def pattern_example_settings(self) -> Settings:
        shown = self.config["pattern_space"]["shown"]
        return {
            **{key: shown[key] for key in ("network", "memory", "distances", "far")},
            "sweeps": self.config["recall"]["sweeps"],
        }

    def pattern_figure_settings(self) -> Settings:
        space, shown = self.config["pattern_space"], self.config["pattern_space"]["shown"]
        counted = [[*space["digits"][name]["networks"], *space["digits"][name]["rules"]] for name in space["counted"]]
        return {
            "network": shown["network"],
            "memory": shown["basins"],
            "radius": shown["radius"],
            "dataset": f"{self.dataset}_{shown['digits']}",
            "families": self.families(distinct(self.space_models, *counted, (shown["network"], shown["memory"]))),
        }

    # --- the report

    @property
    def figures(self) -> list[str]:
        """Names of all figures of this run."""
        return [name for name in FIGURES if name != "purification" or self.shows_purification()]

    def figure_files(self, ending: str) -> list[str]:
        return [f"results/figures/{name}.{ending}" for name in self.figures]

    def attack_shown(self) -> Settings:
        """The network, attack and budget of the paper's experiment that the report speaks of."""
        return {key: self.shown[key] for key in ("network", "attack", "budget")}

    def run_settings(self) -> Settings:
        return {"seeds": self.config["seeds"], "dataset": self.dataset, "figures": self.figures}

    def first_page_settings(self, classes: int, otherwise: Sequence[str] = ()) -> Settings:
        """Of the page itself, and for the topics whose paragraphs need some, by topic.

        Args: ``classes``, how many the images have; ``otherwise``, sentences on numbers of the configuration that are
        used otherwise than it has them.
        """
        space = self.config["pattern_space"]
        return {
            "page": self.attack_shown() | self.run_settings() | {"otherwise": list(otherwise)},
            "grey_attacks": self.attack_shown() | {"memory": self.papers_memory()},
            "bit_flips": self.attacked_groups() | {"classes": classes},
            "pattern_space": {
                "dataset": self.dataset,
                **{key: space["shown"][key] for key in ("network", "memory")},
                "radii": space["shown_radii"],
            },
        }

    def paper_settings(self) -> Settings:
        return self.attack_shown() | self.run_settings() | {"memory": self.papers_memory()}


def _adversarial(attack: str, source: str, seed: int) -> str:
    return ADVERSARIAL.format(attack=attack, source=source, seed=seed)


def deciding_tables(claims: Mapping[str, Any], *names: str) -> list[str]:
    """Tables from which the parts of claims.yaml, and their preconditions, are read: of all claims, or of these by
    themselves, whose deciding parts alone count.
    """
    chosen = [claims["claims"][name] for name in names or claims["claims"]]
    parts = [part for claim in chosen for part in claim["parts"] if part.get("decides") or not names]
    cells = [*parts, *(needed for part in parts for needed in part.get("requires", []))]
    return sorted({cell["table"] for cell in cells if "table" in cell})


def named_in_cells(parts: Iterable[Mapping[str, Any]], table: str, column: str, among: Iterable[str]) -> list[str]:
    """What the cells of a claim's deciding parts in a table name in a column, of those that this run has."""
    deciding = [part for part in parts if part.get("decides")]
    named = {part["where"].get(column) for part in deciding if part.get("table") == table}
    return [name for name in among if name in named]


def memory_mb(least: int) -> Callable[..., int]:
    """Megabytes that a job asks a scheduler for: its least, thrice the size of its inputs, and twice as much at each
    retry.
    """

    def mem_mb(wildcards: Any, input: Iterable[str], attempt: int) -> int:
        # Inputs that are made within the same group of jobs are not there yet.
        size = sum(Path(path).stat().st_size for path in input if Path(path).exists())
        return int((least + 3 * size / 1e6) * 2 ** (attempt - 1))

    return mem_mb


def minutes(least: int) -> Callable[..., int]:
    """Minutes that a job asks a scheduler for, twice as many at each retry."""

    def runtime(wildcards: Any, attempt: int) -> int:
        return least * 2 ** (attempt - 1)

    return runtime

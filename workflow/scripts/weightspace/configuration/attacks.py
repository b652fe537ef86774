"""Threat models, and what is attacked with what: grey images, ensembles, and binary patterns."""

from weightspace.configuration.messages import ConfigError, among, did_you_mean, dotted, sentence, show
from weightspace.configuration.names import check_defined, trained_models


def check_threat_models(config):
    """Budgets of the norm's own kind."""
    for name, attack in config["attacks"].items():
        for index, budget in enumerate(attack["budgets"]):
            if attack["norm"] == "linf" and budget > 1:
                allowed = "a number above 0 and at most 1, a share of full scale, since the norm is linf"
                raise ConfigError(sentence(("attacks", name, "budgets", index), budget, allowed))


def check_adversarial(config):
    compared = config["adversarial"]
    for kind in ("networks", "memories", "controls", "attacks", "ensembles"):
        check_defined(config, ("adversarial", kind), compared[kind], kind)
    check_defined(config, ("adversarial", "few", "attacks"), compared["few"]["attacks"], "attacks")
    for index, name in enumerate(config["run"]["attacks"]):
        if config["attacks"][name]["knowledge"] == "none":
            raise ConfigError(
                sentence(("run", "attacks", index), name, "attacks on a network; noise belongs to adversarial.attacks")
            )
    for index, name in enumerate(compared["few"]["attacks"]):
        if name in (*config["run"]["attacks"], *compared["attacks"]):
            allowed = "attacks that are neither in run.attacks nor in adversarial.attacks, which have more images"
            raise ConfigError(sentence(("adversarial", "few", "attacks", index), name, allowed))
    made = [
        name
        for name in (*config["run"]["attacks"], *compared["attacks"])
        if config["attacks"][name]["knowledge"] != "none"
    ]
    for index, name in enumerate(compared["transferred"]):
        if name not in made:
            allowed = f"an attack on networks of run.attacks or adversarial.attacks, {among(made)}"
            raise ConfigError(sentence(("adversarial", "transferred", index), name, allowed, did_you_mean(name, made)))
    if compared["ensemble_attack"] not in compared["transferred"]:
        allowed = f"one of adversarial.transferred, {among(compared['transferred'])}"
        raise ConfigError(sentence(("adversarial", "ensemble_attack"), compared["ensemble_attack"], allowed))
    answering = [
        name
        for name in (*config["run"]["networks"], *compared["networks"])
        if config["networks"][name]["labels"] == "given"
    ]
    if not answering:
        raise ConfigError(
            "run.networks holds networks of random labels only; allowed: at least one network whose labels are given"
        )
    if not any(
        (config["attacks"][name]["method"], config["attacks"][name]["norm"]) == ("pgd", "linf") for name in made
    ):
        raise ConfigError(
            "run.attacks holds no attack of the method pgd and the norm linf; allowed: at least one, which the checks"
            " of attacks probe"
        )
    shown = config["attacks"][config["paper_experiment"]["attack"]]
    noises = [config["attacks"][name] for name in compared["attacks"] if config["attacks"][name]["knowledge"] == "none"]
    if not any(noise["norm"] == shown["norm"] and set(shown["budgets"]) <= set(noise["budgets"]) for noise in noises):
        budgets = f"the norm {shown['norm']} and the budgets {among(shown['budgets'])}"
        raise ConfigError(
            f"adversarial.attacks holds no noise of {budgets}; allowed: lists with the control of"
            " paper_experiment.attack"
        )
    for knowledge in ("scores", "labels"):
        if not any(config["attacks"][name]["knowledge"] == knowledge for name in (*made, *compared["few"]["attacks"])):
            raise ConfigError(
                f"adversarial.few.attacks holds no attack that sees {knowledge} only; allowed: lists with at least one,"
                " since without it masked gradients go unnoticed"
            )
    _check_ensembles(config)


def _check_ensembles(config):
    """Members have gradients and are trained; no ensemble has a model's name, since their images share a folder."""
    compared = config["adversarial"]
    trained = {*config["run"]["networks"], *compared["networks"], *config["run"]["memories"], *compared["memories"]}
    for name in compared["ensembles"]:
        if any(name in config[kind] for kind in ("networks", "memories", "controls")):
            raise ConfigError(
                f"ensembles.{name} has the name of a model; allowed: a name that is in neither networks nor memories"
                " nor controls"
            )
        for key, models in config["ensembles"][name].items():
            for index, model in enumerate(models):
                path = ("ensembles", name, key, index)
                rule = config["memories"].get(model, {}).get("rule", "dense")
                if key == "members" and (rule not in ("dense", "trained_dense") or model in config["controls"]):
                    what = f"memory of the rule {rule}" if model in config["memories"] else "control"
                    allowed = "models with gradients, networks and memories of the rules dense and trained_dense"
                    raise ConfigError(
                        f"{dotted(path)} is {show(model)}, a {what}, which has no gradients; allowed: {allowed}"
                    )
                known = trained if key == "members" else {*config["networks"], *config["memories"], *config["controls"]}
                if model not in known:
                    allowed = (
                        "a model that run or adversarial names"
                        if key == "members"
                        else "a model that networks, memories or controls define"
                    )
                    raise ConfigError(sentence(path, model, allowed, did_you_mean(model, sorted(known))))


def check_binary_attacks(config):
    section, top = config["binary_attacks"], "binary_attacks"
    trained = {kind: trained_models(config, kind) for kind in ("networks", "memories")}
    storing = [name for name in config["memories"] if "patterns" in config["memories"][name]]
    recalling = [name for name in storing if name in trained["memories"] or config["memories"][name]["rule"] == "dense"]
    known = [
        *trained["networks"],
        *dict.fromkeys([*trained["memories"], *recalling]),
        *config["adversarial"]["controls"],
        *section["models"],
    ]
    for name, definition in section["models"].items():
        for kind in ("networks", "memories", "controls"):
            if name in config[kind]:
                raise ConfigError(
                    f"{top}.models.{name} has the name of a model in {kind}; allowed: a name that is not in {kind}"
                )
        if name not in section["run"]["models"]:
            continue
        features = definition["kind"] == "features"
        for key, allowed in (("memory", storing if features else recalling), ("network", trained["networks"])):
            if key in definition and definition[key] not in allowed:
                raise ConfigError(
                    sentence(
                        (top, "models", name, key),
                        definition[key],
                        among(allowed),
                        did_you_mean(definition[key], allowed),
                    )
                )
        if features and config["networks"][definition["network"]]["architecture"] != "mlp":
            allowed = "a network of architecture mlp, whose last hidden layer is the features"
            raise ConfigError(sentence((top, "models", name, "network"), definition["network"], allowed))
    trained_ones = (
        "a network or memory that this run trains, a memory of rule dense, a control, or what binary_attacks.models"
        " defines"
    )
    choices = {"attacks": (list(section["attacks"]), among(section["attacks"])), "models": (known, trained_ones)}
    for key, (names, allowed) in choices.items():
        for index, name in enumerate(section["run"][key]):
            if name not in names:
                raise ConfigError(sentence((top, "run", key, index), name, allowed, did_you_mean(name, names)))
    if section["network"] not in section["run"]["models"] or section["network"] not in config["networks"]:
        allowed = [name for name in section["run"]["models"] if name in config["networks"]]
        raise ConfigError(
            sentence((top, "network"), section["network"], f"a network of {top}.run.models, {among(allowed)}")
        )
    _check_flips(config)


def _check_flips(config):
    """Budgets ascend, random flips cover all attacked images, and models without gradients have stand-ins."""
    section, top = config["binary_attacks"], "binary_attacks"
    if section["budgets"] != sorted(section["budgets"]):
        raise ConfigError(
            f"{top}.budgets is {among(section['budgets'])}; allowed: numbers of flipped bits in ascending order"
        )
    smooth = [name for name in section["run"]["models"] if not _has_gradients(config, name)]
    for name in section["run"]["attacks"]:
        definition = section["attacks"][name]
        if definition["images"] > section["random_images"]:
            allowed = (
                f"at most {section['random_images']}, {top}.random_images, since every attack is compared with random"
                " flips"
            )
            raise ConfigError(sentence((top, "attacks", name, "images"), definition["images"], allowed))
        if definition.get("surrogates", True) is None and smooth:
            raise ConfigError(
                f"{top}.attacks.{name}.surrogates is null, but {smooth[0]} of {top}.run.models has no gradients; "
                "allowed: a mapping with the keys steps, steepness"
            )


def _has_gradients(config, name):
    """Whether the model that a section's name stands for can be differentiated: no recall is part of it."""
    stored = config["memories"].get(name, {})
    composed = config["binary_attacks"]["models"].get(name, {})
    return "patterns" not in stored and composed.get("kind") != "memory_network" and composed.get("head") != "recall"

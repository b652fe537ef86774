"""Names that one section of the configuration uses and another must define, and the files that definitions name."""

import os

from weightspace import user_code
from weightspace.configuration.messages import ConfigError, among, did_you_mean, dotted, sentence, show


def check_names(config):
    for kind, other, what in (
        ("memories", "networks", "network"),
        ("controls", "networks", "network"),
        ("controls", "memories", "memory"),
    ):
        shared = [name for name in config[other] if name in config[kind]]
        if shared:
            raise ConfigError(
                f"{kind}.{shared[0]} has the name of a {what}; allowed: a name that is not in {other}, since models"
                " share the folder results/models"
            )
    for kind, chosen in config["run"].items():
        check_defined(config, ("run", kind), chosen, kind)


def check_user_code(config, base):
    """Files of one's own are there and define what they should; nothing of them is run here."""
    sections = {(kind,): config[kind] for kind in ("networks", "memories", "attacks")} | {
        ("capacity", "rules"): config["capacity"]["rules"]
    }
    for path, definitions in sections.items():
        for name, definition in definitions.items():
            if "file" not in definition:
                continue
            key, wanted = (
                f"{dotted((*path, name, 'file'))} is {show(definition['file'])}",
                definition.get("function", "attack"),
            )
            allowed = f"a Python file that defines a function {wanted}"
            try:
                defined = user_code.defined_names(os.path.join(base, definition["file"]))
            except user_code.UserCodeError as error:
                raise ConfigError(f"{key}, but {' '.join(str(error).split())}; allowed: {allowed}") from error
            if wanted not in defined:
                raise ConfigError(
                    f"{key}, which does not define {wanted}; allowed: {allowed}{did_you_mean(wanted, sorted(defined))}"
                )


def check_defined(config, path, names, kind):
    for index, name in enumerate(names):
        if name not in config[kind]:
            allowed = f"what {kind} defines, {among(config[kind])}"
            raise ConfigError(sentence((*path, index), name, allowed, did_you_mean(name, config[kind])))


def trained_models(config, kind):
    """Names of the networks or memories that this run trains."""
    return list(dict.fromkeys([*config["run"][kind], *config["adversarial"][kind]]))


def check_choice(config, path, kind):
    """The name at ``path`` (section, key), which must be one of those that ``run`` lists for its kind."""
    section, key = path
    name, chosen = config[section][key], config["run"][kind]
    if name not in chosen:
        raise ConfigError(sentence(path, name, f"one of run.{kind}, {among(chosen)}", did_you_mean(name, chosen)))
    return name

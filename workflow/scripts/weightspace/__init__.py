"""weightspace: the weight space and the pattern space of learning models.

Modules and the functions of `weightspace.notebook` are imported when they are first asked for, so ``import
weightspace`` costs nothing:

>>> import numpy as np
>>> import weightspace as ws
>>> patterns = np.sign(np.random.default_rng(0).normal(size=(20, 200)))
>>> memory = ws.train_memory(patterns, np.arange(20), margin=0.5)
>>> memory.certify(margin=0.5).certified
True
"""

import importlib

# Nothing of the package is imported here, and no name of it stands here: every script's digest holds this file
# (`code_version`).


def __getattr__(name):
    if name.startswith("_"):
        raise AttributeError(name)
    try:
        return importlib.import_module(f"{__name__}.{name}")
    except ModuleNotFoundError as error:
        if error.name != f"{__name__}.{name}":
            raise
    return getattr(importlib.import_module(f"{__name__}.notebook"), name)


def __dir__():
    from pkgutil import iter_modules

    return sorted({module.name for module in iter_modules(__path__)} | set(__getattr__("notebook").__all__))

"""Ask all models of one seed again, from the files: their own attacked patterns, each other's, and random flips."""

from functools import partial

from weightspace.attacks.binary_targets import build
from weightspace.attacks.flip_files import FlippedPatterns
from weightspace.attacks.flip_scores import score
from weightspace.data.patterns import read_patterns
from weightspace.logs import start_log

if __name__ == "__main__":
    start_log(snakemake)
    settings, seed = snakemake.params.settings, int(snakemake.wildcards.seed)
    data = read_patterns(snakemake.input.patterns)
    paths = dict(zip(settings["trained"], snakemake.input.models, strict=True))
    files = {name: FlippedPatterns.read(path, data) for name, path in zip(settings["models"], snakemake.input.attacked, strict=True)}
    random = FlippedPatterns.read(snakemake.input.random, data)
    models = {
        name: partial(build, definition, seed=seed, data=data, paths=paths, sweeps=settings["sweeps"])
        for name, definition in settings["models"].items()
    }
    score(models, files, random, seed=seed, data=data).write(snakemake.output[0])

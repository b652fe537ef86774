"""Ask all models of one seed again, from the files: their own attacked patterns, each other's, and random flips."""

from functools import partial

from weightspace.attacks.composed_models import build
from weightspace.attacks.flip_files import FlippedPatterns
from weightspace.attacks.flip_searches import FlipSearches
from weightspace.data.patterns import read_patterns
from weightspace.logs import start_log
from weightspace.model_files import paths_by_seed
from weightspace.robustness.flip_scores import score_flips


def main(input, output, settings, seed):
    seed = int(seed)
    data = read_patterns(input.patterns)
    paths = paths_by_seed(input.models).get(seed, {})
    files = {
        name: FlippedPatterns.read(path, data) for name, path in zip(settings["models"], input.attacked, strict=True)
    }
    random = FlippedPatterns.read(input.random, data)
    searches = {
        name: FlipSearches.read(path, data) for name, path in zip(settings["models"], input.searches, strict=True)
    }
    models = {
        name: partial(build, definition, seed=seed, data=data, paths=paths, sweeps=settings["sweeps"])
        for name, definition in settings["models"].items()
    }
    score_flips(models, files, random, searches, seed=seed, data=data).write(output[0])


if __name__ == "__main__":
    start_log(snakemake)
    main(snakemake.input, snakemake.output, snakemake.params.settings, snakemake.wildcards.seed)

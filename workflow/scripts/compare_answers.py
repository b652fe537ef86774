"""Whether answers tell adversarial patterns from irrelevant ones: models of one kind beside one another on both."""

import logging

from weightspace.data.patterns import read_patterns
from weightspace.draws import generator
from weightspace.files import read_npz
from weightspace.loading import load
from weightspace.logs import start_log
from weightspace.model_files import paths_by_seed
from weightspace.pattern_space.agreement import agreement_table, compare, outside
from weightspace.pattern_space.shells import ShellSample, images_of
from weightspace.report.tables import write_table


def main(input, output, settings):
    images, sample = images_of(read_patterns(input.patterns)), ShellSample.of_arrays(read_npz(input.sample))
    far = {
        distance: outside(
            images,
            distance,
            settings["radius"],
            settings["draws"],
            generator=generator(0, "irrelevant patterns", distance),
        )
        for distance in settings["far"]
    }
    paths, compared = paths_by_seed(input.models), {}
    for name in settings["models"]:
        models = [load(paths[seed][name], sweeps=settings["sweeps"]) for seed in sorted(paths)]
        compared[name] = compare(models, images, sample, settings["distances"], far)
        logging.info("%s compared", name)
    write_table(agreement_table(compared, shell=settings["distances"][-1]), *output)


if __name__ == "__main__":
    start_log(snakemake)
    main(snakemake.input, snakemake.output, snakemake.params.settings)

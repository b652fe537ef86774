"""Whether training keeps the order of a layer's units, after every step, for all settings and seeds."""

from weightspace.data.patterns import read_patterns
from weightspace.files import write_csv
from weightspace.logs import start_log
from weightspace.networks.gradient_steps import classification_task
from weightspace.symmetry import ordering


def main(input, output, settings):
    task = ordering.LearningTask.of(*classification_task(read_patterns(input.patterns), settings["images"]))
    training = {key: settings[key] for key in ("steps", "batch_size")}
    rows = ordering.measure_ordering(
        task, settings["varied"], training=training, equivariance=settings["equivariance"], seeds=settings["seeds"]
    )
    write_csv(output[0], rows, digits=9)


if __name__ == "__main__":
    start_log(snakemake)
    main(snakemake.input, snakemake.output, snakemake.params.settings)

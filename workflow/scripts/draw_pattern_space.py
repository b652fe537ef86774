"""The figures of the pattern space: parts by distance, a small space as a map, examples, and the test of the
intervals.
"""

import pandas as pd

from weightspace.figures import style
from weightspace.figures.coverage import draw_coverage
from weightspace.figures.pattern_examples import draw_pattern_examples
from weightspace.figures.pattern_partition import draw_pattern_partition
from weightspace.figures.pattern_space_map import draw_pattern_space_map
from weightspace.files import read_npz
from weightspace.logs import start_log


def main(input, output, settings):
    given, made = input, output
    families = settings["families"]
    with style.paper():
        shares, datasets = pd.read_csv(given.shares), pd.read_csv(given.datasets)
        style.save(draw_pattern_partition(shares, datasets, families=families), *made.partition)
        style.save(draw_pattern_space_map(read_npz(given.maps), **settings), *made.map)
        style.save(draw_pattern_examples(read_npz(given.examples), families=families), *made.examples)
        style.save(draw_coverage(pd.read_csv(given.coverage)), *made.coverage)


if __name__ == "__main__":
    start_log(snakemake)
    main(snakemake.input, snakemake.output, snakemake.params.settings)

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
    families = settings["families"]
    shares, datasets = pd.read_csv(input.shares), pd.read_csv(input.datasets)
    style.save(draw_pattern_partition(shares, datasets, families=families), *output.partition)
    style.save(draw_pattern_space_map(read_npz(input.maps), **settings), *output.map)
    style.save(draw_pattern_examples(read_npz(input.examples), families=families), *output.examples)
    style.save(draw_coverage(pd.read_csv(input.coverage)), *output.coverage)


if __name__ == "__main__":
    start_log(snakemake)
    main(snakemake.input, snakemake.output, snakemake.params.settings)

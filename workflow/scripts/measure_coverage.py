"""Do the intervals of the pattern space hold what they promise? Every estimator against exact counts, with other draws
each time.
"""

from pathlib import Path

from weightspace.data.shrunken_digits import read_digits
from weightspace.logs import start_log
from weightspace.pattern_space.coverage import measure, summarise
from weightspace.pattern_space.small_models import train_models
from weightspace.report.tables import write_table


def main(input, output, settings):
    digits = read_digits(Path(input.raw[0]).parent, **settings["digits"])
    models = train_models(digits, **settings["models"], seed=0)
    write_table(summarise(measure(digits, models, **settings["measure"], splitting=settings["splitting"])), *output)


if __name__ == "__main__":
    start_log(snakemake)
    main(snakemake.input, snakemake.output, snakemake.params.settings)

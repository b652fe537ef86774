"""Do the intervals of the pattern space hold what they promise? Every estimator against exact counts, with other draws each time."""

from pathlib import Path

from weightspace.coverage import measure, summarise
from weightspace.logs import start_log
from weightspace.shrunken_digits import read_digits
from weightspace.small_models import train_models
from weightspace.tables import write_table

if __name__ == "__main__":
    start_log(snakemake)
    settings = snakemake.params.settings
    digits = read_digits(Path(snakemake.input[0]).parent, **settings["digits"])
    models = train_models(digits, **settings["models"], seed=0)
    write_table(summarise(measure(digits, models, **settings["measure"], splitting=settings["splitting"])), *snakemake.output)

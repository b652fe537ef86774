"""Attack one memory that answers grey levels, with all attacks and seeds, through its recall."""

from weightspace.attacks.grey_attacks import craft_files
from weightspace.attacks.surrogates import attackable
from weightspace.files import seed_of
from weightspace.loading import load
from weightspace.logs import start_log


def main(input, output, settings):
    models = {seed_of(path): path for path in input.models}
    craft_files(lambda seed, images: attackable(load(models[seed]), images.device), input.raw, output, settings)


if __name__ == "__main__":
    start_log(snakemake)
    main(snakemake.input, snakemake.output, snakemake.params.settings)

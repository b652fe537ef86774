"""Attack one ensemble, the mean of its members' logits, with all seeds."""

from weightspace.attacks.grey_attacks import craft_files
from weightspace.attacks.surrogates import Ensemble, attackable
from weightspace.files import seed_of
from weightspace.loading import load
from weightspace.logs import start_log


def main(input, output, settings):
    def attacked(seed, images):
        members = [attackable(load(path), images.device) for path in input.models if seed_of(path) == seed]
        return Ensemble(members, images)

    craft_files(attacked, input.raw, output, settings)


if __name__ == "__main__":
    start_log(snakemake)
    main(snakemake.input, snakemake.output, snakemake.params.settings)

"""Attack one ensemble, the mean of its members' logits, with all seeds."""

from weightspace.attacks.crafting import craft_files
from weightspace.attacks.surrogates import Ensemble, attackable
from weightspace.loading import load
from weightspace.logs import start_log


def main(input, output, settings):

    def source(seed, images):
        # The files come member by member within each seed.
        own = input.models[seed * settings["members"] : (seed + 1) * settings["members"]]
        return Ensemble([attackable(load(path)).to(images.device) for path in own], images)

    craft_files(settings, input.raw, list(output), source)


if __name__ == "__main__":
    start_log(snakemake)
    main(snakemake.input, snakemake.output, snakemake.params.settings)

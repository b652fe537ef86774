"""Attack one ensemble, the mean of its members' logits, with all seeds."""

from weightspace.attacks.crafting import craft_files
from weightspace.attacks.surrogates import Ensemble, attackable
from weightspace.loading import load
from weightspace.logs import start_log

if __name__ == "__main__":
    start_log(snakemake)
    settings = snakemake.params.settings

    def source(seed, images):
        # The files come member by member within each seed.
        own = snakemake.input.models[seed * settings["members"] : (seed + 1) * settings["members"]]
        return Ensemble([attackable(load(path)).to(images.device) for path in own], images)

    craft_files(settings, snakemake.input.raw, list(snakemake.output), source)

"""Attack one network with all its attacks and seeds: test images, and training images that memories store; or make noise, which needs no network."""

from weightspace.attacks.crafting import craft_files
from weightspace.attacks.grey_attacks import frozen
from weightspace.logs import start_log
from weightspace.networks.architectures import Network

if __name__ == "__main__":
    start_log(snakemake)
    models = list(snakemake.input.get("models", []))

    def source(seed, images):
        return frozen(Network.load(models[seed]).module).to(images.device) if models else None

    craft_files(snakemake.params.settings, snakemake.input.raw, list(snakemake.output), source)

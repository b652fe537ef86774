"""Attack one network with all its attacks and seeds: test images, and training images that memories store; or make
noise, which needs no network.
"""

from weightspace.attacks.crafting import craft_files
from weightspace.attacks.grey_attacks import frozen
from weightspace.logs import start_log
from weightspace.networks.architectures import Network


def main(input, output, settings):
    models = list(input.get("models", []))

    def source(seed, images):
        return frozen(Network.load(models[seed]).module).to(images.device) if models else None

    craft_files(settings, input.raw, list(output), source)


if __name__ == "__main__":
    start_log(snakemake)
    main(snakemake.input, snakemake.output, snakemake.params.settings)

"""Attack one network with all its attacks and seeds: test images, and training images that memories store; or make
noise, which needs no network.
"""

from weightspace.attacks.grey_attacks import craft_files
from weightspace.attacks.surrogates import frozen
from weightspace.files import seed_of
from weightspace.logs import start_log
from weightspace.networks.architectures import Network


def main(input, output, settings):
    models = {seed_of(path): path for path in getattr(input, "models", ())}

    def attacked(seed, images):
        return frozen(Network.load(models[seed]).module).to(images.device) if models else None

    craft_files(attacked, input.raw, output, settings)


if __name__ == "__main__":
    start_log(snakemake)
    main(snakemake.input, snakemake.output, snakemake.params.settings)

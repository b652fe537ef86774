"""Train a network once more, keep its weights along the way, and map the loss on the plane of the path's two main
directions.
"""

from pathlib import Path

from weightspace.draws import generator, initial_weights, order_of_images
from weightspace.files import write_npz
from weightspace.logs import start_log
from weightspace.networks import architectures
from weightspace.networks.training_data import read_binary, read_scaled_grey
from weightspace.weight_space.descent_path import map_loss, record_path


def main(input, output, settings):
    seed = 0
    definition, source = settings["definition"], input[0]
    train_set, test_set = (
        read_binary(source) if definition["input"] == "binary" else read_scaled_grey(Path(source).parent)
    )
    images, labels = train_set
    module = architectures.build(
        definition, inputs=images.shape[1], classes=int(labels.max()) + 1, seed=initial_weights(seed)
    )
    order = order_of_images(seed)
    steps, path = record_path(module, train_set, test_set, definition, snapshots=settings["snapshots"], seed=order)
    shown = generator(seed, "images of the loss surface").permutation(len(labels))[: settings["images"]]
    data = map_loss(module, path, images[shown], labels[shown], loss=definition["loss"], points=settings["points"])
    write_npz(output[0], **data, step=steps, network=settings["network"], seed=seed)


if __name__ == "__main__":
    start_log(snakemake)
    main(snakemake.input, snakemake.output, snakemake.params.settings)

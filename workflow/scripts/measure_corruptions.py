"""One model's errors on corrupted images, all seeds, each on the first test images that it is attacked on."""

from pathlib import Path

from weightspace.attacks.composed_models import build
from weightspace.data.patterns import read_patterns
from weightspace.data.raw_files import read_images, read_labels
from weightspace.draws import attacked_images
from weightspace.logs import start_log
from weightspace.model_files import paths_by_seed
from weightspace.robustness.corruptions import errors, write_errors


def main(input, output, settings):
    data, raw, paths = read_patterns(input.patterns), Path(input.raw[0]).parent, paths_by_seed(input.models)
    grey, labels = read_images(raw, "test"), read_labels(raw, "test")
    found = []
    for seed in range(settings["seeds"]):
        model = build(settings["model"], seed=seed, data=data, paths=paths.get(seed, {}), sweeps=settings["sweeps"])
        index = attacked_images(len(labels), seed)[: settings["images"]]
        how = {"seed": seed, "threshold": settings["threshold"]}
        found.append(errors(model, grey[index], labels[index], settings["levels"], **how))
    write_errors(output[0], found)


if __name__ == "__main__":
    start_log(snakemake)
    main(snakemake.input, snakemake.output, snakemake.params.settings)

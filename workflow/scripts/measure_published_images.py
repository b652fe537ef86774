"""Measure one of the works whose numbers others have published, of MNIST and classifiers of it."""

from pathlib import Path

from weightspace.data.raw_files import read_grey, read_labels
from weightspace.files import write_csv
from weightspace.logs import start_log
from weightspace.published import images
from weightspace.published.quantities import as_rows

WORKS = {
    "simple_classifiers": images.simple_classifiers,
    "label_bits": images.label_bits,
    "fast_gradient_sign": images.fast_gradient_sign,
    "hidden_units": images.hidden_units,
    "minimal_distortions": images.minimal_distortions,
}


def main(input, output, settings, work):
    raw = Path(input.raw[0]).parent
    parts = [part for split in ("train", "test") for part in (read_grey(raw, split), read_labels(raw, split))]
    digits = images.Digits(*(part if part.ndim > 1 else part.astype("int64") for part in parts))
    write_csv(output[0], as_rows(WORKS[work](digits, settings)), digits=12)


if __name__ == "__main__":
    start_log(snakemake)
    main(snakemake.input, snakemake.output, snakemake.params.settings, snakemake.wildcards.published_images)

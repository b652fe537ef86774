"""Patterns of each part by distance for one network and one memory, and patterns far from all images."""

from weightspace.data.patterns import read_patterns
from weightspace.draws import generator
from weightspace.files import read_npz, write_npz
from weightspace.loading import load
from weightspace.logs import start_log
from weightspace.pattern_space.examples import choose, far_patterns
from weightspace.pattern_space.shells import ShellSample, answers_of, images_of


def main(input, output, settings):
    data = read_patterns(input.patterns)
    images, sample = images_of(data), ShellSample.of_arrays(read_npz(input.sample))
    names, packed, nearest = far_patterns(images, settings["far"], generator=generator(0, "far patterns"))
    arrays = {
        "distances": settings["distances"],
        "shape": data.shape,
        "far_names": names,
        "far_packed": packed,
        "far_nearest": nearest,
    }
    for kind, readout in (("network", "answer"), ("memory", "nearest")):
        classifier = load(input[kind], sweeps=settings["sweeps"])
        chosen = choose(classifier, images, sample, settings["distances"], readout=readout)
        arrays |= {f"{kind}_{name}": array for name, array in chosen.items()}
        arrays |= {f"{kind}_name": settings[kind], f"{kind}_far": answers_of(classifier, packed, images.size)[readout]}
    write_npz(output.examples, **arrays)


if __name__ == "__main__":
    start_log(snakemake)
    main(snakemake.input, snakemake.output, snakemake.params.settings)

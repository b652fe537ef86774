"""Place the networks of both starts on an ordinary sphere, each as its copy nearest the medoid."""

import pandas as pd

from weightspace.draws import generator
from weightspace.files import read_npz, write_npz
from weightspace.logs import start_log
from weightspace.weight_space.cone_points import place_on_sphere
from weightspace.weight_space.cones import cells, shapes


def main(input, output):
    arrays = read_npz(input[0])
    networks = pd.DataFrame({name: arrays[name] for name in ("seed", "group", "labelling", "start", "patterns")})
    hidden = int(arrays["hidden"])
    found = {"patterns": networks.patterns.min(), "seeds": networks.seed.nunique()}
    like = shapes(int(arrays["inputs"]), hidden, int(arrays["classes"]))
    for (labelling, start), places in cells(networks).items():
        if labelling == "model":
            weights, least = arrays["weights"][places], arrays["least"][places][:, places]
            drawn = generator(0, "sphere embedding", start)
            placed = place_on_sphere(networks.group.to_numpy()[places], weights, least, like, generator=drawn)
            found |= {f"{start}_{name}": values for name, values in placed.items()}
    write_npz(output[0], **found, dimensions=arrays["weights"].shape[1], hidden=hidden)


if __name__ == "__main__":
    start_log(snakemake)
    main(snakemake.input, snakemake.output)

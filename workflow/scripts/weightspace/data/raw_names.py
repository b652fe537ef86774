"""The names of the four files of a dataset in the MNIST format, as they lie in ``results/data/{dataset}/raw``."""

IMAGES = {"train": "train-images-idx3-ubyte", "test": "t10k-images-idx3-ubyte"}
LABELS = {"train": "train-labels-idx1-ubyte", "test": "t10k-labels-idx1-ubyte"}
RAW_NAMES = (IMAGES["train"], LABELS["train"], IMAGES["test"], LABELS["test"])

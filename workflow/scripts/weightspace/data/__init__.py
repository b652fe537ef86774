"""Labelled images: where they come from, and the patterns of ±1 that are made of them.

The four files of a dataset in the MNIST format have the names below, in ``results/data/{dataset}/raw`` and wherever
they come from. They stand here because the plan and the check of the configuration, which know them, import nothing
heavy.
"""

IMAGES = {"train": "train-images-idx3-ubyte", "test": "t10k-images-idx3-ubyte"}
LABELS = {"train": "train-labels-idx1-ubyte", "test": "t10k-labels-idx1-ubyte"}
RAW_NAMES = (IMAGES["train"], LABELS["train"], IMAGES["test"], LABELS["test"])

MOST_CLASSES = 16  # a pattern's labels are bits of a uint16
WHITE = 255  # the grey level of full scale


def levels(budget: float) -> int:
    """The largest whole number of grey levels within a share of full scale; the small term undoes the binary rounding
    of shares such as 0.6.

    >>> levels(2 / 255), levels(0.0078), levels(0.0079), levels(0.3)
    (2, 1, 2, 76)
    """
    return int(budget * WHITE + 1e-9)

"""Files of scores: the long table of `scoring.score`, words kept as numbers, since a hundred thousand rows repeat few
of them.
"""

import numpy as np
import pandas as pd

from weightspace.files import read_npz, write_npz

_WORDS = ":words"


def write_scores(path, scores):
    """Write a long table; a column of text becomes the positions of its words and, beside it, the words."""
    arrays = {}
    for name, column in scores.items():
        if column.dtype.kind in "biuf":
            arrays[name] = column.to_numpy()
        else:
            codes, words = pd.factorize(column.astype(str).to_numpy(dtype=object), sort=True)
            arrays[name], arrays[name + _WORDS] = codes.astype(np.uint16), words.astype(str)
    write_npz(path, **arrays)


def read_scores(path):
    """Read what `write_scores` wrote; columns of text are categorical.

    Raises:
        FileError: missing or damaged.
    """
    arrays = read_npz(path)
    columns = {name: array for name, array in arrays.items() if not name.endswith(_WORDS)}
    for name in columns:
        if name + _WORDS in arrays:
            columns[name] = pd.Categorical.from_codes(columns[name].astype(np.int16), categories=arrays[name + _WORDS])
    return pd.DataFrame(columns)

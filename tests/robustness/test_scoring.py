"""Answers to saved images."""

import numpy as np
import pandas as pd

from weightspace.attacks.adversarial_files import AdversarialImages
from weightspace.classifier import Classifier
from weightspace.robustness import scoring


class Counting(Classifier):
    """A classifier that answers by the sum of the grey levels and the number of white pixels, and counts what it is
    asked.
    """

    asked = 0

    def answers(self, grey, patterns):
        self.asked += len(grey)
        return {"grey": grey.sum(1, dtype=np.int64) % 10, "binarised": (patterns > 0).sum(1) % 10}


def test_a_clean_image_is_answered_once_for_all_files():
    grey = np.random.default_rng(0).integers(0, 256, (6, 9)).astype(np.uint8)

    def file(chosen):
        clean, count = grey[chosen], len(chosen)
        where = {
            "split": np.zeros(count, dtype=np.uint8),
            "index": np.array(chosen),
            "label": np.zeros(count, dtype=np.int64),
        }
        return AdversarialImages(**where, clean=clean, adversarial=(clean // 2)[None], budget=np.array([0.5]))

    remembering, plain, known = Counting(), Counting(), {}
    for chosen in ([0, 1, 2, 3], [2, 5, 0], [5]):
        pd.testing.assert_frame_equal(
            scoring.score_images(remembering, file(chosen), 0.5, known=known),
            scoring.score_images(plain, file(chosen), 0.5),
        )
    assert (remembering.asked, plain.asked) == (4 + 4 + 3 + 1 + 1, 16)

"""Methods that see no gradient."""

import numpy as np
from grey_attack_data import DEFINITIONS

from weightspace.attacks import grey_attacks, grey_methods
from weightspace.attacks.adversarial_files import SIZES


def test_square_attacks_squares_shrink_as_in_the_paper():
    shares = [grey_methods.share_of_pixels(query, 10_000, 0.8) for query in (5, 11, 51, 201, 501, 9000)]
    assert shares == [0.8, 0.4, 0.2, 0.1, 0.05, 0.8 / 2**9]


def test_noise_is_of_the_budgets_size_and_has_nothing_to_do_with_the_label(images):
    grey, labels = images
    for name in ("noise", "noise_l2"):
        definition = DEFINITIONS[name]
        found = grey_attacks.craft(None, grey, labels, definition, seed=0)
        for budget, noisy in zip(definition["budgets"], found, strict=True):
            assert np.median(SIZES[definition["norm"]](noisy.astype(np.int16) - grey)) > 0.95 * budget
        assert (found == grey_attacks.craft(None, grey, 0 * labels, definition, seed=0)).all()

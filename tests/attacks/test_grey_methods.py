"""Methods that see no gradient."""

import numpy as np
import torch
from grey_attack_data import DEFINITIONS

from weightspace.attacks import grey_attacks, grey_methods
from weightspace.attacks.adversarial_files import SIZES
from weightspace.attacks.surrogates import attackable
from weightspace.memories.continuous import ContinuousMemory, scaled


def test_square_attacks_squares_shrink_as_in_the_paper():
    shares = [grey_methods.share_of_pixels(query, 10_000, 0.8) for query in (5, 11, 51, 201, 501, 9000)]
    assert shares == [0.8, 0.4, 0.2, 0.1, 0.05, 0.8 / 2**9]


def test_square_attack_puts_squares_on_images_that_are_not_square():
    torch.manual_seed(0)
    for shape, side in (((4, 9), 4), ((12, 9), 3)):
        squares = grey_methods._squares(200, shape, side, torch.device("cpu")).reshape(-1, *shape)
        assert (squares.any(dim=2).sum(dim=1) == side).all()
        assert (squares.any(dim=1).sum(dim=1) == side).all()
        assert (squares.sum(dim=(1, 2)) == side**2).all()
        assert squares.any(dim=0).all()  # anywhere


def test_noise_is_of_the_budgets_size_and_has_nothing_to_do_with_the_label(images):
    grey, labels = images
    for name in ("noise", "noise_l2"):
        definition = DEFINITIONS[name]
        found = grey_attacks.craft(None, grey, labels, definition, seed=0)
        for budget, noisy in zip(definition["budgets"], found, strict=True):
            assert np.median(SIZES[definition["norm"]](noisy.astype(np.int16) - grey)) > 0.95 * budget
        assert (found == grey_attacks.craft(None, grey, 0 * labels, definition, seed=0)).all()


def test_moves_towards_images_of_other_classes_see_through_masked_gradients():
    # A nearest neighbour by an almost hard softmax, recalled twice: no gradient is left.
    source = np.random.default_rng(0)
    grey = source.integers(0, 256, (40, 16)).astype(np.uint8)
    labels = np.arange(40) % 2
    memory = ContinuousMemory(grey, labels, np.arange(40), 20.0, 3)
    module = attackable(memory)
    guides = (torch.as_tensor(grey / 255, dtype=torch.float32), torch.as_tensor(labels))
    images = np.clip(grey + source.integers(-20, 21, grey.shape), 0, 255).astype(np.uint8)
    near = DEFINITIONS["towards_images"] | {"budgets": [0.1, 0.6], "guides": guides}
    found = grey_attacks.craft(module, images, labels, near, seed=0)
    misled = [(memory.predict(scaled(one)) != labels).mean() for one in found]
    assert misled[0] < misled[1]
    assert misled[1] > 0.9
    by_gradient = grey_attacks.craft(module, images, labels, DEFINITIONS["pgd"] | {"budgets": [0.6]}, seed=0)[0]
    assert (memory.predict(scaled(by_gradient)) != labels).mean() < 0.5
    # Each pixel lies between the image and one guide of another class, and a failed move uses the whole budget.
    reach = np.abs(found[0].astype(int) - images).max(axis=1)
    assert (reach == int(0.1 * 255)).all()


def test_without_images_of_other_classes_nothing_moves(images):
    grey, labels = images
    module = torch.nn.Linear(grey.shape[1], 3)
    found = grey_attacks.craft(module, grey, 0 * labels, DEFINITIONS["towards_images"], seed=0)
    assert (found == grey).all()

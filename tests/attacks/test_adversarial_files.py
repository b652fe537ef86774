"""Files of attacked images, checked as they are read."""

import numpy as np
import pytest

from weightspace.attacks.adversarial_files import AdversarialImages
from weightspace.files import FileError, write_npz


@pytest.fixture
def saved():
    clean = np.full((3, 4), 100, dtype=np.uint8)
    adversarial = np.stack([clean + 25, clean - 76]).astype(np.uint8)
    return AdversarialImages(
        np.zeros(3, dtype=np.uint8), np.arange(3), np.arange(3), clean, adversarial, np.array([0.1, 0.3])
    )


def test_adversarial_file_round_trip(tmp_path, saved):
    saved.write(tmp_path / "a.npz")
    assert (AdversarialImages.read(tmp_path / "a.npz").adversarial == saved.adversarial).all()


def test_an_image_beyond_its_budget_is_caught(tmp_path, saved):
    saved.adversarial[0, 1, 2] = 126
    saved.write(tmp_path / "a.npz")
    with pytest.raises(FileError, match=r"image 1 was changed by 0\.1020, more than its budget of 0\.1"):
        AdversarialImages.read(tmp_path / "a.npz")


def test_images_that_are_no_grey_levels_are_caught(tmp_path, saved):
    write_npz(tmp_path / "a.npz", **{**vars(saved), "adversarial": saved.adversarial.astype(np.float32)})
    with pytest.raises(FileError, match="8-bit"):
        AdversarialImages.read(tmp_path / "a.npz")


def test_images_outside_their_domain_are_caught(tmp_path, saved):
    AdversarialImages(**{**vars(saved), "domain": "binary"}).write(tmp_path / "a.npz")
    with pytest.raises(FileError, match="image 0 holds other grey levels than 0 and 255"):
        AdversarialImages.read(tmp_path / "a.npz")
    AdversarialImages(**{**vars(saved), "norm": "l2"}).write(tmp_path / "a.npz")
    with pytest.raises(FileError, match="more than its budget"):
        AdversarialImages.read(tmp_path / "a.npz")
    AdversarialImages(**{**vars(saved), "domain": "audio"}).write(tmp_path / "a.npz")
    with pytest.raises(FileError, match="domain 'audio'"):
        AdversarialImages.read(tmp_path / "a.npz")

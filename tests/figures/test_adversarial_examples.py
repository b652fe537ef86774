"""Examples of adversarial images: the answers as given, the change on its scale."""

import numpy as np
from figure_data import drawn_texts, examples

from weightspace.figures.adversarial_examples import draw_adversarial_examples


def test_examples_mark_wrong_answers_and_none(tmp_path):
    data = examples()
    found = drawn_texts(draw_adversarial_examples(data), tmp_path)
    answers = [name for name in data if name.startswith(("network_", "memory_"))]
    wrong = sum(int((data[name] != data["label"]).sum()) for name in answers)
    assert sum(text.endswith(" ✗") for text in found) == wrong == 7
    assert found.count("none ✗") == 3
    assert {f"{flipped} bits flip" for flipped in data["flipped_bits"]} <= set(found)


def test_examples_draw_the_change_on_its_stated_scale():
    data = examples()
    image = draw_adversarial_examples(data).axes[1].images[0]
    assert image.get_clim() == (-0.2, 0.2)
    assert np.allclose(image.get_array().ravel(), (data["adversarial"][0].astype(float) - data["clean"][0]) / 255)

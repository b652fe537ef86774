"""The contact sheet of all figures."""

import numpy as np
from PIL import Image

from weightspace.figures import style
from weightspace.figures.overview import CELL, draw_overview


def test_the_contact_sheet_shows_every_picture_pixel_for_pixel(tmp_path):
    rng = np.random.default_rng(0)
    pictures = [rng.integers(0, 256, (height, CELL, 3), dtype=np.uint8) for height in (300, 200, 250, 100, 400)]
    paths = [tmp_path / f"fig{number}_a.png" for number in range(len(pictures))]
    for picture, path in zip(pictures, paths, strict=True):
        Image.fromarray(picture).save(path)
    for name in ("sheet", "again"):
        style.save(draw_overview(paths), tmp_path / f"{name}.png")
    sheet = np.asarray(Image.open(tmp_path / "sheet.png").convert("RGB"))
    for picture in pictures:
        corner = picture[0, :8].tobytes()
        rows = [row for row in range(len(sheet) - len(picture)) if corner in sheet[row].tobytes()]
        column = sheet[rows[0]].tobytes().index(corner) // 3
        assert (sheet[rows[0] : rows[0] + len(picture), column : column + CELL] == picture).all()
    assert (tmp_path / "sheet.png").read_bytes() == (tmp_path / "again.png").read_bytes()

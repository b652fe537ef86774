"""The page whose surfaces turn in step."""

import base64
import gzip
import json
import re
import shutil
import subprocess

import numpy as np
import pytest
from figure_data import descent, landscape

from weightspace.figures.turnable import IN_STEP, turnable_page


def spheres():
    rng = np.random.default_rng(0)
    data = {"dimensions": np.array(12_000), "hidden": np.array(16), "patterns": np.array(200), "seeds": np.array(3)}
    for start in ("shared", "independent"):
        points = rng.normal(size=(9, 3))
        data[f"{start}_points"] = points / np.linalg.norm(points, axis=1, keepdims=True)
        data |= {
            f"{start}_group": np.repeat([0, 1, 2], 3),
            f"{start}_medoid": np.array([0, 3, 6]),
            f"{start}_radius": np.array([20.0, 30, 40]),
        }
        data[f"{start}_stress"] = np.array(0.1)
    return data


def test_the_page_of_landscapes_holds_all_it_needs():
    page = turnable_page(landscape(), descent(), spheres())
    assert page == turnable_page(landscape(), descent(), spheres())
    assert len(page.encode()) < 2_500_000
    assert not re.search(
        r"<script[^>]+src=|<link|@import|https?://(?!www\.w3\.org)", re.sub(r'id="library">.*?</script>', "", page)
    )
    library = re.search(r'id="library">(.*?)</script>', page).group(1)
    assert b"plotly.js v" in gzip.decompress(base64.b64decode(library))[:200]
    scenes = [
        json.loads(re.search(rf'^"{name}": (.*?),?$', page, flags=re.MULTILINE).group(1))["layout"]["scene"]
        for name in ("before", "after")
    ]
    named = [[note["text"] for note in scene.pop("annotations")] for scene in scenes]
    assert scenes[0] == scenes[1]
    assert [text.split(":")[0] for text in named[0]] == [text.split(":")[0] for text in named[1]]
    assert all(text.startswith(f"{name}, a ") for text, name in zip(named[0], ("x₀", "x₁", "x₂"), strict=True))


NODE = """
const places = {};
const place = (name) => ({ name, camera: 0, handlers: {}, on(event, handler) { this.handlers[event] = handler; },
  emit(event, camera) { this.camera = camera; return this.handlers[event]({ "scene.camera": camera }); } });
for (const name of ["before", "after"]) places[name] = place(name);
globalThis.document = { getElementById: (name) => places[name] };
let calls = 0;
globalThis.Plotly = { async relayout(place, change) {
  calls += 1;
  await new Promise((resolve) => setTimeout(resolve, 5));
  place.emit("plotly_relayout", change["scene.camera"]);
} };
SCRIPT
afterDrawing();
(async () => {
  for (let camera = 1; camera <= 50; camera += 1) places.before.emit("plotly_relayouting", camera);
  await new Promise((resolve) => setTimeout(resolve, 100));
  const first = [places.before.camera, places.after.camera, calls];
  places.after.emit("plotly_relayout", 99);
  places.before.handlers.plotly_relayout({ "title.text": "no camera" });
  await new Promise((resolve) => setTimeout(resolve, 100));
  console.log(JSON.stringify([first, [places.before.camera, places.after.camera, calls]]));
})();
"""


@pytest.mark.skipif(not shutil.which("node"), reason="needs node, which runs JavaScript outside of a browser")
def test_whoever_turns_one_landscape_turns_the_other_once():
    done = subprocess.run(["node", "-e", NODE.replace("SCRIPT", IN_STEP)], capture_output=True, text=True, check=True)
    # Of 50 turns in one go the other follows the first and the last; and it does not answer.
    assert json.loads(done.stdout) == [[50, 50, 2], [99, 99, 3]]

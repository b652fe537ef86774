"""The report in a real browser: every category, figure and table of the small run is opened, wide and narrow, and
nothing complains.

Needs Chromium, which CHROMIUM names where it is not on the path. A copy of the report clicks through itself and writes
what it saw into its page.
"""

import json
import os
import re
import shutil
import subprocess

import pytest
from running import small_run

CHROMIUM = (
    os.environ.get("CHROMIUM")
    or shutil.which("chromium")
    or shutil.which("chromium-browser")
    or shutil.which("google-chrome")
)
OFFLINE = [
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WALK = """
<script>
const seen = { complaints: [], results: {}, categories: Object.keys(categories).length };
addEventListener("error", (event) => seen.complaints.push(String(event.message)));
async function walk() {
  const until = async (condition) => {
    for (let tries = 0; tries < 400 && !condition(); tries++) await new Promise((done) => setTimeout(done, 20));
    if (!condition()) throw Error(`waited in vain for ${condition}`);
  };
  await until(() => document.querySelector("nav.text-white") && document.querySelector(".prose"));
  const box = (selector) => document.querySelector(selector).getBoundingClientRect();
  seen.menu = box("nav.text-white").width / innerWidth;
  seen.page = box(".prose").width / innerWidth;
  seen.beyond = document.documentElement.scrollWidth - innerWidth;
  for (const category of Object.keys(categories)) {
    app.setView({ navbarMode: "menu" });
    await until(() => !document.querySelector("nav.text-white tbody"));
    app.showCategory(category);
    await until(() => document.querySelector("nav.text-white tbody"));
    for (const row of document.querySelectorAll("nav.text-white tbody tr")) {
      const before = app.state.resultPath;
      row.querySelector("a").click();
      await until(() => app.state.resultPath !== before);
      const address = results[app.state.resultPath].data_uri;
      const shown = () => document.querySelector(".grow iframe, .grow .p-3 > img");
      const drawn = () => shown().tagName === "IFRAME" || shown().naturalWidth > 0;
      await until(() => shown() && shown().src === address && drawn());
      seen.results[app.state.resultPath] = shown().tagName === "IFRAME" ? address.length : shown().naturalWidth;
    }
  }
}
walk()
  .catch((error) => seen.complaints.push(String(error)))
  .then(() => {
    const said = document.createElement("pre");
    said.id = "seen";
    said.textContent = JSON.stringify(seen);
    document.body.append(said);
  });
</script>
"""


@pytest.fixture(scope="module")
def report(tmp_path_factory, mnist_raw):
    """The report of a small run, and a folder for the browser."""
    if not CHROMIUM:
        pytest.skip("no Chromium on this machine: set CHROMIUM to its path")
    return small_run(tmp_path_factory.mktemp("run"), mnist_raw) / "results/report.html"


@pytest.mark.parametrize("width", [1280, 390])
def test_every_result_opens_and_nothing_complains(report, tmp_path, width):
    walking = tmp_path / "report.html"
    page = report.read_text(encoding="utf-8").rpartition("</html>")[0]
    walking.write_text(f"{page}{WALK}</html>", encoding="utf-8")
    command = [
        CHROMIUM,
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        *OFFLINE,
        f"--user-data-dir={tmp_path / 'profile'}",
    ]
    command += [
        f"--window-size={width},800",
        "--virtual-time-budget=120000",
        "--enable-logging=stderr",
        "--dump-dom",
        walking.as_uri(),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=300)
    seen = json.loads(re.search(r'<pre id="seen">(.*?)</pre>', done.stdout, flags=re.DOTALL).group(1))
    assert seen["complaints"] == []
    assert not re.search(r"CONSOLE.*(Error|error|Refused|Failed)", done.stderr)
    assert seen["categories"] == 7
    shown = {path.stem for kind in ("figures/*.svg", "report/tables/*.html") for path in (report.parent).glob(kind)}
    assert shown <= {re.sub(r".*/|\.\w+$", "", path) for path in seen["results"]}
    assert all(seen["results"].values())
    addresses = [size for path, size in seen["results"].items() if path.endswith(".html")]
    assert max(addresses) < 2_000_000  # a longer one is an empty frame; see workflow/report/large_pages.js
    assert seen["beyond"] <= 0
    assert seen["page"] > 0.5  # the menu leaves the page its room

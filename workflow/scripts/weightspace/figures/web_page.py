"""Plotly figures as one HTML page that needs no network.

plotly.js is by far the largest part of such a page, and the report holds the pages of a run: so it is packed with gzip,
and the browser unpacks it.
"""

import base64
import gzip
import html
from collections.abc import Mapping, Sequence
from typing import Any

PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>
body {{ margin: 0; font: 14px/1.4 "DejaVu Sans", Verdana, Arial, sans-serif; color: #222; }}
p {{ margin: 1em; }}
.row {{ display: flex; flex-wrap: wrap; }}
.row > div {{ flex: 1 1 360px; min-width: 0; height: {height}px; }}
</style>
</head>
<body>
<p id="state">Unpacking …</p>
{places}
<script type="text/plain" id="library">{library}</script>
<script>
const figures = {{
{figures}
}};
{script}
async function draw() {{
  const text = atob(document.getElementById("library").textContent);
  const packed = Uint8Array.from(text, (letter) => letter.charCodeAt(0));
  const unpacked = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  const code = document.createElement("script");
  code.textContent = await new Response(unpacked).text();
  document.head.append(code);
  for (const [name, figure] of Object.entries(figures)) {{
    await Plotly.newPlot(name, figure.data, figure.layout, {{responsive: true, displaylogo: false}});
  }}
  if (typeof afterDrawing === "function") afterDrawing();
  document.getElementById("state").remove();
}}
draw().catch((error) => {{
  const needed = "This page needs a browser of 2023 or later, with WebGL: ";
  document.getElementById("state").textContent = needed + error;
}});
</script>
</body>
</html>
"""


def web_page(title: str, rows: Sequence[tuple[str, Mapping[str, Any]]], *, height: int, script: str = "") -> str:
    """One self-contained page of figures; the same figures give the same text.

    Args:
        title: of the browser's window.
        rows: pairs of the text above a row and ``{name: plotly Figure}``, side by side where there is room; a name is
            the HTML id of its place.
        height: of each figure, pixels.
        script: JavaScript; a function ``afterDrawing()`` in it is called once all figures are drawn.
    """
    from plotly.offline import get_plotlyjs

    # No time in the header: equal content, equal bytes.
    library = base64.b64encode(gzip.compress(get_plotlyjs().encode(), compresslevel=9, mtime=0)).decode()
    places = [
        f'<p>{html.escape(text)}</p>\n<div class="row">{"".join(map(_place, figures))}</div>' for text, figures in rows
    ]
    drawn = [f'"{name}": {figure.to_json()}' for _, figures in rows for name, figure in figures.items()]
    return PAGE.format(
        title=title, height=height, places="\n".join(places), library=library, figures=",\n".join(drawn), script=script
    )


def _place(name):
    return f'<div id="{name}"></div>'

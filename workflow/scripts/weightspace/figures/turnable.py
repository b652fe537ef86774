"""Figures 2, 4, 3 and 8 as a reader can turn them, all on one page, since each page holds plotly.js; the energy before
and after learning in step.
"""

from collections.abc import Mapping

import numpy as np

from weightspace.figures import style
from weightspace.figures.cones import turnable_cones
from weightspace.figures.web_page import web_page

MOMENTS = {
    "before": "before iterative learning: Hebbian weights (figure 2)",
    "after": "after iterative learning (figure 4)",
}
NAMES = ("x₀", "x₁", "x₂")
MARK = "#D55E00"
FONT = {"family": "DejaVu Sans, Verdana, Arial, sans-serif", "color": style.INK, "size": 12}
EYES = {"energy": {"x": -1.5, "y": -1.9, "z": 1.8}, "loss": {"x": -1.1, "y": 1.8, "z": 1.7}}
# Marks stand this share of the surface's range above it, else the surface would hide half of them.
LIFT = 0.015
# Each surface is a plot of its own: a change of one camera would throw back another one of the same plot while it is
# dragged.
IN_STEP = """
function afterDrawing() {
  const places = ["before", "after"].map((name) => document.getElementById(name));
  places.forEach((place, number) => {
    const other = places[1 - number];
    let wanted = null;
    async function follow(change) {
      const camera = change && change["scene.camera"];
      if (!camera || place.isFollowing) return;
      const isBusy = wanted !== null;
      wanted = camera;
      if (isBusy) return;
      other.isFollowing = true;
      for (let last = null; wanted !== last; ) {  // what came in meanwhile is followed next
        last = wanted;
        await Plotly.relayout(other, {"scene.camera": last});
      }
      other.isFollowing = false;
      wanted = null;
    }
    place.on("plotly_relayouting", follow);
    place.on("plotly_relayout", follow);
  });
}
"""


def turnable_page(
    energy: Mapping[str, np.ndarray], descent: Mapping[str, np.ndarray], cones: Mapping[str, np.ndarray]
) -> str:
    """Landscapes and cones on one self-contained HTML page; the same data give the same text.

    Args:
        energy: arrays as for `energy_landscape.draw_landscape`.
        descent: arrays as for `gradient_descent.draw_gradient_descent`.
        cones: arrays as for `cones.draw_cones_on_hypersphere`.
    """
    energies = {when: _draw_energy(energy, when) for when in MOMENTS}
    above_energies = (
        f"Energy over a plane of patterns through three stored images; {style.readable(energy['memory'])}, seed"
        f" {int(energy['seed'])}. Same axes and colours. Drag to turn: both turn together."
    )
    above_loss = (
        "Figure 3: the loss on the plane of the two main directions of gradient descent's path, and the path projected"
        f" onto it; {style.readable(descent['network'])}, seed {int(descent['seed'])}, n = {int(descent['images']):,}"
        " training images."
    )
    above_cones = (
        f"Figure 8: weights learnt from P_t, P_g and P_a + P_r, {int(cones['dimensions']):,} dimensions laid onto a"
        " sphere."
    )
    rows = [
        (above_energies, energies),
        (above_loss, {"loss": _draw_loss(descent)}),
        (above_cones, {"cones": turnable_cones(cones)}),
    ]
    return web_page("Landscapes and cones", rows, height=560, script=IN_STEP)


def _draw_energy(data, when):
    energies = np.concatenate(
        [data["before"].ravel(), data["after"].ravel(), data["energy_before"], data["energy_after"]]
    )
    bounds = float(energies.min()), float(energies.max())
    axes = (f"u: x₀ to x₁, {int(data['hamming_u'])} bits", f"v: x₀ to x₂, {int(data['hamming_v'])} bits", "energy E")
    figure = _draw_surface(
        data["u"], data["v"], data[when], bounds, axes, eye=EYES["energy"], has_scale=when == "after"
    )
    _mark_stored(figure, data, when, bounds[1] - bounds[0])
    figure.update_layout(title={"text": MOMENTS[when], "font": {"size": 13}, "x": 0.45, "y": 0.93})
    return figure


def _mark_stored(figure, data, when, span):
    """A dot on each stored image, and its energy at the end of a line that stands out of the surface."""
    energies, names = data[f"energy_{when}"], []
    for (u, v), energy, name, label in zip(data["stored"], energies, NAMES, data["labels"], strict=True):
        foot, top = (float(np.round(energy + share * span, 4)) for share in (LIFT, 0.22))
        figure.add_scatter3d(
            x=[u, u],
            y=[v, v],
            z=[foot, top],
            mode="lines+markers",
            line={"color": MARK, "width": 3},
            marker={"size": [5, 0.1], "color": MARK},
            hoverinfo="skip",
        )
        # Text of a trace is cut off where it dips into the surface; annotations lie above everything.
        said = {"text": f"{name}, a {int(label)}: {style.signed(energy, 0)}", "showarrow": False, "yanchor": "bottom"}
        names.append({"x": float(u), "y": float(v), "z": top, "bgcolor": "rgba(255, 255, 255, 0.7)", **said})
    figure.update_layout(scene_annotations=names)


def _draw_loss(data):
    share = 100 * np.asarray(data["explained"], float)
    bounds = float(data["loss"].min()), float(data["loss"].max())
    axes = (f"first direction, {share[0]:.0f} %", f"second, {share[1]:.0f} %", "RMS error")
    figure = _draw_surface(data["a"], data["b"], data["loss"], bounds, axes, eye=EYES["loss"])
    figure.add_scatter3d(
        x=data["path"][:, 0].round(4),
        y=data["path"][:, 1].round(4),
        z=(data["plane_loss"] + LIFT * (bounds[1] - bounds[0])).round(4),
        mode="lines+markers",
        line={"color": MARK, "width": 5},
        marker={"size": 3, "color": MARK},
        text=[
            f"step {int(step):,}<br>loss of the weights {true:.3f}<br>of their projection {projected:.3f}"
            for step, true, projected in zip(data["step"], data["path_loss"], data["plane_loss"], strict=True)
        ],
        hovertemplate="%{text}<extra></extra>",
    )
    return figure


def _draw_surface(first, second, values, bounds, axes, *, eye, has_scale=True):
    """The surface of ``values`` (A, B), indexed [first, second], seen from ``eye``, with the names of its axes; colours
    run between ``bounds``.
    """
    import plotly.graph_objects as go

    surface = go.Surface(
        x=np.round(first, 5),
        y=np.round(second, 5),
        z=np.round(values.T, 4),  # plotly has the first axis in columns
        colorscale="Viridis",
        cmin=bounds[0],
        cmax=bounds[1],
        showscale=has_scale,
        colorbar={"title": {"text": axes[2]}, "len": 0.7, "thickness": 14},
        hovertemplate=f"{axes[2]} %{{z:.4g}}<extra></extra>",
    )
    air = 0.05 * (bounds[1] - bounds[0])
    scene = {
        f"{axis}axis": {
            "title": {"text": name},
            "tickfont": {"size": 10},
            "backgroundcolor": "white",
            "gridcolor": "#DDDDDD",
        }
        for axis, name in zip("xyz", axes, strict=True)
    }
    scene["zaxis"]["range"] = [bounds[0] - air, bounds[1] + air]
    box = {"camera": {"eye": eye}, "aspectmode": "manual", "aspectratio": {"x": 1, "y": 1, "z": 0.72}}
    # The margin is the same with and without a scale, so that surfaces side by side are of one size.
    return go.Figure(surface).update_layout(
        scene=scene | box, font=FONT, margin={"l": 0, "r": 80, "b": 0, "t": 50}, showlegend=False
    )

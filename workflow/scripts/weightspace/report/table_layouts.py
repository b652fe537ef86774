"""How each final table is laid out on a page of a paper: rows of the long form, columns, decimals. The one place to
change that.
"""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Layout:
    """Lines, columns and cells of a table on paper.

    Attributes:
        lines: columns of the CSV that tell the lines apart; none: all columns that hold no estimate.
        across: the column of the CSV whose values become columns.
        where: ``{column: value or values}`` of the rows that are shown. ``{network}`` and other names in braces are
            settings of the run. A condition that no row meets is left out, so that a run with other models or budgets
            has its tables too.
        also: further columns of the CSV, after the estimate with its interval.
        estimate: the column of the CSV that ``low`` and ``high`` belong to.
        digits: decimals.
    """

    lines: tuple[str, ...] = ()
    across: str | None = None
    where: dict[str, Any] = field(default_factory=dict)
    also: tuple[str, ...] = ()
    estimate: str = "estimate"
    digits: int = 3


_SHOWN = {"network": "{network}", "attack": "{attack}", "budget": "{budget}"}  # of the section paper_experiment
_FROM_NETWORK = {"source": "{network}", "attack": "{attack}", "budget": "{budget}"}
_ANSWERS = ("adversarial", "clean", "difference", "nearest_neighbour_adversarial", "network_binarised")
_BITS = (0, 1, 8, 64)

# Tables that are not named here are set whole.
LAYOUTS = {
    "claims": Layout(("part", "statistic"), also=("n", "seeds", "rule", "adjusted_word")),
    "paper_experiment": Layout(
        ("memory", "source"), "quantity", _SHOWN | {"readout": "nearest", "quantity": _ANSWERS}, digits=2
    ),
    "paper_experiment_seeds": Layout(
        ("source", "seed"),
        where=_SHOWN | {"readout": "nearest", "memory": "{memory}"},
        also=("n", "adversarial", "clean", "only_adversarial", "only_clean", "mcnemar_p"),
    ),
    "published": Layout(
        ("source", "work"), where={"verdict": ("agrees", "differs")}, also=("theirs", "tolerance", "verdict")
    ),
    "attack_checks": Layout(("check", "subject"), also=("value", "expected", "n", "verdict")),
    "networks": Layout(("network",), "quantity", also=("seeds",)),
    "stability": Layout(("memory",), "distance", also=("n", "seeds")),
    "attacks": Layout(
        ("network", "attack"),
        "budget",
        {"answer": "grey", "images": "right_clean", "quantity": "error", "budget": (0.1, 0.3, 1, 2)},
        digits=2,
    ),
    "smallest_budgets": Layout(("network", "attack"), "quantile", {"answer": "grey"}),
    "transfer": Layout(("target", "answer"), "quantity", _FROM_NETWORK | {"images": "right_all"}),
    "model_dependence": Layout(("kind", "target", "networks_see"), "quantity", _FROM_NETWORK),
    "ensembles": Layout(("held_out", "source"), "quantity", {"budget": "{budget}"}),
    "loss_maxima": Layout(("network", "training_error", "quantity"), also=("n", "seeds")),
    "flips": Layout(("model",), "budget", {"attack": "best", "images": "all"}, digits=2),
    "minimal_flips": Layout(("model",), "quantile", {"attack": "best"}),
    "flip_transfer": Layout(
        ("model",), "budget", {"source": "{network}", "images": "all", "quantity": "error"}, digits=2
    ),
    "flip_differences": Layout(
        ("comparison", "model", "reference"),
        "budget",
        {"attack": "portfolio", "images": "right_under_both", "quantity": "error", "budget": _BITS},
        digits=2,
    ),
    "attack_strength": Layout(("model",), "queries", {"quantity": "error"}, digits=3),
    "purification": Layout(
        ("comparison", "model", "reference"),
        "budget",
        {"attack": "best", "images": "all", "quantity": "error", "budget": _BITS},
        digits=2,
    ),
    "capacity": Layout(("rule", "data", "quantity", "flipped")),
    "capacity_shares": Layout(("rule", "load"), "quantity", {"data": "images", "flipped": 0}, digits=2),
    "basins": Layout(("memory",), "distance", {"outcome": "returned", "distance": (10, 40, 120, 200)}, digits=2),
    "nearest_pattern": Layout(("memory", "inputs"), "quantity", {"quantity": ("share", "most_end_nearest")}, digits=2),
    "attractors": Layout(("rule", "data", "stored"), "kind", {"quantity": "share_of_states"}),
    "recall_dynamics": Layout(("memory",), "quantity", {"quantity": ("sweeps", "flips", "settled")}),
    "equioutput": Layout(
        ("weights", "activation", "hidden", "transformation", "quantity"),
        where={"precision": "float64"},
        also=("n", "seeds"),
    ),
    "barriers": Layout(
        ("weights", "hidden", "training", "transformation"),
        "quantity",
        {"compared_with": "nothing", "quantity": ("loss_barrier", "error_barrier")},
        digits=3,
    ),
    "hopfield_symmetry": Layout(("transformation", "relabelled", "order"), "memory", {"quantity": "changed_states"}),
    "ordering": Layout(("width", "optimiser", "learning_rate", "gap"), "key", {"quantity": "out_of_order"}, digits=2),
    "weight_partition": Layout(("model", "weights", "task", "patterns"), "class", {"quantity": "share"}),
    "memory_weight_partition": Layout(("data", "neurons", "stored"), "class", {"quantity": "share"}),
    "weight_volume": Layout(
        ("gain", "draw", "quantity"), where={"quantity": ("W_e", "W_g", "W_n")}, also=("seeds", "guarantee"), digits=2
    ),
    "cones": Layout(
        ("labelling", "start", "group", "other"),
        "quantity",
        {"quantity": ("angle", "angular_radius", "log10_cone", "log10_cone_and_copies")},
        digits=1,
    ),
    "loss_levels": Layout(
        ("arc", "quantity", "loss_from", "loss_to"), "class", {"quantity": ("ordered", "share_by_loss")}
    ),
    "dimension": Layout(("quantity", "width", "weights", "learning_rate"), also=("n", "seeds")),
    "coverage": Layout(("estimator", "classifier", "quantity"), also=("n", "median_width", "needed_width")),
    "pattern_partition": Layout(
        ("dataset", "model", "readout", "radius"),
        "part",
        {"seed": 0, "part": ("P_t", "P_g", "P_a", "P_r")},
        estimate="log10_count",
    ),
    "pattern_shares": Layout(
        ("model", "distance"),
        "part",
        {"dataset": "{dataset}", "distance": (1, 10, 20), "readout": ("answer", "nearest")},
    ),
    "answer_agreement": Layout(("model", "readout", "part", "distance"), "quantity"),
    "certified": Layout(("dataset", "model", "readout"), "distance", {"seed": 0, "distance": (1, 2, 4, 8)}, digits=2),
    "rare_shares": Layout(
        ("dataset", "model", "seed", "image", "distance"), also=("runs", "reached"), estimate="log10_share", digits=1
    ),
    "basins_exact": Layout(where={"seed": 0}),
}

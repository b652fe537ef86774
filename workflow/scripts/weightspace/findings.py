"""The report's first page in reStructuredText: what was asked, what was found, and where to look."""

import pandas as pd

from weightspace import paper
from weightspace.claims import OUTSIDE, UNMEASURED

_ASKED = """\
A paper (Musunuru, Paranjape, Dubey and Venkoparao, *Characterizing the Weight Space for Different Learning Models*, 2020) compares deep networks
with associative memories on binarised MNIST and argues mostly by pictures. Here each of its claims has a statistic, an interval and a verdict by a
rule that was written down before the run. A claim that turns out false is a result like any other.
"""


def first_page(claims, experiment, settings, *, digest):
    """Compose the page.

    Args:
        claims: the table `claims`; experiment: the table `paper_experiment`.
        settings: section ``paper_experiment`` of the configuration, with ``seeds`` and ``dataset``.
        digest: SHA-256 of workflow/claims.yaml.
    """
    measured = claims[~claims.verdict.isin([UNMEASURED, OUTSIDE])]
    open_claims = claims[claims.verdict.isin([UNMEASURED, OUTSIDE])]
    parts = [
        _title("What the weight space and the pattern space look like, measured", "="),
        f"*Dataset {settings['dataset']}, {settings['seeds']} seeds; 95 % intervals, over seeds where models are compared.*\n",
        _title("What was asked"),
        _ASKED,
        _title("What was found"),
        _table(measured, ["part", "statement", "statistic", "measured", "verdict"], widths=(5, 28, 34, 20, 13)),
        _title("What “misclassified 0.7” turns out to be"),
        _seven_tenths(experiment, settings),
        _title("Where to look"),
        "`1 Answers`_: the claims, and the paper's experiment. `2 Learning`_: the trained models. `3 Energy`_: the landscapes.\n"
        "`4 Adversarial images`_: the attacks, image by image and by budget.\n",
        _title("Not yet measured"),
        ", ".join(open_claims.part) + ".\n" if len(open_claims) else "Nothing is left open.\n",
        f"The rules that decide are in ``workflow/claims.yaml``, SHA-256 ``{digest}``.\n",
    ]
    return "\n".join(parts)


def _title(text, line="-"):
    return f"{text}\n{line * len(text)}\n"


def _table(claims, columns, *, widths):
    rows = [f".. list-table::\n   :header-rows: 1\n   :widths: {' '.join(map(str, widths))}\n"]
    for cells in (columns, *(_cells(row) for row in claims.itertuples())):
        rows.append("\n".join(f"   {'* -' if first == 0 else '  -'} {cell}" for first, cell in enumerate(cells)))
    return "\n".join(rows) + "\n"


def _cells(row):
    measured = f"{row.estimate:.3f} [{row.low:.3f}, {row.high:.3f}], n = {int(row.n)}, {int(row.seeds)} seeds; {row.rule}"
    return row.part, row.statement, row.statistic, measured, f"**{row.verdict}**"


def _seven_tenths(experiment, settings):
    """The paragraph on the paper's number, from the rows that the figures show."""
    cell = {key: settings[key] for key in ("network", "attack", "budget")}
    shown = experiment[(experiment[list(cell)] == pd.Series(cell)).all(axis=1) & (experiment.readout == "nearest")]
    lines = []
    for (memory, source), rows in shown[shown.rule == "iterative"].groupby(["memory", "source"], sort=True):
        value = {row.quantity: row for row in rows.itertuples()}
        adversarial, few = value["adversarial"], value["adversarial"].few_probability
        where = "test images" if source == "test" else "the images that it stores"
        lines.append(
            f"- ``{memory}``, {where}: {_interval(adversarial)} of the adversarial images misclassified; the same images clean "
            f"{_interval(value['clean'])}; nearest stored pattern without recall {_interval(value['nearest_neighbour_adversarial'])}; the network "
            f"itself on the binarised adversarial images {_interval(value['network_binarised'])}. "
            f"An experiment with {int(adversarial.few_images)} images would print “{paper.MISCLASSIFIED:g}” with probability {few:.2f}."
        )
    head = (
        f"Attack ``{settings['attack']}`` with budget {settings['budget']:g} against ``{settings['network']}``; images that are adversarial for it, "
        "binarised, then recalled; label of the stored pattern nearest to the final state.\n"
    )
    return head + "\n" + "\n".join(lines) + "\n"


def _interval(row):
    return f"{row.estimate:.3f} [{row.low:.3f}, {row.high:.3f}]"

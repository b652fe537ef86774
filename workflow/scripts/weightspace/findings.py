"""The report's first page in reStructuredText: what was asked, what was found, and where to look."""

from weightspace import paper
from weightspace.claims import INCONCLUSIVE, OUTSIDE, REFUTED, SUPPORTED, UNMEASURED

_ASKED = """\
A paper (Musunuru, Paranjape, Dubey and Venkoparao, *Characterizing the Weight Space for Different Learning Models*, 2020) compares deep networks
with associative memories on binarised MNIST and argues mostly by pictures. Here each of its claims has a statistic, an interval and a verdict by a
rule that was written down before the run. A claim that turns out false is a result like any other.
"""
_COMPARED = ("adversarial", "clean", "difference", "nearest_neighbour_adversarial", "network_binarised")
_WHERE = """\
`1 Answers`_: the claims, and the paper's experiment. `2 Learning`_: the trained models. `3 Energy`_: the landscapes.
`4 Adversarial images`_: attacks on grey and on binary images, their transfer, and checks that they can be trusted.
`5 Memories`_: capacity, basins and recall of every learning rule. `6 Weight space`_: copies of weights, their order in training, volumes and cones.
`7 Pattern space`_: how large its parts are.
"""


def first_page(claims, experiment, settings, *, digest, paragraphs=()):
    """Compose the page.

    Args:
        claims: the table `claims`; experiment: the table `paper_experiment`.
        settings: section ``paper_experiment`` of the configuration, with ``seeds`` and ``dataset``.
        digest: SHA-256 of workflow/claims.yaml.
        paragraphs: what the topics add, each reStructuredText with a title of its own.
    """
    is_open = claims.verdict.isin([UNMEASURED, OUTSIDE])
    left = ", ".join(claims[is_open].part)
    parts = [
        # One role per verdict, which the report's style sheet colours.
        *(f".. role:: {verdict}" for verdict in (SUPPORTED, REFUTED, INCONCLUSIVE)),
        "",
        _title("The weight space and the pattern space of learning models, measured", "="),
        f"*Dataset {settings['dataset']}, {settings['seeds']} seeds; 95 % intervals, over seeds where models are compared.*\n",
        _title("What was asked"),
        _ASKED,
        _title("What was found"),
        _claims_table(claims[~is_open]),
        _title(f"What “misclassified {paper.MISCLASSIFIED:g}” turns out to be"),
        _seven_tenths(experiment, settings),
        *paragraphs,
        _title("Where to look"),
        _WHERE,
        _title("What is open"),
        f"Not measured in this run: {left}.\n" if left else "Nothing.\n",
        f"The rules that decide are in ``workflow/claims.yaml``, SHA-256 ``{digest}``.\n",
    ]
    return "\n".join(parts)


def _title(text, line="-"):
    return f"{text}\n{line * len(text)}\n"


def _table(header, rows, *, widths):
    lines = [f".. list-table::\n   :header-rows: 1\n   :widths: {' '.join(map(str, widths))}\n"]
    for cells in (header, *rows):
        lines.append("\n".join(f"   {'  -' if column else '* -'} {cell}" for column, cell in enumerate(cells)))
    return "\n".join(lines) + "\n"


def _claims_table(claims):
    rows = []
    previous = None
    for row in claims.itertuples():
        statement = row.statement if row.claim != previous else ""
        previous = row.claim
        verdict = f":{row.verdict}:`{row.verdict}`"
        rows.append((row.part, statement, row.statistic, f"{_interval(row)}, n = {int(row.n):,}", row.rule, verdict))
    return _table(("", "the paper says", "measured as", "result", "supported if", "verdict"), rows, widths=(5, 26, 32, 17, 12, 8))


def _seven_tenths(experiment, settings):
    """The table and the paragraph on the paper's number, from the rows that the figures show."""
    shown = experiment[experiment.readout == "nearest"]
    for key in ("network", "attack", "budget"):
        shown = shown[shown[key] == settings[key]]
    rows = []
    for (memory, source), cells in shown.groupby(["memory", "source"], sort=True):
        value = {row.quantity: row for row in cells.itertuples()}
        results = [_interval(value[name]) for name in _COMPARED]
        images = "test images" if source == "test" else "stored images"
        rows.append((_readable(memory), images, *results, f"{value['adversarial'].few_probability:.2f}"))
    head = (
        f"Attack *{settings['attack']}* with budget {settings['budget']:g} against *{_readable(settings['network'])}*. Of the images that are "
        "adversarial for it, binarised and recalled, so many are misclassified (label of the stored pattern nearest to the final state). To be "
        "compared with: the same images clean, the nearest of the same stored patterns without any recall, and the attacked network itself on "
        "the binarised images.\n"
    )
    last = f"{paper.IMAGES} images print {paper.MISCLASSIFIED:g}"
    header = ("memory", "attacked", "adversarial", "same, clean", "adversarial minus clean", "nearest stored, no recall", "network, binarised", last)
    return head + "\n" + _table(header, rows, widths=(18, 10, 16, 16, 16, 16, 16, 8))


def _readable(name):
    """A model's name for a reader."""
    return name.replace("_", " ")


def _interval(row):
    return f"{_number(row.estimate)} [{_number(row.low)}, {_number(row.high)}]"


def _number(value):
    """Three decimals; where these would say nothing, two significant digits, and for large numbers none.

    >>> _number(0.6262), _number(1.36e-16), _number(-694.01), _number(0.0)
    ('0.626', '1.4e-16', '-694', '0.000')
    """
    if value and abs(value) < 0.0005:
        return f"{value:.1e}"
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3f}"

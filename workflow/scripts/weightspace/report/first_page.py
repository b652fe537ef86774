"""The report's first page in reStructuredText: what was asked, what was found, and where to look."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from weightspace.report import (
    about_bit_flips,
    about_grey_attacks,
    about_pattern_space,
    about_published,
    about_symmetry,
    about_weight_space,
)
from weightspace.report.answers import answer, headline
from weightspace.report.decisions import (
    DEFINED,
    EXPLORED,
    INCONCLUSIVE,
    MIXED,
    NEGLIGIBLE,
    OUTSIDE,
    REFUTED,
    REVERSED,
    SUPPORTED,
    UNDECIDED,
    UNMEASURED,
)
from weightspace.report.restructured_text import number, readable, table, title, with_interval
from weightspace.robustness.paper_experiment import IMAGES, MISCLASSIFIED

_ASKED = """\
A paper (Musunuru, Paranjape, Dubey and Venkoparao, *Characterizing the Weight Space for Different Learning Models*,
2020) compares deep networks with associative memories on binarised MNIST and argues mostly by pictures. Here each of
its claims is a question with a statistic, an interval and a word by a rule that was written down before the run. A
claim that turns out false is a result like any other.
"""
_HOW = """\
The one word before an answer is that of the parts that restate the claim. *Supported*: their intervals lie wholly where
the claim says. *Refuted*: wholly where it does not; a difference may also be *reversed*, or *negligible*, too small to
count. *Mixed*: some are supported and some are not. *Inconclusive*: the data leave it open. *Exploratory*: the claim is
too vague to be decided. *Not decided*: a precondition is not met, which is said. These intervals are so wide that all
of them hold together with 95 %; in brackets stands the plain 95 % interval, with the number of observations n and of
seeds where they change. All other parts say how far the answer reaches, and are controls and exceptions.
"""
# What a claim can come out as, in the order in which they are counted.
_WORDS = (SUPPORTED, REFUTED, MIXED, INCONCLUSIVE, DEFINED, EXPLORED, UNDECIDED, UNMEASURED, OUTSIDE)
_ROLES = (*_WORDS, NEGLIGIBLE, REVERSED)
_COMPARED = ("adversarial", "clean", "difference", "nearest_neighbour_adversarial", "network_binarised")
_WHERE = """\
In the menu, by topic: `1 Answers`_: the claims, and the paper's experiment. `2 Learning`_: the trained models. `3
Energy`_: the landscapes. `4 Adversarial images`_: attacks on grey and on binary images, their transfer, and checks
that they can be trusted. `5 Memories`_: capacity, basins and recall of every learning rule. `6 Weight space`_: copies
of weights, their order in training, volumes and cones. `7 Pattern space`_: how large its parts are. `8 Numbers of
others`_: what others have published, beside ours. The eye opens a figure or a table, the *i* its caption. Tables can be
sorted, filtered and downloaded. The time that each rule took is at the end of this page and under *Statistics*.
"""


def paragraphs(tables: Mapping[str, pd.DataFrame], settings: Mapping[str, Any]) -> list[str]:
    """What each topic says on the first page, in the order in which it is read.

    Args:
        tables: by name.
        settings: for the topics that need some, the keyword arguments of their paragraph.
    """
    return [
        about_grey_attacks.paragraph(tables["transfer"], tables["paper_experiment"], **settings["grey_attacks"]),
        about_bit_flips.paragraph(
            tables["flips"], tables["flip_transfer"], tables["flip_differences"], **settings["bit_flips"]
        ),
        about_weight_space.paragraph(
            tables["weight_volume"],
            tables["weight_partition"],
            tables["cones"],
            tables["loss_levels"],
            tables["dimension"],
        ),
        about_symmetry.paragraph(tables["equioutput"], tables["ordering"], tables["hopfield_symmetry"]),
        about_pattern_space.paragraph(
            tables["pattern_partition"],
            tables["pattern_shares"],
            tables["certified"],
            tables["basins_exact"],
            **settings["pattern_space"],
        ),
        about_published.paragraph(tables["published"]),
    ]


def first_page(
    claims: pd.DataFrame,
    experiment: pd.DataFrame,
    settings: Mapping[str, Any],
    *,
    rules: Mapping[Any, Any],
    words: Mapping[Any, Any],
    digest: str,
    paragraphs: Sequence[str] = (),
) -> str:
    """Compose the page.

    Args:
        claims: the table `claims`; experiment: the table `paper_experiment`.
        settings: what is shown of the paper's experiment (``network``, ``attack``, ``budget``), ``seeds``, ``dataset``
            the names of the run's ``figures``, and ``otherwise``, sentences on numbers that are used otherwise than
            the configuration has them.
        rules, words: the contents of workflow/claims.yaml and of workflow/answers.yaml, by claim.
        digest: SHA-256 of workflow/claims.yaml.
        paragraphs: what the topics add, each reStructuredText with a title of its own.
    """
    measured = claims[claims.estimate.notna()]
    parts = [
        # One role per word, which the report's style sheet colours.
        *(f".. role:: {_role(word)}" for word in _ROLES),
        "",
        title("The weight space and the pattern space of learning models, measured", "="),
        (
            f"*Dataset {settings['dataset']}, {settings['seeds']} seeds; 95 % intervals, over seeds where models are"
            " compared.*\n"
        ),
        ".. contents:: On this page\n   :depth: 1\n   :backlinks: none\n",
        title("What was asked"),
        _ASKED,
        title("What was found"),
        _in_short(claims),
        _HOW,
        *(
            _answer(claim, rules[claim], rows, words.get(claim), settings["figures"])
            for claim, rows in claims.groupby("claim", sort=False)
        ),
        title("Every part of every claim"),
        (
            f"By the rules in ``workflow/claims.yaml``, written before the run; SHA-256 ``{digest}``. To be sorted:"
            " `claims.html`_.\n"
        ),
        _claims_table(measured),
        title(f"What “misclassified {MISCLASSIFIED:g}” turns out to be"),
        _seven_tenths(experiment, settings),
        *paragraphs,
        title("Where to look"),
        _WHERE,
        *_used_otherwise(settings["otherwise"]),
        title("What is open"),
        _open(claims),
    ]
    return "\n".join(parts)


def _used_otherwise(sentences):
    """What the configuration says and these images or whole grey levels do not allow."""
    if not sentences:
        return []
    heading = "Where the configuration asks for more than there is"
    told = "These numbers, made for MNIST or smaller than a grey level, were lowered at the start of the run."
    return [title(heading), f"{told}\n", *(f"- {sentence}" for sentence in sentences), ""]


def _role(word):
    """The role of a word, and with it its class in the style sheet."""
    return word.replace(" ", "-")


def _coloured(word):
    """A word in the role of its first part: refuted (negligible) is refuted."""
    plain = word.partition(" (")[0].partition(":")[0]
    return f":{_role(plain.lower())}:`{word}`"


def _in_short(claims):
    """How many claims came out how."""
    found = [headline(rows.itertuples())[0].partition(" (")[0] for _, rows in claims.groupby("claim", sort=False)]
    some = [f"{found.count(word)} {_coloured(word)}" for word in _WORDS if word in found]
    return f"Of {len(found)} claims, {', '.join(some)}.\n"


def _answer(claim, entry, rows, words, drawn):
    """One claim: its question, word, numbers in a sentence or two, and the tables and figures (of those ``drawn``)
    that they come from.
    """
    question, sentences = answer(claim, entry, list(rows.itertuples()), words)
    word, parts = headline(rows.itertuples())
    said = f"{_coloured(word.capitalize())} ({parts})."
    links = [_link(name) for name in dict.fromkeys(part["table"] for part in entry["parts"] if "table" in part)]
    links += [_link(name, "svg") for name in (words or {}).get("figures", []) if name in drawn]
    where = f" Evidence: {', '.join(links)}." if links else ""
    return f"{claim}. {question}\n   {said} {sentences}{where} *Paper: {entry['section']}.*\n"


def _link(name, kind="html"):
    """A link to a table (or, as ``svg``, a figure) of the report; Snakemake defines the target."""
    return f"`{name if kind == 'html' else 'figure ' + name} <{name}.{kind}_>`__"


def _open(claims):
    """Parts that nothing measures in this run, and those whose interval leaves the question open."""
    missing, undecided = (claims[claims.adjusted_word.isin(words)] for words in ([UNMEASURED, OUTSIDE], [INCONCLUSIVE]))
    lines = [f"Not measured in this run: {', '.join(missing.part)}.\n"] if len(missing) else []
    if len(undecided):
        lines.append("Inconclusive, so that more seeds or images may decide them:\n")
        lines += [
            f"- {row.part}, {row.statistic}: {with_interval(row, number)}, where an {row.rule} would support it."
            for row in undecided.itertuples()
        ]
        lines.append("")
    return "\n".join(lines) if lines else "No part of a claim.\n"


def _claims_table(claims):
    rows = []
    previous = None
    for row in claims.itertuples():
        statement = row.statement if row.claim != previous else ""
        previous = row.claim
        word, source = _coloured(row.adjusted_word), row.cell.split(":")[0]
        result = f"{with_interval(row, number)}, n = {int(row.n):,}, {int(row.seeds)} seeds"
        rows.append((row.part, statement, row.statistic, result, row.rule, word, _link(source)))
    header = ("", "the paper says", "measured as", "result", "supported if", "word", "evidence")
    return table(header, rows, widths=(5, 22, 30, 16, 11, 8, 8))


def _seven_tenths(experiment, settings):
    """The table and the paragraph on the paper's number, from the rows that the figures show."""
    shown = experiment[experiment.readout == "nearest"]
    for key in ("network", "attack", "budget"):
        shown = shown[shown[key] == settings[key]]
    if shown.empty:
        return "This run has no memory that stores images, or no image that was made adversarial for the network.\n"
    rows = []
    for (memory, source), cells in shown.groupby(["memory", "source"], sort=True):
        value = {row.quantity: row for row in cells.itertuples()}
        results = [with_interval(value[name], number) for name in _COMPARED]
        images = "test images" if source == "test" else "stored images"
        rows.append((readable(memory), images, *results, f"{value['adversarial'].few_probability:.2f}"))
    head = (
        f"Attack *{settings['attack']}* with budget {settings['budget']:g} against *{readable(settings['network'])}*."
        " Of the images that are adversarial for it, binarised and recalled, so many are misclassified (label of the"
        " stored pattern nearest to the final state). To be compared with: the same images clean, the nearest of the"
        " same stored patterns without any recall, and the attacked network itself on the binarised images.\n"
    )
    last = f"{IMAGES} images print {MISCLASSIFIED:g}"
    header = (
        "memory",
        "attacked",
        "adversarial",
        "same, clean",
        "adversarial minus clean",
        "nearest stored, no recall",
        "network, binarised",
        last,
    )
    return head + "\n" + table(header, rows, widths=(18, 10, 16, 16, 16, 16, 16, 8))

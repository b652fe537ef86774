"""What a paper needs of a run: its tables as LaTeX, the numbers of its text as commands, and a document that shows all
of it.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from weightspace.estimates import NONE
from weightspace.report import latex
from weightspace.report.answers import headline
from weightspace.report.claims import setting
from weightspace.report.decisions import INCONCLUSIVE, MIXED, REFUTED, SUPPORTED
from weightspace.report.table_layouts import LAYOUTS, Layout

_COUNTS = ("n", "seeds", "interval")
# Longer tables are written, but not shown in the document.
_LONGEST = 150
# With more columns of intervals than this, an interval stands under its estimate.
_WIDE = 3
_MACROS = r"""% Numbers of the text, and how intervals are set: \newcommand them otherwise as you like.
% Needs nothing; \input it in the preamble. \wsClaimThreeA is the estimate of part C3a of workflow/claims.yaml;
% with Low, High, N and Word behind it its interval, n and word.
\providecommand{\wsci}[3]{#1 [#2, #3]}
\providecommand{\wsstack}[3]{\begin{tabular}[t]{@{}l@{}}#1\\{\scriptsize [#2, #3]}\end{tabular}}
"""
_DOCUMENT = r"""% All tables and figures of the run on paper: pdflatex paper.tex, twice. A paper of one's own needs
% \input{macros} and, where they are wanted, \input{tables/NAME} (booktabs; longtable where the table does not fit a
% page) and \includegraphics[width=\columnwidth]{figures/NAME}.
\documentclass[a4paper]{article}
\usepackage[T1]{fontenc}
\usepackage{lmodern}
\usepackage[margin=2.2cm]{geometry}
\usepackage{booktabs,longtable,graphicx,caption}
\graphicspath{{figures/}}
\input{macros}
% A table as wide as the text at most.
\newsavebox{\wsbox}
\newcommand{\wsfit}[1]{\sbox{\wsbox}{#1}%
  \ifdim\wd\wsbox>\linewidth\resizebox{\linewidth}{!}{\usebox{\wsbox}}\else\usebox{\wsbox}\fi}
\captionsetup{font=small,labelfont=bf}
\setlength{\LTleft}{0pt plus 1fill minus 1fill}
\setlength{\LTright}{0pt plus 1fill minus 1fill}
\title{The weight space and the pattern space of learning models, measured}
\author{}
\date{}
\begin{document}
\maketitle
\noindent
"""
_TEXT = r"""Dataset \wsDataset{}, \wsSeeds{} seeds; intervals are of 95\,\%. Of the paper's claims
\wsSupported{} are supported, \wsRefuted{} refuted, \wsMixed{} mixed and \wsInconclusive{} inconclusive;
\wsOpen{} are true by definition, exploratory or not decided in this run.
"""
_MEMORY = r"""Of the test images that are adversarial for the network, the memory %(memory)s misclassifies
a share of \%(name)s{} [\%(name)sLow, \%(name)sHigh], and \%(name)sClean{} [\%(name)sCleanLow, \%(name)sCleanHigh]
of the same images clean.
"""


def lay_out(frame: pd.DataFrame, name: str, settings: Mapping[str, Any]) -> str:
    """A table of the run as LaTeX.

    Args:
        frame, name: the final table and its name; settings: the run's, as ``{network}`` and others in `table_layouts`.
    """
    layout = LAYOUTS.get(name, Layout())
    frame = _chosen(frame, layout.where, settings)
    has_interval = {layout.estimate, "low", "high"} <= set(frame.columns)
    found = [column for column in layout.lines if column in frame.columns]
    further = [column for column in (layout.also if found else _COUNTS) if column in frame.columns]
    names = [
        column
        for column in frame.columns
        if column not in (layout.estimate, "low", "high", *_COUNTS, *further, layout.across)
    ]
    keys = _telling_apart(frame, found, names, layout.across) if found else names
    if layout.across in frame.columns and has_interval:
        names, lines = _spread(frame, keys, further, layout)
    else:
        names = [*keys, *([layout.estimate] if has_interval else []), *further]
        lines = [
            [
                *_texts(row, keys, layout),
                *([_interval(row, layout)] if has_interval else []),
                *_texts(row, further, layout),
            ]
            for _, row in frame.iterrows()
        ]
    return latex.table(names, _without_repeats(lines, len(keys)), texts=len(keys))


def _chosen(frame, where, settings):
    """The rows that meet the conditions; a condition that none meets is left out."""
    for column, wanted in where.items():
        if column not in frame.columns:
            continue
        wanted = [setting(value, settings) for value in (wanted if isinstance(wanted, tuple) else (wanted,))]
        kept = frame[frame[column].isin(wanted)]
        frame = frame if kept.empty else kept
    return frame


def _telling_apart(frame, keys, names, across):
    """The columns that tell lines apart: those asked for, and any other without which two rows would fall into one
    cell.
    """
    keys = list(keys)
    place = [across] if across in frame.columns else []
    for name in names:
        if (
            name not in keys
            and frame.duplicated([*keys, *place]).any()
            and (frame.groupby([*keys, *place], dropna=False)[name].nunique() > 1).any()
        ):
            keys.append(name)
    return keys


def _spread(frame, keys, further, layout):
    """Names and lines of a table in which the values of one column are columns."""
    across = list(dict.fromkeys(frame[layout.across].dropna()))
    form = "wsstack" if len(across) > _WIDE else "wsci"
    names = [*keys, *(_column_name(layout.across, value) for value in across), *further]
    lines = []
    for _, rows in frame.groupby(keys, sort=False, dropna=False):
        cells = [rows[rows[layout.across] == value] for value in across]
        shown = [_interval(cell.iloc[0], layout, form) if len(cell) else "" for cell in cells]
        lines.append([*_texts(rows.iloc[0], keys, layout), *shown, *_texts(rows.iloc[0], further, layout)])
    return names, lines


def _column_name(column, value):
    return str(value) if isinstance(value, str) else f"{column} {value:g}"


def _texts(row, columns, layout):
    return [_text(row[column], layout.digits) for column in columns]


def _text(value, digits):
    if isinstance(value, str) or pd.api.types.is_bool(value):
        return latex.readable(value)
    if pd.isna(value):
        return ""
    return (
        latex.number(int(value))
        if float(value).is_integer() and abs(value) < 1e15
        else latex.number(value, max(digits, 3))
    )


def _interval(row, layout, form="wsci"):
    if pd.isna(row[layout.estimate]):
        return latex.MISSING
    if row.get("interval") == NONE:  # its limits are all that is possible, and say nothing
        return latex.number(float(row[layout.estimate]), layout.digits)
    numbers = (latex.number(float(row[name]), layout.digits) for name in (layout.estimate, "low", "high"))
    return f"\\{form}{''.join(f'{{{number}}}' for number in numbers)}"


def _without_repeats(lines, keys):
    """Names that stand in the line above already are left out, as long as all before them are the same too."""
    cleared, above = [], [None] * keys
    for line in lines:
        same = 0
        while same < keys - 1 and line[same] == above[same]:
            same += 1
        cleared.append([""] * same + line[same:])
        above = line
    return cleared


def macros(claims: pd.DataFrame, experiment: pd.DataFrame, settings: Mapping[str, Any]) -> dict[str, str]:
    """Commands for the numbers of the text: those of each part of each claim, of the paper's experiment, and of the
    run.

    Args:
        claims, experiment: the tables `claims` and `paper_experiment`; settings: the run's.

    Returns: ``{name: LaTeX}``; names hold letters only.
    """
    found = {"wsDataset": latex.escape(settings["dataset"]), "wsSeeds": str(settings["seeds"])}
    words = [headline(rows.itertuples())[0].partition(" (")[0] for _, rows in claims.groupby("claim", sort=False)]
    counted = (SUPPORTED, REFUTED, MIXED, INCONCLUSIVE)
    found |= {f"ws{word.capitalize()}": str(words.count(word)) for word in counted}
    found["wsOpen"] = str(sum(word not in counted for word in words))
    for _, part in claims.iterrows():
        word = part.adjusted_word.partition(":")[0]  # without the reason of what is not decided
        found |= _named(f"wsClaim{_letters(part.part)}", part, further={"Word": latex.escape(word)})
    shown = _chosen(experiment, LAYOUTS["paper_experiment"].where | {"memory": "{memory}"}, settings)
    for _, row in shown.iterrows():
        found |= _named(_experiment_macro(row), row, further={})
    return found


def _experiment_macro(row: pd.Series) -> str:
    """The name of the number of a row of `paper_experiment`: the number of stored patterns, whether these were
    attacked, and what was counted.
    """
    source = "" if row.source == "test" else row.source.capitalize()
    quantity = "" if row.quantity == "adversarial" else _letters(row.quantity)
    return f"wsMisclassified{latex.spelled(int(row.patterns))}{source}{quantity}"


def _letters(name):
    """``C14n`` as ``FourteenN``, ``network_binarised`` as ``NetworkBinarised``."""
    parts = re.findall(r"[0-9]+|[A-Za-z]+", re.sub(r"^C(?=[0-9])", "", name))
    return "".join(latex.spelled(int(part)) if part.isdigit() else part[0].upper() + part[1:] for part in parts)


def _named(name, row, *, further):
    numbers = {"": float(row.estimate), "Low": float(row.low), "High": float(row.high)}
    found = {name + ending: latex.number(value) for ending, value in numbers.items()}
    return (
        found
        | {f"{name}N": latex.MISSING if pd.isna(row.n) else str(int(row.n))}
        | {name + ending: text for ending, text in further.items()}
    )


def macro_file(commands: Mapping[str, str]) -> str:
    """The text of macros.tex."""
    return _MACROS + "".join(f"\\newcommand{{\\{name}}}{{{value}}}\n" for name, value in commands.items())


def document(
    tables: Mapping[str, str],
    figures: Iterable[str],
    captions: Mapping[str, str],
    commands: Mapping[str, str],
    settings: Mapping[str, Any],
) -> str:
    """The text of paper.tex.

    Args:
        tables: ``{name: LaTeX}``; figures: names.
        captions: ``{name: reStructuredText}`` of tables and figures under ``tables/NAME`` and ``figures/NAME``.
        commands: as `macros` gives them; settings: the run's.
    """
    parts = [_DOCUMENT, _TEXT]
    # Of test images, whose names are shorter than those of stored ones.
    name = min((name for name in commands if f"{name}CleanLow" in commands), key=len, default=None)
    if name:
        parts.append(_MEMORY % {"name": name, "memory": latex.readable(settings["memory"])})
    parts.append("\\section*{Figures}\n")
    parts += [_figure(figure, captions.get(f"figures/{figure}", "")) for figure in figures]
    parts.append("\\clearpage\n\\section*{Tables}\n")
    parts += [_table(table, text, captions.get(f"tables/{table}", "")) for table, text in tables.items()]
    return "".join([*parts, "\\end{document}\n"])


def _figure(name, caption):
    # The tallest leave room for their captions.
    picture = f"\\includegraphics[width=\\columnwidth,height=0.8\\textheight,keepaspectratio]{{{name}}}"
    return _kept_together(f"{picture}\n\\captionof{{figure}}{{{latex.from_caption(caption)}}}\\label{{fig:{name}}}\n")


def _table(name, text, caption):
    lines = text.count(" \\\\\n") - 1
    if lines > _LONGEST:
        return f"% tables/{name}.tex has {lines} lines and is left out here.\n"
    above = f"\\captionof{{table}}{{{latex.from_caption(caption)}}}\\label{{tab:{name}}}\n"
    if "\\begin{longtable}" in text:
        body = f"{{\\scriptsize\\setlength{{\\tabcolsep}}{{3pt}}\\input{{tables/{name}}}}}"
        return f"\\begin{{center}}{above}\\end{{center}}\n{body}\n"
    return _kept_together(f"{above}\\footnotesize\\wsfit{{\\input{{tables/{name}}}}}\n")


def _kept_together(text):
    return f"\\noindent\\begin{{minipage}}{{\\linewidth}}\n{text}\\end{{minipage}}\\par\\bigskip\n"

"""What can be said of LaTeX without LaTeX: whether braces and environments close, what a file defines and takes in, and
which numbers stand in it.
"""

import re
import shutil
import subprocess

import pandas as pd


def assert_well_formed(text):
    bare = re.sub(r"(?m)(?<!\\)%.*$", "", re.sub(r"\\[\\{}]", "", text))
    assert bare.isascii()
    depth = 0
    for character in bare:
        depth += (character == "{") - (character == "}")
        assert depth >= 0
    assert depth == 0
    opened = []
    for kind, name in re.findall(r"\\(begin|end)\{(\w+)\}", bare):
        if kind == "begin":
            opened.append(name)
        else:
            assert opened.pop() == name
    assert not opened
    assert not re.sub(r"\\[$]", "", bare).count("$") % 2


def commands(macros):
    """``{name: value}`` of \\newcommand without arguments; each name once and of letters only."""
    found = re.findall(r"(?m)^\\newcommand\{\\(.*?)\}\{(.*)\}$", macros)
    names = [name for name, _ in found]
    assert len(set(names)) == len(names)
    assert all(name.isascii() and name.isalpha() for name in names)
    return dict(found)


def value_of(cell):
    """The number that a cell shows, and the half unit of its last digit."""
    power = re.fullmatch(r"\$(-?[\d.]+)\\times10\^\{(-?\d+)\}\$", cell)
    mantissa, exponent = (power.group(1), int(power.group(2))) if power else (cell.strip("$"), 0)
    decimals = len(mantissa.partition(".")[2])
    return float(mantissa) * 10.0**exponent, 0.5000001 * 10.0 ** (exponent - decimals)


def intervals(text):
    """The cells (estimate, low, high) of all intervals of a table."""
    return re.findall(
        r"\\ws(?:ci|stack)\{((?:[^{}]|\{[^{}]*\})*)\}\{((?:[^{}]|\{[^{}]*\})*)\}\{((?:[^{}]|\{[^{}]*\})*)\}", text
    )


def assert_intervals_are_of(frame, text, estimate="estimate"):
    """Every interval of a table stands in one row of the CSV, to the digits that are shown; a table without estimates
    shows none.
    """
    found = intervals(text)
    if not {estimate, "low", "high"} <= set(frame.columns):
        assert not found
        return
    numbers = frame[[estimate, "low", "high"]].astype(float)
    for cells in found:
        near = pd.Series(True, frame.index)
        for column, cell in zip(numbers, cells, strict=True):
            if "infty" in cell:
                near &= numbers[column] == float("-inf" if "-" in cell else "inf")
            elif cell == "--":
                near &= numbers[column].isna()
            else:
                value, half = value_of(cell)
                near &= (numbers[column] - value).abs() <= half
        assert near.any(), cells


def compile_if_possible(folder):
    """Set paper.tex twice where there is a pdflatex; True if that was done."""
    if not shutil.which("pdflatex"):
        return False
    for _ in range(2):
        done = subprocess.run(
            ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "paper.tex"],
            cwd=folder,
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout.decode(errors="replace")[-2000:]
    assert (folder / "paper.pdf").stat().st_size > 10_000
    return True

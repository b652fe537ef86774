"""Text, numbers and tables as LaTeX that every engine sets: plain ASCII, the packages booktabs and longtable, nothing
else.
"""

import math
import re
import unicodedata
from collections.abc import Sequence

import pandas as pd

SPECIAL = {character: f"\\{character}" for character in "&%$#_{}"}
SPECIAL |= {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
# Signs of captions and names that the encodings of older engines lack.
SIGNS = {
    "–": "--",
    "—": "---",
    "“": "``",
    "”": "''",
    "‘": "`",
    "’": "'",
    "…": r"\ldots{}",
    "−": "$-$",
    "±": r"$\pm$",
    "×": r"$\times$",
    "·": r"$\cdot$",
    "≤": r"$\leq$",
    "≥": r"$\geq$",
    "√": r"$\surd$",
    "∞": r"$\infty$",
    "°": r"$^\circ$",
    "²": "$^2$",
    "→": r"$\to$",
    "‖": r"$\|$",
    "<": "$<$",
    ">": "$>$",
    "|": "$|$",
    "α": r"$\alpha$",
    "β": r"$\beta$",
    "δ": r"$\delta$",
    "Δ": r"$\Delta$",
    "ε": r"$\varepsilon$",
    "μ": r"$\mu$",
    "π": r"$\pi$",
}
ACCENTS = {
    "\u0300": "`",
    "\u0301": "'",
    "\u0302": "^",
    "\u0303": "~",
    "\u0308": '"',
    "\u030a": "r",
    "\u0327": "c",
    "\u030c": "v",
}
DOTLESS = {"i": r"\i"}
NEW_LINE = r"\\"
MISSING = "--"
# A cell of more than so many characters is set in a column of lines.
LONGEST_CELL = 40
# A table of more lines does not fit a page and is set as a longtable.
PAGE_LINES = 45
_UNITS = (
    *("Zero", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten"),
    *("Eleven", "Twelve", "Thirteen", "Fourteen", "Fifteen", "Sixteen", "Seventeen", "Eighteen", "Nineteen"),
)
_TENS = ("Twenty", "Thirty", "Forty", "Fifty", "Sixty", "Seventy", "Eighty", "Ninety")


def escape(text: object) -> str:
    r"""Any text as LaTeX sets it literally.

    >>> escape("50 % of R_1 – naïve")
    '50 \\% of R\\_1 -- na\\"{\\i}ve'
    """
    return "".join(map(_set_character, unicodedata.normalize("NFC", str(text))))


def readable(name: object) -> str:
    r"""A name of a table's row or column for a reader: parts of the two spaces as symbols, underscores as spaces.

    >>> readable("P_adv"), readable("iterative_40"), readable("P_t + P_g")
    ('$P_{\\mathrm{adv}}$', 'iterative 40', '$P_{\\mathrm{t}}$ + $P_{\\mathrm{g}}$')
    """
    return "".join(_symbol(part) or escape(part.replace("_", " ")) for part in _split_symbols(name))


def _split_symbols(text):
    return re.split(r"(\b[PWR]_[a-z]+\b)", str(text))


def _symbol(part):
    named = re.fullmatch(r"([PWR])_([a-z]+)", part)
    return rf"${named.group(1)}_{{\mathrm{{{named.group(2)}}}}}$" if named else None


def _set_character(character):
    known = SPECIAL.get(character) or SIGNS.get(character)
    if known or character.isascii():
        return known or character
    base, *marks = list(unicodedata.normalize("NFD", character))
    if base.isascii() and len(marks) == 1 and marks[0] in ACCENTS:
        return rf"\{ACCENTS[marks[0]]}{{{DOTLESS.get(base, base)}}}"
    plain = unicodedata.normalize("NFKD", character).encode("ascii", "ignore").decode()
    return plain or f"[U+{ord(character):04X}]"


def from_caption(text: str) -> str:
    r"""A caption's reStructuredText, of which captions use bold, emphasis and literals, as LaTeX.

    >>> from_caption("**How often?** See *flips*, ``best``.")
    '\\textbf{How often?} See \\emph{flips}, \\texttt{best}.'
    """
    parts = re.split(r"(\*\*.+?\*\*|\*\S.*?\*|``.+?``)", " ".join(text.split()))
    return "".join(_set_marked(part) for part in parts)


def _set_marked(part):
    for mark, command in (("**", "textbf"), ("``", "texttt"), ("*", "emph")):
        if part.startswith(mark) and part.endswith(mark) and len(part) > 2 * len(mark):
            return f"\\{command}{{{_set_words(part[len(mark) : -len(mark)])}}}"
    return _set_words(part)


def _set_words(text):
    return "".join(_symbol(part) or escape(part) for part in _split_symbols(text))


def number(value: float | int, digits: int = 3) -> str:
    r"""A number with so many decimals, fewer from 10 on and none from 100 on; a power of ten where these would say
    nothing; integers whole.

    >>> number(0.6262), number(-0.05, 2), number(39.04), number(694.2), number(float("nan")), number(40)
    ('0.626', '$-0.05$', '39.0', '694', '--', '40')
    >>> print(number(1.36e-16))
    $1.4\times10^{-16}$
    """
    if pd.isna(value):
        return MISSING
    if math.isinf(value):
        return r"$\infty$" if value > 0 else r"$-\infty$"
    if value and not 0.5 * 10**-digits <= abs(value) < 1e6 and value != int(value):
        mantissa, exponent = f"{value:.1e}".split("e")
        return f"${mantissa}\\times10^{{{int(exponent)}}}$"
    decimals = 0 if abs(value) >= 100 or isinstance(value, int) else max(digits - 2, 0) if abs(value) >= 10 else digits
    text = f"{value:.{decimals}f}"
    text = text if text.strip("-0.") else text.lstrip("-")  # no minus before a zero
    return f"${text}$" if text.startswith("-") else text


def spelled(count: int) -> str:
    """A number below 1000 in words, since names of LaTeX commands hold no digits: ``Forty``, ``OneHundredFive``;
    ValueError else.
    """
    if not 0 <= count < 1000:
        raise ValueError(f"{count} is not spelled; 0 to 999 are")
    hundreds, rest = divmod(count, 100)
    words = [_UNITS[hundreds], "Hundred"] if hundreds else []
    if rest >= 20:
        words += [_TENS[rest // 10 - 2]] + ([_UNITS[rest % 10]] if rest % 10 else [])
    elif rest or not hundreds:
        words.append(_UNITS[rest])
    return "".join(words)


def head(text: object, width: int = 14) -> str:
    """A column's name in lines of about ``width`` characters."""
    lines = [""]
    text = str(text) if _symbol(str(text)) else str(text).replace("_", " ")
    for word in text.split():
        if lines[-1] and len(lines[-1]) + len(word) >= width:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}".strip()
    if len(lines) == 1:
        return readable(lines[0])
    return rf"\shortstack[l]{{{NEW_LINE.join(map(readable, lines))}}}"


def table(names: Sequence[object], lines: Sequence[Sequence[str]], *, texts: int = 1) -> str:
    """A booktabs tabular, or a longtable where it would not fit a page.

    Args:
        names: of the columns, plain text; lines: lists of cells that are LaTeX already; texts: how many first columns
            are set flush left.
    """
    takes_two = any("\\wsstack" in cell for line in lines for cell in line)
    widths = [max([len(line[column]) for line in lines], default=0) for column in range(len(names))]
    columns = "".join("p{5cm}" if width > LONGEST_CELL and place < texts else "l" for place, width in enumerate(widths))
    heading = f"\\toprule\n{' & '.join(map(head, names))} \\\\\n\\midrule\n"
    body = "".join(f"{' & '.join(line)} \\\\\n" for line in lines)
    if len(lines) * (2 if takes_two else 1) <= PAGE_LINES:
        return f"\\begin{{tabular}}{{{columns}}}\n{heading}{body}\\bottomrule\n\\end{{tabular}}\n"
    return f"\\begin{{longtable}}{{{columns}}}\n{heading}\\endhead\n\\bottomrule\n\\endfoot\n{body}\\end{{longtable}}\n"

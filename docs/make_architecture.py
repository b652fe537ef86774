"""Write the table of topics in docs/architecture.md from the rule files: ``python docs/make_architecture.py``. A test
keeps the page current.
"""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = Path(__file__).with_name("architecture.md")
RULES = ROOT / "workflow/rules"
# What each rule file is about, and the packages of the library behind it.
TOPICS = {
    "data": ("images, and their binary patterns", ["data"]),
    "models": ("training of networks, memories and controls", ["networks", "memories"]),
    "energy": ("energies, minima, and the way down", ["retrieval"]),
    "grey_attacks": ("attacks on grey images, and their transfer", ["attacks", "robustness"]),
    "bit_flips": ("attacks on binary images", ["attacks", "robustness"]),
    "corruptions": ("noise, blur and the like, which no adversary chose", ["robustness"]),
    "retrieval": ("capacity, basins, recall, attractors", ["retrieval"]),
    "symmetry": ("copies of weights, and the order of units", ["symmetry"]),
    "weight_space": ("volumes, cones, circles, dimension", ["weight_space"]),
    "pattern_space": ("how large its parts are", ["pattern_space"]),
    "published": ("what others have published, beside ours", ["published"]),
    "report": ("claims, first page, paper", ["report"]),
}
SHARED = "common"  # included by all, and no topic
BEGIN, END = "<!-- topics -->\n", "<!-- end of topics -->"


def scripts_of(topic: str) -> list[str]:
    """Names of the scripts that a topic's rules run, each once, in their order."""
    text = (RULES / f"{topic}.smk").read_text(encoding="utf-8")
    return list(dict.fromkeys(re.findall(r'"\.\./scripts/(\w+)\.py"', text)))


def topic_table() -> str:
    """The table, Markdown."""
    lines = ["| topic | rule file | package | scripts |", "| --- | --- | --- | --- |"]
    for topic, (about, packages) in TOPICS.items():
        cells = [
            about,
            f"[{topic}](../workflow/rules/{topic}.smk)",
            ", ".join(f"`{package}/`" for package in packages),
            ", ".join(f"`{name}`" for name in scripts_of(topic)),
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def page(text: str) -> str:
    """The page with its table made anew."""
    before, rest = text.split(BEGIN)
    return f"{before}{BEGIN}{topic_table()}{END}{rest.split(END)[1]}"


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")

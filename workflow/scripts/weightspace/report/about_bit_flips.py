"""The report's paragraph on claim C4 in reStructuredText: transfer, the search for the fewest flips on images that
memory and network both answer rightly, and clean errors.
"""

from collections.abc import Callable, Sequence

import pandas as pd

from weightspace.report.restructured_text import readable, span, table, title, with_interval
from weightspace.robustness.checks import gives_one_answer

_TITLE = "Are attacks less successful against associative memories?"


def paragraph(
    flips: pd.DataFrame,
    transfer: pd.DataFrame,
    differences: pd.DataFrame,
    *,
    network: str,
    networks: Sequence[str],
    memories: Sequence[str],
    controls: Sequence[str],
    budget: int,
    classes: int,
) -> str:
    """Three sentences with numbers, ranges over models, and the numbers of every model.

    Args:
        flips, transfer, differences: the tables `flips`, `flip_transfer` and `flip_differences`.
        network: the one that memories are compared with; ``networks`` are all that are trained on true labels.
        memories, controls: names.
        budget: flipped bits; classes: the number of classes of the images.
    """
    errors = _Errors(flips, transfer, network, budget)
    alike = [memory for memory in memories if gives_one_answer(float(errors.clean(memory).estimate), classes)]
    answering = [memory for memory in memories if memory not in alike] or memories
    sentences = _sentences(errors, networks, answering)
    if alike and alike != memories:
        names = " and ".join(map(readable, alike))
        sentences.append(
            f"Left out here, but not below: {names}, which give nearly all images one answer, so that no flip"
            " changes it."
        )
    sentences += _right_under_both(differences, answering, network)
    note = (
        f"Errors with 95 % intervals over {int(flips.seeds.max())} seeds, n = {int(errors.clean(network).n)} images a"
        " model; but for the clean error and the last column of images right when clean. Beyond one flip, attacks only"
        " bound errors from below. Tables *flips*, *flip_transfer*, *flip_differences*, *attack_checks*.\n"
    )
    return (
        f"{title(_TITLE)}\n{' '.join(sentences)}\n\n{_every_model(errors, (*networks, *memories, *controls))}\n{note}"
    )


class _Errors:
    """Errors by model, each a row of a table, or None where the run has no such row."""

    def __init__(self, flips, transfer, network, budget):
        self.network, self.budget = network, budget
        self._flips = flips.set_index(["model", "attack", "budget", "images"])
        made = transfer[
            (transfer.source == network) & (transfer.budget == budget) & (transfer.images == "right_under_both")
        ]
        self._transferred = made[made.quantity == "error"].set_index("model")

    def _share(self, *cell):
        return self._flips.loc[cell] if cell in self._flips.index else None

    def transferred(self, model):
        """With flips made for the network that memories are compared with."""
        return self._transferred.loc[model] if model in self._transferred.index else None

    def clean(self, model):
        return self._share(model, "best", 0, "all")

    def single(self, model):
        """After the worst single flip."""
        return self._share(model, "single_flips", 1, "right_clean")

    def best(self, model):
        """After the best of all attacks, of images right when clean."""
        return self._share(model, "best", self.budget, "right_clean")

    def after(self, model):
        """The same of all images."""
        return self._share(model, "best", self.budget, "all")


def _sentences(errors, networks, memories):
    name, itself = readable(errors.network), errors.transferred(errors.network)
    flips = _flips(errors.budget)
    others = [other for other in networks if other != errors.network]
    kinds = {word: models for word, models in (("memories", memories), ("networks", networks)) if models}

    def known(error: Callable[[str], pd.Series | None], models: Sequence[str]) -> list[float]:
        return [row.estimate for row in map(error, models) if row is not None and row.estimate == row.estimate]

    def each(error: Callable[[str], pd.Series | None], first: str, short: str, after: str = "") -> str:
        """What the models of each kind do: the first kind with all words, ``first`` and ``after`` on either side of its
        number, the next with ``short``; empty where this run has no such number.
        """
        numbers = {word: span(found) for word, models in kinds.items() if (found := known(error, models))}
        told = [f"{word} {short if place else first} {found}" for place, (word, found) in enumerate(numbers.items())]
        return ", ".join([told[0] + after, *told[1:]]) if told else ""

    best = each(errors.best, f"are misled by {flips} for", "for", " of the images that they get right")
    single = each(errors.single, "for", "for")
    clean = each(errors.clean, "err on", "on", " of all images")
    flipped = each(errors.after, "on", "on")
    direct = []
    if best:
        further = f"; by the worst single flip, tried exhaustively, {single}" if single else ""
        direct.append(f"**Adaptive.** Attacked directly, through recall, by the best of all attacks, {best}{further}.")
    if clean:
        further = f"; with the {flips.removeprefix('1 ')}, {flipped}" if flipped else ""
        direct.append(f"**Against clean.** Clean, {clean}{further}.")
    if not memories:
        direct.append("This run attacks no memory by flips, so it does not answer the question.")
    if itself is None:  # no attack of this run makes patterns to transfer
        return direct
    meant = [
        (" memories for", known(errors.transferred, memories), " of the images that both get right"),
        (" other networks for", known(errors.transferred, others), "" if memories else " of those that both get right"),
    ]
    misled = [f"{who} {span(found)}{images}" for who, found, images in meant if found]
    transfer = (
        f"**Transfer.** Patterns made to mislead {name} with at most {errors.budget} flipped"
        f" {'bit' if errors.budget == 1 else 'bits'} do so for {_cell(itself)} of the images that it gets right when"
        f" clean{'; they mislead' if misled else ''}{', and'.join(misled)}."
    )
    return [transfer, *direct]


def _flips(budget):
    return "1 flip" if budget == 1 else f"{budget} flips"


def _right_under_both(differences, memories, network):
    """What decides: each memory compared with the network under the same search, and where the sign turns."""
    rows = differences[(differences.attack == "portfolio") & (differences.reference == network)]
    told = []
    for memory in memories:
        mine = rows[(rows.model == memory) & (rows.comparison == "memory_or_network")]
        medians, errors = mine[mine.quantity == "median_flips"], mine[mine.quantity == "error"].sort_values("budget")
        if errors.estimate.notna().any() and len(medians):
            median = with_interval(medians.iloc[0], "{:+.1f}".format)
            told.append(f"{readable(memory)} {median} flips in the median, and it {_signs(errors)}")
    if not told:
        return []
    return [
        "**Right under both.** Errors on clean images are not the attack's. On images that memory and network both"
        f" answer rightly, searched with as many queries for both, less what {readable(network)} needs:"
        f" {'; '.join(told)}. Signs are of estimates; the table *flip_differences* has the intervals and a band over"
        " all numbers of flips."
    ]


def _signs(errors):
    """At which numbers of flips a memory errs more, and at which less, than the network."""
    parts = []
    for word, chosen in (("more", errors[errors.estimate > 0]), ("less", errors[errors.estimate < 0])):
        if len(chosen):
            parts.append(f"errs {word} after {', '.join(f'{int(budget)}' for budget in chosen.budget)}")
    return " and ".join(parts) if parts else "errs as often at every number of flips"


def _every_model(errors, models):
    flips = _flips(errors.budget)
    header = (
        "model",
        "clean error",
        f"{flips} made for {readable(errors.network)}",
        "worst single flip",
        f"best of {flips}",
        "the same, all images",
    )
    columns = (errors.clean, errors.transferred, errors.single, errors.best, errors.after)
    return table(header, [(readable(model), *(_cell(column(model)) for column in columns)) for model in models])


def _cell(row):
    return "" if row is None or row.estimate != row.estimate else with_interval(row)

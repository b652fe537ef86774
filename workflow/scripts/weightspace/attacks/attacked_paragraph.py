"""The report's paragraph on claim C4 in reStructuredText: transfer, adaptive attacks and clean errors of memories beside networks."""

_TITLE = "Are attacks less successful against associative memories?"
# A memory that gives all images of ten classes one answer is right on a tenth of them, a little more where the classes are uneven.
_ONE_ANSWER = 0.8


def paragraph(flips, transfer, *, network, networks, memories, controls, budget):
    """Three sentences with numbers, ranges over models, and the numbers of every model.

    Args:
        flips, transfer: the tables `flips` and `flip_transfer`.
        network: the one that memories are compared with; ``networks`` are all that are trained on true labels.
        memories, controls: names.
        budget: flipped bits.
    """
    errors = flips.set_index(["model", "attack", "budget", "images"])
    made = transfer[(transfer.source == network) & (transfer.budget == budget) & (transfer.images == "right_under_both")]
    transferred = made[made.quantity == "error"].set_index("model")

    def share(model, attack, bits, images):
        key = (model, attack, bits, images)
        return errors.loc[key] if key in errors.index else None

    def span(models, *cell):
        return _span([share(model, *cell) for model in models])

    def moved(models):
        return _span([transferred.loc[name] for name in models if name in transferred.index])

    def interval(model):
        return _interval(transferred.loc[model]) if model in transferred.index else ""

    single, best = ("single_flips", 1, "right_clean"), ("best", budget, "right_clean")
    clean, after = ("best", 0, "all"), ("best", budget, "all")
    name = _readable(network)
    others = [other for other in networks if other != network]
    alike = [memory for memory in memories if share(memory, *clean).estimate >= _ONE_ANSWER]
    all_memories, memories = memories, [memory for memory in memories if memory not in alike] or memories
    sentences = [
        f"**Transfer.** Patterns made to mislead {name} with at most {budget} flipped bits do so for {interval(network)} of the "
        f"images that it gets right when clean; they mislead memories for {moved(memories)} of the images that both get right"
        + (f", and other networks for {moved(others)}." if others else "."),
        f"**Adaptive.** Attacked directly, through recall, by the best of all attacks, memories are misled by {budget} flips for "
        f"{span(memories, *best)} of the images that they get right, networks for {span(networks, *best)}; by the worst single flip, tried "
        f"exhaustively, memories for {span(memories, *single)}, networks for {span(networks, *single)}.",
        f"**Against clean.** Clean, memories err on {span(memories, *clean)} of all images, networks on {span(networks, *clean)}; with the "
        f"{budget} flips, memories on {span(memories, *after)}, networks on {span(networks, *after)}.",
    ]
    if network not in transferred.index:  # no attack of this run makes patterns to transfer
        del sentences[0]
    if alike and alike != all_memories:
        names = " and ".join(_readable(memory) for memory in alike)
        sentences.append(f"Left out here, but not below: {names}, which give nearly all images one answer, so that no flip changes it.")
    header = ("model", "clean error", f"{budget} flips made for {name}", "worst single flip", f"best of {budget} flips", "the same, all images")
    rows = [
        (
            _readable(model),
            _interval(share(model, *clean)),
            interval(model),
            *(_interval(share(model, *cell)) for cell in (single, best, after)),
        )
        for model in (*networks, *all_memories, *controls)
    ]
    head = f"{_TITLE}\n{'-' * len(_TITLE)}\n\n{' '.join(sentences)}\n\n"
    seeds, n = int(flips.seeds.max()), int(errors.loc[(network, "best", 0, "all")].n)
    note = (
        f"Errors with 95 % intervals over {seeds} seeds, n = {n} images a model; but for the clean error and the last column of images right when "
        "clean. Beyond one flip, attacks only bound errors from below. Tables *flips*, *flip_transfer*, *attack_checks*.\n"
    )
    return head + _table(header, rows) + "\n" + note


def _readable(name):
    return name.replace("_", " ")


def _interval(row):
    return "" if row is None or row.estimate != row.estimate else f"{row.estimate:.3f} [{row.low:.3f}, {row.high:.3f}]"


def _span(rows):
    """The smallest and the largest estimate."""
    values = [row.estimate for row in rows if row is not None and row.estimate == row.estimate]
    if not values:
        return "none"
    low, high = min(values), max(values)
    return f"{low:.3f}" if low == high else f"{low:.3f} to {high:.3f}"


def _table(header, rows):
    lines = [".. list-table::\n   :header-rows: 1\n"]
    for cells in (header, *rows):
        lines.append("\n".join(f"   {'  -' if column else '* -'} {cell}" for column, cell in enumerate(cells)))
    return "\n".join(lines) + "\n"

"""Tables without rows have their header, their figures say so, and what speaks of them stays readable."""

import numpy as np
import pandas as pd
from small_spaces import labelled, network_of, tables_of_a_space

from weightspace.estimates import NUMBERS, estimates_by, share_over_seeds
from weightspace.figures.ensemble_transfer import draw_ensemble_transfer
from weightspace.figures.paper_experiment import draw_paper_experiment
from weightspace.pattern_space.enumeration import Space, count_models
from weightspace.pattern_space.tables import summarise_basins
from weightspace.report import about_pattern_space
from weightspace.report.claims import find_cell
from weightspace.report.tables import write_table
from weightspace.robustness import paper_experiment, transfer
from weightspace.robustness.scoring import write_scores

EXPERIMENT = {"network": "net", "attack": "pgd", "budget": 0.3}


def written(table, tmp_path):
    """A table as it is read by whatever comes after it."""
    write_table(table, tmp_path / "table.csv", tmp_path / "table.md")
    return pd.read_csv(tmp_path / "table.csv")


def texts(figure):
    return " ".join(text.get_text() for text in figure.findobj(lambda artist: hasattr(artist, "get_text")))


def test_estimates_of_no_rows_are_a_header(tmp_path):
    rows = pd.DataFrame(columns=["model", "hits", "n"])
    table = written(estimates_by(["model"], rows, lambda group: share_over_seeds(group.hits, group.n)), tmp_path)
    assert list(table) == ["model", "quantity", *NUMBERS]


def test_an_experiment_without_adversarial_images(tmp_path):
    """The network errs on its one image already."""
    for model, answers in (("net", ["grey", "binarised"]), ("mem", ["nearest", "exact", "nearest_neighbour"])):
        rows = [
            {"split": "test", "rank": 0, "index": 0, "label": 1, "budget": budget, "answer": answer, "predicted": 2}
            for budget in (0.0, 0.3)
            for answer in answers
        ]
        path = tmp_path / "net" / model / "seed0.npz"
        write_scores(path, pd.DataFrame(rows).assign(attack="pgd", network="net"))
    settings = {"attacks": ["pgd"], "noises": {"pgd": None}}
    memories = {"mem": {"rule": "hebbian", "patterns": 1}}
    found = paper_experiment.tabulate(tmp_path.rglob("*.npz"), {**settings, "memories": memories})
    for tables in (found, paper_experiment.tabulate([], {**settings, "memories": {}})):
        table, seeds = (written(frame, tmp_path) for frame in tables.values())
        assert len(table) == len(seeds) == 0
        assert {"network", "memory", "readout", "quantity", "rule", "margin", *NUMBERS} <= set(table)
        assert {"seed", "n", "mcnemar_p"} <= set(seeds)
        where = {**EXPERIMENT, "readout": "nearest", "quantity": "adversarial"}
        assert find_cell(table, where, claim="C3a", name="paper_experiment", numbers=NUMBERS) is None
        shown = texts(draw_paper_experiment(table, **EXPERIMENT))
        assert "nothing to show" in shown
        assert "no image that pgd with a budget of 0.3 made adversarial for net" in shown


def test_a_run_without_ensembles(tmp_path):
    net = pd.DataFrame(columns=[*transfer.CELL, "target", "rule", "seed", "net", "n_noise", "differing"])
    table = written(transfer.held_out_success(net, {}, {}), tmp_path)
    assert list(table) == ["held_out", "source", "attack", "budget", "quantity", *NUMBERS]
    assert "nothing to show" in texts(draw_ensemble_transfer(table, attack="pgd", budget=0.3))
    below = net.rename(columns={"net": "below"})
    assert {"kind", "target", "quantity"} <= set(written(transfer.by_rule(net, below, {}), tmp_path))


def test_digits_without_memories_have_no_basins(tmp_path):
    _, basins, _ = count_models(Space(labelled(6, 5), largest=6), {"network": network_of(6)})
    table = written(summarise_basins(basins.assign(dataset="digits", bits=6, seed=0)), tmp_path)
    assert len(table) == 0
    assert {"model", "kind", "attractors", "states", "share_of_states"} <= set(table)


def test_the_paragraph_on_pattern_space_speaks_of_what_was_counted():
    tables = tables_of_a_space()
    given = [tables[name] for name in ("partition", "shares", "certified")]
    shown = {"dataset": "whole", "network": "tanh_mlp", "radii": [1, 2]}
    text = about_pattern_space.paragraph(*given, tables["basins"].head(0), **shown, memory="counted_nowhere")
    assert "tanh mlp answers" in text
    assert "counted nowhere" not in text
    assert "drawn to spurious" not in text
    shown |= {"network": "neither"}
    text = about_pattern_space.paragraph(*given, tables["basins"], **shown, memory="counted_nowhere")
    assert "from the nearest image the largest adversarial share of all models has" in text
    assert "All of them tried" not in text
    assert not np.isin(["nan", "inf"], text.split()).any()

"""The claims as the terminal says them, and the target of one claim."""

from types import SimpleNamespace

import pytest
from running import ROOT, jobs
from shipped_claims import RULES, decided, tables_of

import answer_claim
from weightspace.plan import deciding_tables
from weightspace.report import terminal
from weightspace.report.answers import headline


def test_every_claim_has_a_line_with_its_word_and_numbers():
    claims = decided({"C3c": {"estimate": 0.018, "low": 0.008, "high": 0.028}})
    lines = terminal.lines(claims).splitlines()
    assert [line.split()[0] for line in lines] == list(RULES)
    assert lines[2].split("  ")[1].strip() == "refuted"
    assert lines[2].endswith("C3a 0.250 [0.200, 0.300]; C3c 0.018 [0.008, 0.028]")
    assert lines[0].endswith("C1a 0.250 [0.200, 0.300]")  # C1b has no number in this run


@pytest.mark.parametrize("claim", RULES)
def test_a_claim_is_answered_from_its_own_tables_with_the_word_of_the_whole_run(claim, tmp_path, capsys):
    tables = tables_of()
    needed = deciding_tables({"claims": RULES}, claim)
    for name in needed:
        tables[name].to_csv(tmp_path / f"{name}.csv", index=False)
    given = SimpleNamespace(
        claims=ROOT / "workflow/claims.yaml",
        answers=ROOT / "workflow/answers.yaml",
        tables=sorted(tmp_path.glob("*.csv")),
    )
    answer_claim.main(given, [], {"claim": claim, "dataset": "mnist"})
    said = capsys.readouterr().out
    whole = decided(left_out=())
    rows = list(whole[whole.claim == claim].itertuples())
    assert said.startswith(f"{claim}: {headline(rows)[0]}\n")
    deciding = [row for row in rows if row.decides]
    told = {line.split(":")[0].strip() for line in said.splitlines() if "supported if" in line}
    assert told == {row.part for row in deciding}
    # Further parts from other tables are not waited for, which is said.
    further = [part["id"] for part in RULES[claim]["parts"] if part.get("table", needed[0]) not in needed]
    note = f"need more than was measured here: {', '.join(further)}."
    assert note in said if further else "need more" not in said
    assert all(f"supported if: {row.rule}" in said for row in deciding)
    assert "**" not in said
    assert ":sup:" not in said
    assert "{" not in said


def test_a_claim_by_itself_makes_what_its_cells_name_and_nothing_else():
    """C3 is about one network, one memory and two attacks."""
    assert jobs(ROOT, "C3", "--forceall") == {
        **dict.fromkeys(("C3", "download_dataset", "binarise_images", "make_noise", "craft_adversarial"), 1),
        **{"train_network": 10, "train_memory": 1, "score_images": 2, "tabulate_experiment_of_claim": 1},
    }

"""The paper's experiment: bookkeeping on images whose answers are set by hand, and the distribution of a rate of 40."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from weightspace.robustness import paper_experiment


def answers(rows):
    """Scores in long form from (split, rank, label, budget, answer, predicted)."""
    return pd.DataFrame(rows, columns=["split", "rank", "label", "budget", "answer", "predicted"])


@pytest.fixture
def scores():
    """Image 0 is adversarial; 1 was wrong already; 2 withstands the attack; training images 0 and 1 are adversarial,
    only 0 is stored.
    """
    network, memory = [], []
    clean_and_attacked = {
        ("test", 0): (4, 9),
        ("test", 1): (5, 5),
        ("test", 2): (4, 4),
        ("train", 0): (4, 1),
        ("train", 1): (4, 1),
    }
    for (split, rank), predictions in clean_and_attacked.items():
        for budget, predicted in zip((0.0, 0.3), predictions, strict=True):
            network.append((split, rank, 4, budget, "grey", predicted))
            network.append((split, rank, 4, budget, "binarised", 4))
            memory.append((split, rank, 4, budget, "nearest", 4 if budget == 0 else 7))
            memory.append((split, rank, 4, budget, "exact", -1))
            memory.append((split, rank, 4, budget, "nearest_neighbour", 4))
    return answers(network), answers(memory)


def test_only_images_that_are_adversarial_and_stored_count(scores):
    images = paper_experiment.outcomes(*scores, stored=1)
    assert images.groupby(["readout", "source"]).size().to_dict() == {
        (r, s): 1 for r in ("nearest", "exact") for s in ("test", "stored")
    }
    nearest = images[images.readout == "nearest"]
    assert nearest.memory_adversarial.all()
    assert not nearest.memory_clean.any()
    assert not images.network_adversarial.any()
    assert images[images.readout == "exact"].memory_clean.all()  # no answer is wrong


def test_counts_and_table(scores):
    images = paper_experiment.outcomes(*scores, stored=2)
    parts = [images.assign(attack="pgd", network="net", memory="mem", seed=seed) for seed in range(3)]
    counts = paper_experiment.seed_counts(pd.concat(parts))
    stored = counts[(counts.source == "stored") & (counts.readout == "nearest")]
    assert stored.n.tolist() == [2, 2, 2]
    assert stored.only_adversarial.tolist() == [2, 2, 2]
    assert stored.mcnemar_p.tolist() == pytest.approx([0.5] * 3)
    table = paper_experiment.summarise(counts)
    cell = table[(table.source == "stored") & (table.readout == "nearest")].set_index("quantity")
    assert cell.estimate[["adversarial", "clean", "difference", "network_binarised"]].tolist() == [1, 0, 1, 0]
    assert (cell.n == 6).all()


def test_what_the_attack_takes_is_told_from_what_noise_takes():
    """Of the test images 0, 1 and 2, which mislead the network, the memory gets 0 and 1 right clean; the attack takes
    both and noise one of them: 1 of 2 images is lost by more than the size of the change.
    """
    network, memory, noise = [], [], []
    for rank, clean in enumerate((4, 4, 7)):
        for budget, predicted in ((0.0, 4), (0.3, 9)):
            network += [("test", rank, 4, budget, "grey", predicted), ("test", rank, 4, budget, "binarised", 4)]
        for way in ("nearest", "exact", "nearest_neighbour"):
            memory += [("test", rank, 4, 0.0, way, clean), ("test", rank, 4, 0.3, way, 7)]
            noise += [("test", rank, 4, 0.0, way, clean), ("test", rank, 4, 0.3, way, 7 if rank else 4)]
    network, memory, noise = map(answers, (network, memory, noise))
    with_noise = paper_experiment.outcomes(network, memory, noise, stored=1)
    parts = [with_noise.assign(attack="pgd", network="net", memory="mem", seed=seed) for seed in range(3)]
    counts = paper_experiment.seed_counts(pd.concat(parts))
    assert counts[["n", "right_clean", "lost_only_attack", "lost_only_noise"]].to_numpy().tolist() == [[3, 2, 1, 0]] * 6
    lost = paper_experiment.summarise(counts).query("quantity == 'lost_minus_noise'")
    assert lost.estimate.tolist() == [0.5, 0.5]
    assert (lost.low < 0.5).all()  # three equal seeds leave doubt
    assert lost.n.tolist() == [6, 6]
    without = paper_experiment.outcomes(network, memory, stored=1)
    parts = [without.assign(attack="pgd", network="net", memory="mem", seed=seed) for seed in range(3)]
    table = paper_experiment.summarise(paper_experiment.seed_counts(pd.concat(parts)))
    assert "lost_minus_noise" not in set(table.quantity)


def test_hypergeometric_is_scipys():
    hits = np.arange(41)
    expected = stats.hypergeom(500, 333, 40).pmf(hits)
    assert paper_experiment.hypergeometric(hits, 333, 500, 40) == pytest.approx(expected, abs=1e-12)
    assert paper_experiment.hypergeometric(np.arange(4), 0, 5, 3).tolist() == pytest.approx([1, 0, 0, 0])


def test_rate_of_few_images_is_what_drawing_gives():
    wrong, n = np.array([300, 350]), np.array([480, 470])
    found = paper_experiment.of_few(wrong, n, images=40, misclassified=0.7)
    generator = np.random.default_rng(3)
    seeds = generator.integers(0, 2, 100_000)
    drawn = generator.hypergeometric(wrong[seeds], n[seeds] - wrong[seeds], 40) / 40
    assert found["few_probability"] == pytest.approx(np.mean(np.abs(drawn - 0.7) < 0.05 + 1e-9), abs=0.01)
    assert (found["few_low"], found["few_high"]) == pytest.approx(np.quantile(drawn, [0.025, 0.975]), abs=0.026)


def test_fewer_images_than_wanted_are_all_taken():
    found = paper_experiment.of_few(np.array([14]), np.array([20]), images=40, misclassified=0.7)
    assert (found["few_low"], found["few_high"], found["few_probability"]) == (0.7, 0.7, pytest.approx(1))

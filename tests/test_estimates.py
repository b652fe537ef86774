"""Intervals against scipy's, against the definition, and their coverage where the truth is known exactly."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from weightspace import estimates


@pytest.mark.parametrize(("hits", "n"), [(0, 1), (0, 40), (28, 40), (40, 40), (3, 1000), (999, 1000)])
def test_binomial_intervals_agree_with_scipy(hits, n):
    for ours, method in ((estimates.clopper_pearson, "exact"), (estimates.wilson, "wilson")):
        theirs = stats.binomtest(hits, n).proportion_ci(method=method)
        assert ours(hits, n) == pytest.approx((theirs.low, theirs.high), abs=1e-9)


def test_the_interval_of_28_of_40_is_the_one_in_the_claims():
    low, high = estimates.clopper_pearson(28, 40)
    assert (round(low, 2), round(high, 2)) == (0.53, 0.83)
    assert round(estimates.clopper_pearson(0, 40)[1], 3) == 0.088


def test_no_images_say_nothing():
    assert estimates.clopper_pearson(0, 0) == (0.0, 1.0)
    assert estimates.wilson(0, 0) == (0.0, 1.0)
    nothing = estimates.share_over_seeds([0], [0])
    assert (nothing.low, nothing.high, nothing.n) == (0, 1, 0)


@pytest.mark.parametrize("hits", [-1, 5])
def test_impossible_counts_are_refused(hits):
    with pytest.raises(ValueError, match="between 0 and n"):
        estimates.clopper_pearson(hits, 4)


@pytest.mark.parametrize("share", [0.001, 0.02, 0.3, 0.5, 0.95])
def test_clopper_pearson_covers_by_enumeration(share):
    """The coverage is an exact sum over all outcomes, not a simulation."""
    n = 60
    probability = stats.binom.pmf(np.arange(n + 1), n, share)
    bounds = [estimates.clopper_pearson(hits, n) for hits in range(n + 1)]
    covered = sum(p for p, (low, high) in zip(probability, bounds, strict=True) if low <= share <= high)
    assert covered >= 0.95


# Rates near 0 that differ strongly between seeds are the hard case for any t-interval: the last bar is lower because it
# does fall short there.
@pytest.mark.parametrize(("alpha", "beta", "least"), [(6, 4, 0.93), (60, 40, 0.93), (2, 38, 0.9), (0.5, 50, 0.8)])
def test_intervals_over_seeds_cover_the_mean_of_varying_models(alpha, beta, least):
    """Seeds differ (beta-binomial), 10 seeds of 100 images, 1,000 repeats with a fixed seed; the truth is alpha /
    (alpha + beta).
    """
    generator, repeats = np.random.default_rng(20), 1000
    truth = alpha / (alpha + beta)
    covered = 0
    for _ in range(repeats):
        hits = generator.binomial(100, generator.beta(alpha, beta, 10))
        found = estimates.share_over_seeds(hits, np.full(10, 100))
        covered += found.low <= truth <= found.high
    assert covered / repeats >= least


def test_seeds_that_all_agree_do_not_give_an_interval_of_no_width():
    found = estimates.share_over_seeds([40] * 10, [40] * 10)
    assert (found.estimate, found.high) == (1, 1)
    assert found.low == pytest.approx(stats.binomtest(400, 400).proportion_ci().low)


def test_two_seeds_give_no_interval():
    found = estimates.mean_over_seeds([0.4, 0.6], n=200, bounds=(0.0, 1.0))
    assert (found.estimate, found.low, found.high, found.interval) == (0.5, 0, 1, estimates.NONE)
    assert estimates.share_over_seeds([40, 60], [100, 100]) == found
    assert estimates.difference_over_seeds([4, 6], [1, 1], [10, 10]).interval == estimates.NONE
    assert estimates.mean_over_seeds([0.4, 0.6, 0.5], n=200).interval == estimates.T


def test_mean_over_seeds_is_students_interval():
    values = [0.1, 0.4, 0.3, 0.25]
    low, high = stats.t.interval(0.95, 3, np.mean(values), stats.sem(values))
    found = estimates.mean_over_seeds(values, n=4)
    assert (found.low, found.high) == pytest.approx((low, high))
    assert estimates.mean_over_seeds([0.1, 0.9], n=2, bounds=(0.0, 1.0)).low == 0
    assert np.isnan([estimates.mean_over_seeds([3, 4], n=2).low, estimates.mean_over_seeds([3, 4], n=2).high]).all()
    alone = estimates.mean_over_seeds([0.3], n=1, bounds=(0.0, 1.0))
    assert (alone.low, alone.high) == (0, 1)


def test_equal_seeds_within_bounds_do_not_give_an_interval_of_no_width():
    found = estimates.mean_over_seeds([0.1] * 3, n=3, bounds=(0.0, 1.0))
    reach = stats.binomtest(0, 3).proportion_ci().high
    assert (found.estimate, found.interval) == (0.1, estimates.EQUAL_SEEDS)
    assert (found.low, found.high) == pytest.approx((0.1 - 0.1 * reach, 0.1 + 0.9 * reach))
    assert estimates.mean_over_seeds([0.0] * 5, n=5, bounds=(0.0, 1.0)).low == 0


def test_the_largest_of_all_cases_is_no_mean_of_maxima():
    assert estimates.largest_of([1.0, 7.0, 2.0], n=30) == estimates.Estimate(7.0, 7.0, 7.0, 30, 3, "none")


@pytest.mark.parametrize(("b", "c"), [(0, 0), (5, 0), (3, 9), (7, 7), (40, 12)])
def test_mcnemar_is_the_exact_binomial_test(b, c):
    expected = stats.binomtest(b, b + c).pvalue if b + c else 1.0
    assert estimates.mcnemar(b, c) == pytest.approx(expected)


def test_paired_differences_are_a_t_interval_and_never_of_no_width():
    found = estimates.difference_over_seeds([5, 8, 2], [1, 1, 2], [100, 100, 100])
    expected = estimates.mean_over_seeds([0.04, 0.07, 0.0], n=300, bounds=(-1.0, 1.0))
    assert (found.estimate, found.low, found.high) == pytest.approx((expected.estimate, expected.low, expected.high))
    same = estimates.difference_over_seeds([0, 0], [0, 0], [200, 200])
    reach = stats.binomtest(0, 400).proportion_ci().high
    assert (same.estimate, same.low, same.high) == (0, pytest.approx(-reach), pytest.approx(reach))


def test_a_table_has_the_rows_of_every_group_under_its_keys():
    rows = pd.DataFrame({"model": ["b", "b", "a", "a"], "seed": [0, 1, 0, 1], "hits": [1, 3, 2, 2], "n": 4})
    table = estimates.estimates_by(["model"], rows, lambda seeds: estimates.share_over_seeds(seeds.hits, seeds.n))
    assert table.columns.tolist() == ["model", "estimate", "low", "high", "n", "seeds", "interval"]
    assert table.model.tolist() == ["b", "a"]
    assert table.estimate.tolist() == [0.5, 0.5]

    def extremes(seeds):
        return [{"quantity": name, "value": getattr(seeds.hits, name)()} for name in ("min", "max")]

    table = estimates.estimates_by(["model"], rows, extremes, sort=True)
    assert table.to_numpy().tolist() == [["a", "min", 2], ["a", "max", 2], ["b", "min", 1], ["b", "max", 3]]


@pytest.mark.parametrize(("own", "shared"), [(1.0, 0.0), (1.0, 1.0), (0.3, 1.0), (0.0, 1.0)])
@pytest.mark.parametrize("skewed", [False, True])
def test_the_jackknife_covers_the_mean_over_pairs_of_seeds(own, shared, skewed):
    """A pair's value is its own noise and what its two seeds bring, normal or exponential; 10 seeds, as in a run.

    A t-interval over the 45 pairs, as if they were independent, falls short where seeds bring most.
    """
    generator, repeats, seeds = np.random.default_rng(7), 400, 10
    rows, columns = np.triu_indices(seeds, 1)
    draw = generator.exponential if skewed else generator.normal
    mean = 1.0 if skewed else 0.0
    covered = naive = 0
    for _ in range(repeats):
        of_seed, of_pair = draw(size=seeds), draw(size=len(rows))
        values = shared * (of_seed[rows] + of_seed[columns] - 2 * mean) + own * (of_pair - mean)

        def over_pairs(kept, values=values):
            return values[np.isin(rows, kept) & np.isin(columns, kept)].mean()

        found = estimates.jackknife(over_pairs, np.arange(seeds))
        covered += found["low"] <= 0 <= found["high"]
        half = stats.t.ppf(0.975, len(values) - 1) * values.std(ddof=1) / np.sqrt(len(values))
        naive += abs(values.mean()) <= half
    assert covered / repeats >= (0.88 if skewed and shared else 0.92)
    if shared >= own:
        assert naive / repeats < 0.85

"""The pattern space P_u = P_t + P_g + P_a + P_r: its parts counted exactly where there are few pixels, and estimated
around whole images.

The names of the parts stand here, so that those that only draw them need not import how they are counted.
"""

KINDS = ("P_t", "P_g", "P_adv", "P_err", "P_none")  # what a pattern within the radius can be
SHOWN = KINDS[1:]  # of which examples are shown
NOTHING = -2  # in place of a label or an answer: there is no example
EXACT, SAMPLED, ASYMPTOTIC = "exact", "clopper-pearson", "asymptotic"  # what a count's interval rests on

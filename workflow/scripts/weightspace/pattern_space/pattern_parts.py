"""Names of the parts of the pattern space, for those that count them and those that draw them; imports nothing."""

KINDS = ("P_t", "P_g", "P_adv", "P_err", "P_none")  # what a pattern within the radius can be
SHOWN = KINDS[1:]  # of which examples are shown
NOTHING = -2  # in place of a label or an answer: there is no example
EXACT, SAMPLED, ASYMPTOTIC = "exact", "clopper-pearson", "asymptotic"  # what a count's interval rests on

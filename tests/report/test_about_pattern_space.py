"""The paragraph on the pattern space."""

from small_spaces import tables_of_a_space

from weightspace.report.about_pattern_space import paragraph


def test_the_paragraph_says_what_the_tables_say():
    written = tables_of_a_space()
    names = ("partition", "shares", "certified", "basins")
    text = paragraph(
        *(written[name] for name in names),
        dataset="whole",
        network="tanh_mlp",
        memory="iterative_margin_1",
        radii=[1, 2],
    )
    first = written["partition"].set_index(["dataset", "model", "readout", "radius", "part"])
    assert f"{first.log10_count['whole', 'tanh_mlp', 'answer', 1, 'P_g']:.2f}" in text
    assert "2\\ :sup:`16` = 10\\ :sup:`4.8`" in text
    row = (
        written["shares"]
        .set_index(["dataset", "model", "readout", "distance", "part"])
        .loc[("whole", "tanh_mlp", "answer", 2, "P_adv")]
    )
    assert f"{row.estimate:.1%} [{row.low:.1%}, {row.high:.1%}]" in text
    assert "nan" not in text
    assert "no single flip changed the answer of tanh mlp" in text

"""Files of the configuration, one laid over the other, and what YAML would let pass in them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weightspace.configuration.messages import ConfigError
from weightspace.configuration.reading import merged, read_yaml

NAMES = st.sampled_from("abcd")
CHOICES = st.lists(NAMES, unique=True) | st.dictionaries(NAMES, st.booleans())


@pytest.fixture
def read(tmp_path, monkeypatch):
    """A function that reads a text as the file mine.yaml."""
    monkeypatch.chdir(tmp_path)

    def read_text(text):
        (tmp_path / "mine.yaml").write_text(text, encoding="utf-8")
        return read_yaml("mine.yaml")

    return read_text


def test_mappings_are_merged_and_all_else_is_replaced():
    below = {"a": {"x": 1, "y": [1, 2]}, "b": 1, "c": {"x": 1}}
    above = {"a": {"y": [3], "z": {"w": 0}}, "b": {"x": 1}, "c": 2}
    assert merged([below, above]) == {"a": {"x": 1, "y": [3], "z": {"w": 0}}, "b": {"x": 1}, "c": 2}
    assert below == {"a": {"x": 1, "y": [1, 2]}, "b": 1, "c": {"x": 1}}


def test_keys_come_in_the_order_of_the_lowest_layer():
    assert [*merged([{"a": 1, "b": 2}, {"c": 3, "b": 4, "a": 5}])] == ["a", "b", "c"]


def test_an_empty_layer_changes_nothing():
    assert merged([{"a": 1}, None, {}]) == {"a": 1}


@given(st.lists(CHOICES, min_size=1, max_size=4))
def test_a_list_says_all_that_is_chosen_and_a_mapping_goes_on_from_what_was(layers):
    chosen = {}
    for layer in layers:
        chosen = dict.fromkeys(layer, True) if isinstance(layer, list) else {**chosen, **layer}
    found = merged({"run": layer} for layer in layers)["run"]
    assert (dict.fromkeys(found, True) if isinstance(found, list) else found) == chosen


def test_lists_of_mappings_are_no_choices():
    assert merged([{"optimisers": [{"name": "adam"}]}, {"optimisers": {}}]) == {"optimisers": {}}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("seeds: 2\nseeds: 3\n", "seeds stands in mine.yaml twice, on lines 1 and 2; allowed: each key once"),
        (
            "run:\n  memories:\n    mine: true\n    other: true\n    mine: false\n",
            "run.memories.mine stands in mine.yaml twice, on lines 3 and 5; allowed: each key once",
        ),
        ("{a: {b: 1, b: 1}}", "a.b stands in mine.yaml twice, on line 1; allowed: each key once"),
        ("a: [{b: 1}, {b: 1, b: 2}]", "a[1].b stands in mine.yaml twice, on line 1; allowed: each key once"),
        (
            '"{file}": 1\n"{file}": 1\n',
            "['{file}'] stands in mine.yaml twice, on lines 1 and 2; allowed: each key once",
        ),
    ],
)
def test_a_key_given_twice_is_refused(read, text, sentence):
    with pytest.raises(ConfigError) as caught:
        read(text)
    assert str(caught.value) == sentence


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            "seeds: 010",
            (
                "seeds in mine.yaml, line 1, is 010, which YAML reads as 8; allowed: 10 or 8, whichever is meant, or"
                " '010' in quotes for text"
            ),
        ),
        (
            "a:\n  budgets: [1, -017]",
            (
                "a.budgets[1] in mine.yaml, line 2, is -017, which YAML reads as -15; allowed: -17 or -15, whichever is"
                " meant, or '-017' in quotes for text"
            ),
        ),
        (
            "a: 1:30",
            "a in mine.yaml, line 1, is 1:30, which YAML reads as 90; allowed: 90, or '1:30' in quotes for text",
        ),
        (
            "a: 1:30.5",
            (
                "a in mine.yaml, line 1, is 1:30.5, which YAML reads as 90.5; allowed: 90.5, or '1:30.5' in quotes for"
                " text"
            ),
        ),
    ],
)
def test_numbers_that_yaml_reads_otherwise_are_refused(read, text, sentence):
    with pytest.raises(ConfigError) as caught:
        read(text)
    assert str(caught.value) == sentence


def test_other_numbers_and_text_are_read(read):
    found = read("a: 0\nb: 0.5\nc: '010'\nd: -0\ne: 100\nf: 4x4\ng: '1:30'\nh: 0.010\ni: 08x\n")
    assert found == {"a": 0, "b": 0.5, "c": "010", "d": 0, "e": 100, "f": "4x4", "g": "1:30", "h": 0.01, "i": "08x"}


def test_anchors_and_merge_keys_are_read(read):
    assert read("a: &x {p: 1}\nb: {<<: *x, q: 2}\nc: *x\n") == {"a": {"p": 1}, "b": {"p": 1, "q": 2}, "c": {"p": 1}}
    itself = read("a: &x\n  b: *x\n")
    assert itself["a"]["b"] is itself["a"]


def test_an_empty_file_holds_nothing(read):
    assert read("# nothing\n") is None


def test_a_file_elsewhere_is_named_by_its_whole_path(tmp_path):
    (tmp_path / "mine.yaml").write_text("a: 1\na: 2\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=str(tmp_path / "mine.yaml")):
        read_yaml(tmp_path / "mine.yaml")

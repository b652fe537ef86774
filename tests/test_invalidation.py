"""What a change of a library module makes run again is what tests/invalidation.yaml says. (For the configuration:
test_workflow.py.)
"""

import invalidation

from weightspace.configuration.choices import load_configuration


def test_modules_rerun_what_the_table_says():
    found, written = invalidation.by_module(), invalidation.read()["modules"]
    different = {
        name: (written.get(name), found.get(name)) for name in found | written if written.get(name) != found.get(name)
    }
    assert not different, "read the difference, then run: python tests/invalidation.py"


def test_the_table_covers_every_section_of_the_configuration():
    sections = load_configuration()
    assert {*invalidation.CHANGES, "run"} == set(
        sections
    )  # `run` names which models there are: every table has them as its rows

"""The report's paragraph on numbers that others have published, from the table `published`."""

import pandas as pd

from weightspace.report.restructured_text import title

_TITLE = "Numbers that others have published"


def paragraph(published: pd.DataFrame) -> str:
    """Compose the paragraph (reStructuredText)."""
    count = published["verdict"].value_counts().to_dict()
    agree, differ = count.get("agrees", 0), count.get("differs", 0)
    said = [
        f"Who refutes a paper should be able to confirm others. Of {agree + differ} published numbers that were read at"
        f" a source and measured here, {agree} agree with ours by a rule written down beforehand, and {differ} differ"
        f"{_named(published)} `published.html`_ gives the reason for each."
    ]
    rest = [
        f"{count[verdict]} {words}"
        for verdict, words in (
            ("context", "stand for context only"),
            ("unread", "could not be read at their source and count nowhere"),
            ("not measured", "are left to a larger run"),
        )
        if verdict in count
    ]
    if rest:
        said.append(f"Of the others {', '.join(rest)}.")
    return f"{title(_TITLE)}\n{' '.join(said)}\n"


def _named(published):
    names = published.loc[published["verdict"] == "differs", "source"].drop_duplicates()
    return f" ({'; '.join(names)})." if len(names) else "."

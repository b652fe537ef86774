"""Tables as pages of the report."""

import base64
import gzip
import re
from types import SimpleNamespace

from running import ROOT

import show_tables
from weightspace.report.tables import table_page

TEMPLATE = (ROOT / "workflow/report/table.html").read_text(encoding="utf-8")


def held(page):
    """The table that a page holds."""
    packed = re.search(r'<script type="text/plain" id="packed">(.*?)</script>', page).group(1)
    return gzip.decompress(base64.b64decode(packed)).decode()


def test_a_table_page_holds_its_rows_to_the_letter_and_nothing_from_elsewhere():
    csv = 'name,estimate\n"a, ""b""</script>é",0.5\n'
    page = table_page("flips", csv, TEMPLATE)
    assert held(page) == csv
    assert page == table_page("flips", csv, TEMPLATE)
    assert "{{" not in page
    assert "<title>flips</title>" in page
    assert not re.search(r"https?://|src=|@import", page)


def test_a_page_too_long_for_a_browser_holds_whole_rows_and_says_so():
    csv = "a\n" + "".join(f"{number**3}\n" for number in range(1000))
    page = table_page("long", csv, TEMPLATE, largest=2000)
    assert csv.startswith(held(page))
    assert held(page).count("\n") == 251
    assert "the first 250 rows of 1,000. All are in results/tables/long.csv" in page


def test_the_script_gives_each_page_its_own_table_in_whatever_order(tmp_path):
    for name in ("one", "other"):
        (tmp_path / f"{name}.csv").write_text(f"{name}\n1\n", encoding="utf-8")
    given = SimpleNamespace(
        template=ROOT / "workflow/report/table.html", tables=[tmp_path / "one.csv", tmp_path / "other.csv"]
    )
    pages = [tmp_path / "other.html", tmp_path / "one.html"]
    show_tables.main(given, pages)
    assert [held(page.read_text(encoding="utf-8")) for page in pages] == ["other\n1\n", "one\n1\n"]

"""Times, keys and cells of the usage report."""

import csv
import io

import pytest

from app.cli import usage
from app.core.commands import UsageTable
from app.errors import UserMistake

TABLE = UsageTable(
    columns=["shot", "attempts", "gpu_hours"],
    rows=[['=HYPERLINK("x")', 2, 0.5], ["a, b", 1, -1.0], ["plain", 3, 1.25]],
)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1970-01", 0),
        ("1970-01-02", 86400),
        ("1970-01-02T03", 97200),
        ("1970-02-01 00:00", 2678400),
    ],
)
def test_moments(text, seconds):
    assert usage.moment(text) == seconds


@pytest.mark.parametrize("text", ["", "yesterday", "2026-13", "2026-02-30", "2026-01-01T25"])
def test_what_is_no_moment(text):
    with pytest.raises(UserMistake, match="is no time"):
        usage.moment(text)


def test_keys():
    assert usage.check_keys("project, month,project") == ["project", "month"]
    with pytest.raises(UserMistake, match="not 'colour'"):
        usage.check_keys("colour")


def test_a_sheet_reads_it_and_runs_nothing():
    text = usage.as_csv(TABLE)
    assert text.startswith("\ufeff")
    rows = list(csv.reader(io.StringIO(text[1:])))
    assert rows[1] == ['\'=HYPERLINK("x")', "2", "0.5"]
    assert rows[2] == ["a, b", "1", "-1.0"]

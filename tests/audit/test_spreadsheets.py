"""What a spreadsheet would run in a file of ours."""

import pytest

from audit.spreadsheets import defuse


@pytest.mark.parametrize("cell", ["=1", "+1", "-1", "@x", "\t=1", "\r=1", "\n=1", "  =1", "\uff1d1"])
def test_a_cell_that_a_spreadsheet_would_run_is_text(cell) -> None:
    assert defuse(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["", "a=1", "2026-11-21", "'=1"])
def test_any_other_cell_stays_as_it_is(cell) -> None:
    assert defuse(cell) == cell

"""What the server says, in a line."""

import pytest
from django.db import DatabaseError

from postgres.errors import first_line


@pytest.mark.parametrize(
    ("said", "line"),
    [
        ("no such table\nLINE 1: select", "no such table"),
        ("it ended.\n", "it ended"),
        ("", "DatabaseError"),
        (" \n", "DatabaseError"),
    ],
)
def test_an_error_is_told_in_its_first_line_or_by_its_name(said: str, line: str) -> None:
    assert first_line(DatabaseError(said)) == line

"""Commands that a server's trouble ends: a sentence and a status, and the traceback for whoever asks for it."""

import pytest
from django.db import OperationalError, ProgrammingError

from config.trouble import telling_trouble
from tests.databases import manage

pytestmark = pytest.mark.django_db


def test_a_command_without_its_database_ends_with_a_sentence() -> None:
    done = manage("verify_audit", database="tenantry_of_nobody")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "There is no connection to PostgreSQL: " in done.stderr
    assert done.stderr.endswith("type the same again: manage.py verify_audit\n")


def test_what_the_server_ends_is_told_without_the_options_that_may_be_secret() -> None:
    with (
        pytest.raises(
            SystemExit, match=r"^PostgreSQL ended the work: no space left\nWhat .* again: manage\.py rotate$"
        ),
        telling_trouble(["manage.py", "rotate", "--key", "secret"]),
    ):
        raise OperationalError("no space left\nHINT: buy a disk")


def test_who_asks_for_the_traceback_gets_it() -> None:
    with pytest.raises(OperationalError), telling_trouble(["manage.py", "maintain", "--traceback"]):
        raise OperationalError("gone")


def test_a_wrong_query_is_a_fault_of_ours_and_shows_where() -> None:
    with pytest.raises(ProgrammingError), telling_trouble(["manage.py", "maintain"]):
        raise ProgrammingError("no such table")

"""Where `make run` keeps the address of the web login on a server of one's own."""

from pathlib import Path

import pytest
from django.core.management import CommandError

from config import app_address, embedded

OWNER_URL = "postgresql://owner:secret@db.example/one"
ADDRESS = "postgresql://web:pw@db.example/one"


@pytest.fixture(autouse=True)
def var(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("TENANTRY_VAR", str(tmp_path / "var"))
    return tmp_path / "var"


def test_the_address_is_the_line_that_web_login_prints_for_it() -> None:
    assert app_address.read_address(f"web: made\n{app_address.LINE}{ADDRESS}\n") == ADDRESS


def test_a_kept_address_is_recalled_for_its_own_database_only() -> None:
    assert app_address.recall_address(OWNER_URL) == ""
    app_address.keep_address(OWNER_URL, ADDRESS)
    assert app_address.recall_address(OWNER_URL) == ADDRESS
    assert app_address.recall_address(f"{OWNER_URL}-other") == ""


def test_addresses_of_several_databases_are_kept_beside_each_other() -> None:
    for name in ("one", "two", "one"):
        app_address.keep_address(f"{OWNER_URL}-{name}", f"{ADDRESS}-{name}")
    assert [app_address.recall_address(f"{OWNER_URL}-{name}") for name in ("one", "two")] == [
        f"{ADDRESS}-one",
        f"{ADDRESS}-two",
    ]


@pytest.mark.parametrize("content", ["", "[1]", "not json", '"text"'])
def test_a_file_that_is_none_of_ours_is_written_anew(content) -> None:
    app_address.keep_address(OWNER_URL, ADDRESS)
    app_address.find_file().write_text(content)
    assert app_address.recall_address(OWNER_URL) == ""
    app_address.keep_address(OWNER_URL, ADDRESS)
    assert app_address.recall_address(OWNER_URL) == ADDRESS


def test_only_its_owner_can_read_what_was_kept() -> None:
    app_address.keep_address(OWNER_URL, ADDRESS)
    assert app_address.find_file().stat().st_mode & 0o777 == 0o600
    assert "secret" not in app_address.find_file().read_text()


def test_an_address_that_cannot_sign_in_names_the_next_command(var: Path) -> None:
    with pytest.raises(CommandError, match="web_login --new-password"):
        app_address.refuse_unusable(embedded.app_url())

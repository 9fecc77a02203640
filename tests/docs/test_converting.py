"""docs/converting.md, typed from top to bottom on the demo's schema, and the ticket made as it says."""

import hashlib
import hmac
import json
import os
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings
from psycopg import sql

from tests.databases import ROOT, database_url, login_session, manage, owner_session, scratch_database
from tests.docs.serving import find_blocks, type_lines, web_login

PAGE = "docs/converting.md"
ORG = "meridian-agency"
# The one decision that the demo leaves to its reader.
EDITOR = """#!/bin/sh
sed -i.bak 's/^missing = "stop"/missing = "create"/' "$1"
"""
# Of the demo's 45 tables those that show everything; the README's walk converts all of them.
KEPT = ("users", "agents", "calls", "contacts", "campaigns")
OTHERS = "select tablename from pg_tables where schemaname = 'legacy' and tablename <> all(%s)"
CONVERTED = "select count(*), count(org_id) = count(*) from legacy.calls"


@pytest.fixture(scope="module")
def demo(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, Path, dict[str, str]]]:
    """A database with the demo in it, a folder, and the environment of whoever sits there."""
    folder = tmp_path_factory.mktemp("converting")
    with django_db_blocker.unblock(), scratch_database("converting") as database, web_login(database) as address:
        assert manage("demo", database=database).returncode == 0
        drop_others(database)
        (folder / "editor").write_text(EDITOR, encoding="utf-8")
        (folder / "editor").chmod(0o755)
        for name in ("manage.py", ".venv", "config"):
            (folder / name).symlink_to(ROOT / name)
        named = {"DATABASE_URL": database_url(database), "APP_DATABASE_URL": address}
        yield database, folder, {**os.environ, **named, "EDITOR": str(folder / "editor")}


def drop_others(database: str) -> None:
    with login_session(database) as session:
        for (name,) in session.execute(OTHERS, [list(KEPT)]).fetchall():
            session.execute(sql.SQL("drop table legacy.{} cascade").format(sql.Identifier(name)))


def read_block(heading: str) -> str:
    """As it stands, but for what the page leaves open: whose organization, how long to attend, and the question."""
    walked = find_blocks(PAGE, "### Try it: a conversion that waits")
    lines = find_blocks(PAGE, heading).replace(walked, "").replace("SLUG", ORG).splitlines()
    typed = [line for line in lines if not re.match(r"manage\.py backfill_org_ids attend +#", line)]
    return "\n".join(re.sub(r"(rollback [^#]*)", r"\1 --no-input ", line) for line in typed) + "\n"


def test_the_page_is_typed_from_top_to_bottom(demo: tuple[str, Path, dict[str, str]]) -> None:
    database, folder, environment = demo

    def type_block(heading: str) -> str:
        return type_lines(read_block(heading), folder, environment)

    assert "legacy.calls  user:user_id" in type_block("## 1. Plan")
    said = type_block("## 2. Run")
    assert "4 tables, 4 at constrain; not running" in said
    assert "proved by" in said
    assert (folder / "proof" / "conversion.md").exists()
    assert "proved by" in type_block("## 3. Guard")
    identities = manage("backfill_org_ids", "identities", database=database)
    assert re.search(r"\d+ users were given their organization", identities.stdout)
    assert (identities.returncode, "are in no active organization" in identities.stderr) == (1, True)
    type_block("## 5. Cutover and release")
    with owner_session(database) as session:
        session.execute("reset role")
        rows = session.execute(CONVERTED).fetchone()
        assert rows is not None
        assert rows[1]
        type_block("## Back")
        assert session.execute(CONVERTED).fetchone() == rows
        back = manage("backfill_org_ids", "rollback", "--plan", str(folder / "conversion.toml"), "--no-input",
                      database=database)  # fmt: skip
        assert back.returncode == 0, back.stderr
        with pytest.raises(psycopg.errors.UndefinedColumn):
            session.execute(CONVERTED)


def test_a_ticket_made_as_the_page_says_lets_its_person_in(demo: tuple[str, Path, dict[str, str]]) -> None:
    """In any language: here without a line of ours."""
    database, _, environment = demo
    with owner_session(database) as session:
        found = session.execute(
            "select m.user_id::text, m.org_id::text from org_members m join users u on u.id = m.user_id"
            " where u.email = 'owner@demo.test' and m.role = 'owner' limit 1"
        ).fetchone()
    assert found is not None
    payload = json.dumps({"sub": found[0], "org_id": found[1], "surface": "api", "exp": int(time.time()) + 60})
    key = settings.TENANTRY_CLAIMS_KEY.encode()
    ticket = f"{hmac.new(key, b'ticket:' + payload.encode(), hashlib.sha256).hexdigest()}.{payload}"
    begin, enter, role = re.findall(r"^([^;\n]+);", find_blocks(PAGE, "## 4. Let the application say who acts", "sql"),
                                    re.MULTILINE)[:3]  # fmt: skip
    with psycopg.connect(environment["APP_DATABASE_URL"], autocommit=True, cursor_factory=psycopg.RawCursor) as web:
        web.execute(begin)
        web.execute(enter, [ticket])
        web.execute(role)
        seen = web.execute("select count(*), count(distinct org_id), min(org_id::text) from customers").fetchone()
    assert seen is not None
    assert seen[0] > 0
    assert seen[1:] == (1, found[1])

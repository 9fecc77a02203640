"""The people an organization's rows name: carried as id, e-mail and name, and found again by e-mail alone."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from psycopg import sql

from accounts.models import User, UserProfile
from config.org_archive.catalog import OrgTable
from config.org_archive.errors import ArchiveRefused
from config.org_archive.manifest import plain
from postgres.names import fill

PEOPLE_FILE = "people.jsonl"
PEOPLE = """
select u.id::text, u.email, coalesce(p.full_name, '') from {schema}.users u
left join {schema}.user_profiles p on p.user_id = u.id where u.id = any(%s::uuid[]) order by u.email_lower
"""
BY_EMAIL = "select email_lower, id from {schema}.users where email_lower = any(%s)"
LOWER = "select lower(e) from unnest(%s::text[]) with ordinality as g (e, n) order by n"
TAKEN = "select id from {schema}.users where id = any(%s::uuid[])"
MAPPED = "create temp table restored_people (archived uuid primary key, here uuid not null) on commit drop"


@dataclass(frozen=True)
class Person:
    """Somebody as an archive knows them; no password, no rights."""

    id: str
    email: str
    full_name: str

    def as_dict(self) -> dict[str, str]:
        return asdict(self)


@dataclass(frozen=True)
class Placed:
    """How the archive's people are in this database: those who were here, and those who were made."""

    found: int
    made: tuple[str, ...]
    renumbered: int


def collect_people(cursor: Any, tables: Iterable[OrgTable], org_id: UUID) -> list[Person]:
    """Everybody whom a row of these tables names."""
    ids: set[UUID] = set()
    for table in tables:
        for column in (c for c in table.carried if c.person):
            names = {"column": sql.Identifier(column.name), "table": table.identifier, "mine": table.of_org(org_id)}
            cursor.execute(
                sql.SQL("select distinct {column} from {table} where {mine} and {column} is not null").format(**names)
            )
            ids.update(row[0] for row in cursor.fetchall())
    cursor.execute(fill(PEOPLE), [sorted(ids)])
    return [Person(*row) for row in cursor.fetchall()]


def parse_people(content: bytes) -> list[Person]:
    """People of an archive, checked as one checks a stranger's words."""
    people = [parse_person(line) for line in content.splitlines()]
    if len({p.id for p in people}) < len(people):
        raise ArchiveRefused(f"{PEOPLE_FILE} names a person twice.")
    return people


def parse_person(line: bytes) -> Person:
    try:
        said = json.loads(line)
        return Person(str(UUID(said["id"])), plain(said["email"]), plain(said["full_name"]))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ArchiveRefused(f"{PEOPLE_FILE} holds a line that is no person ({error}).") from error


def place_people(cursor: Any, people: list[Person]) -> Placed:
    """Match everybody by e-mail, make who is missing, and keep the answers in a table for the rows to come.

    An id proves nothing: with another's id and an e-mail of one's own, an archive would hand over their place.
    """
    lowered = lower_emails(cursor, people)
    cursor.execute(fill(BY_EMAIL), [lowered])
    known: dict[str, UUID] = dict(cursor.fetchall())
    missing = {e: p for e, p in zip(lowered, people, strict=True) if e not in known}
    known |= make_people(cursor, missing)
    pairs = [(p.id, known[e]) for e, p in zip(lowered, people, strict=True)]
    cursor.execute(MAPPED)
    cursor.execute(
        "insert into restored_people select * from unnest(%s::uuid[], %s::uuid[])",
        [[old for old, _ in pairs], [new for _, new in pairs]],
    )
    renumbered = sum(old != str(new) for old, new in pairs)
    return Placed(len(people) - len(missing), tuple(sorted(missing)), renumbered)


def lower_emails(cursor: Any, people: list[Person]) -> list[str]:
    """Lowered by the database, as its own column is."""
    cursor.execute(LOWER, [[p.email for p in people]])
    lowered = [row[0] for row in cursor.fetchall()]
    if len(set(lowered)) < len(lowered):
        raise ArchiveRefused(f"{PEOPLE_FILE} names an e-mail twice.")
    return lowered


def make_people(cursor: Any, missing: dict[str, Person]) -> dict[str, UUID]:
    """People without a password, rights or an organization of their own; under their id where it is free."""
    cursor.execute(fill(TAKEN), [[p.id for p in missing.values()]])
    taken = {str(row[0]) for row in cursor.fetchall()}
    cursor.execute("select set_config('tenantry.provision', 'none', true)")
    users = User.objects.bulk_create(new_users(missing.values(), taken))
    cursor.execute("select set_config('tenantry.provision', '', true)")
    made = dict(zip(missing, users, strict=True))
    profiles = [UserProfile(user_id=user.pk, full_name=missing[email].full_name) for email, user in made.items()]
    UserProfile.objects.bulk_update(profiles, ["full_name"])
    return {email: user.pk for email, user in made.items()}


def new_users(people: Iterable[Person], taken: set[str]) -> Iterator[User]:
    for person in people:
        yield User(email=person.email) if person.id in taken else User(pk=UUID(person.id), email=person.email)

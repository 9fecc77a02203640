"""Whom rows belong to: the table of people, and the columns that name a person."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from django.conf import settings

from tenants.backfill.catalog.model import Catalog, Column, Table
from tenants.backfill.names import TableName
from tenants.backfill.plan.model import PeoplePlan
from tenants.backfill.plan.routes import parent_pairs

# Names that say enough for a foreign key to count, whatever its column is called.
SURE_NAMES = ("users", "user", "app_users", "auth_user", "people", "person", "persons")
PEOPLE_NAMES = (*SURE_NAMES, "accounts", "account", "profiles", "profile", "members", "member", "customers", "customer")
EMAIL_NAMES = ("email", "emailaddress", "mail", "mailaddress", "useremail", "primaryemail", "loginemail")
PERSON = re.compile(
    r"(.+_)?(user|owner|author|person|creator)_(id|uuid|pk|fk)|uid|user|owner|author|creator|userid|ownerid"
    r"|(created|owned|submitted|uploaded|added|requested|started)_by(_(user_)?id)?"
)
HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
OTHER = re.compile(r"[\W_]+")
FAMILIES = (
    {"smallint", "integer", "bigint"},
    {"text", "character varying", "character", "bpchar", "citext", "name"},
)
Place = tuple[TableName, str]


@dataclass(frozen=True)
class People:
    """Who is meant by a person column; without a table, Tenantry's own users."""

    table: TableName | None
    key: str
    base: str
    """The type of the key."""
    places: frozenset[Place]
    """Columns that hold the same keys: what points to one of them names a person."""


def comparable(one: str, other: str) -> bool:
    """Whether values of the two types can name the same person."""
    return one == other or any({one, other} <= family for family in FAMILIES)


def sounds_like_person(column: str, people: TableName | None = None) -> bool:
    """Whether a column is named as if it held a person."""
    plain = plain_name(column)
    return bool(PERSON.fullmatch(plain)) or (people is not None and plain == f"{singular(people.table)}_id")


def plain_name(name: str) -> str:
    """`userId` and `User Id` as `user_id`."""
    return OTHER.sub("_", HUMP.sub("_", name).lower()).strip("_")


def singular(word: str) -> str:
    """`companies` -> `company`, `users` -> `user`, as far as names of tables need it."""
    plain = plain_name(word)
    for ending, instead in (("ies", "y"), ("sses", "ss"), ("ches", "ch"), ("xes", "x"), ("people", "person")):
        if plain.endswith(ending):
            return plain.removesuffix(ending) + instead
    return plain.removesuffix("s") if not plain.endswith("ss") else plain


def our_users() -> TableName:
    return TableName(settings.TENANTRY_SCHEMA, "users")


def single_keys(table: Table) -> Iterator[tuple[str, Place]]:
    """Foreign keys of one column: the column, and what it points to."""
    for key in table.foreign_keys:
        pairs = parent_pairs(key)
        if len(pairs) == 1:
            yield pairs[0][0], (key.to, pairs[0][1])


def find_people(catalog: Catalog) -> tuple[PeoplePlan | None, tuple[str, ...]]:
    """Propose the table of people, with the reason."""
    votes = _count_votes(catalog)
    named = [t for t in catalog.named() if _is_named_so(t)]
    candidates = {name: votes[name] for name in votes} | {t.name: votes[t.name] for t in named}
    if not candidates:
        return None, ("No table of people was found: person columns are taken to hold users.id of Tenantry.",)
    ranked = sorted(candidates, key=lambda name: _rank(name, candidates[name], catalog))
    best, others = ranked[0], ranked[1:4]
    why = f"{candidates[best]} person columns point to it" if candidates[best] else "by its name, key and e-mail"
    lines = [f"The table of people: {best}, {why}."]
    if others:
        lines.append("Others that could be meant: " + ", ".join(f"{o} ({candidates[o]} columns)" for o in others) + ".")
    if best == our_users():
        return None, (f"Person columns hold users.id of Tenantry: {candidates[best]} of them point there.",)
    match, more = _propose_match(catalog.tables[best])
    return PeoplePlan(best, match), (*lines, *more)


def _rank(name: TableName, votes: int, catalog: Catalog) -> tuple[int, bool, int, str]:
    plain = name.table.lower()
    place = PEOPLE_NAMES.index(plain) if plain in PEOPLE_NAMES else len(PEOPLE_NAMES)
    return (-votes, find_email(catalog.tables[name]) is None, place, str(name))


def _is_named_so(table: Table) -> bool:
    named = table.name.table.lower() in PEOPLE_NAMES
    return named and table.person_key is not None and find_email(table) is not None


def find_email(table: Table) -> Column | None:
    """The column that holds a person's e-mail."""
    texts = [c for c in reversed(table.columns) if comparable(c.base, "text")]
    found = {"".join(filter(str.isalnum, c.name)).lower(): c for c in texts}
    return next((found[name] for name in EMAIL_NAMES if name in found), None)


def _count_votes(catalog: Catalog) -> Counter[TableName]:
    """How many columns with a person's name point to each table, also through keys that are foreign keys again."""
    targets = {(t.name, column): place for t in catalog.tables.values() for column, place in single_keys(t)}
    votes: Counter[TableName] = Counter()
    for table in catalog.named():
        for column, place in dict(single_keys(table)).items():
            voted = sounds_like_person(column) or place[0].table.lower() in SURE_NAMES
            seen: set[TableName] = {table.name}
            while voted and place[0] not in seen and place[0] in catalog.tables:
                key = catalog.tables[place[0]].person_key
                if key is None or key.name != place[1]:
                    break
                seen.add(place[0])
                if place not in targets:
                    votes[place[0]] += 1
                    break
                place = targets[place]
    return votes


def _propose_match(table: Table) -> tuple[str, tuple[str, ...]]:
    key, email = table.person_key, find_email(table)
    if email is not None:
        extra = ' With match = "id" they are the users of the same id.' if key and key.base == "uuid" else ""
        return f"email:{email.name}", (f"Its people are the users with the same e-mail.{extra}",)
    if key is not None and key.base == "uuid":
        return "id", (
            "It has no e-mail column that could be told by its name: its people are the users of the same id.",
        )
    return "undecided", ('It has no e-mail column that could be told by its name: write match = "email:COLUMN".',)


def describe_people(plan: PeoplePlan | None, catalog: Catalog) -> People:
    """What person columns hold, by the plan's word."""
    name = plan.table if plan else our_users()
    table = catalog.tables.get(name)
    key = table.person_key if table else None
    if key is None:
        return People(plan.table if plan else None, "id", "uuid", frozenset({(name, "id")}))
    places: set[Place] = {(name, key.name)}
    targets = [((t.name, column), place) for t in catalog.tables.values() for column, place in single_keys(t)]
    # The people's own key may be somebody else's (profiles.id -> users.id).
    places |= {
        place for source, place in targets if source == (name, key.name) and place[0].table.lower() in PEOPLE_NAMES
    }
    while more := {source for source, place in targets if place in places} - places:
        places |= more
    return People(plan.table if plan else None, key.name, key.base, frozenset(places))

"""Rotation: data keys wrapped by the newest master key, and credentials sealed anew under new data keys, in use.

What is left to do stands in the rows, and every step is a transaction: whoever is killed left whole steps behind, and
the next run goes on. Between any two steps every credential can be read.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from django.db import transaction

from tenants.scope import owner_scope
from tenants.vault.credentials import CredentialUnreadable, unwrap
from tenants.vault.doors import WrappedKey, ask
from tenants.vault.ring import current_vault_ring
from tenants.vault.sealing import SealBroken, make_data_key, seal, secret_label, unseal, wrap_key

JOB = "rotate_keys"
# Sealed anew in one transaction: a writer of one of them waits that long.
BATCH = 100
OLDER = "select org_id, version from private.vault_keys where master_key <> %s order by 1, 2"
HOLD_OLDER = (
    "select version, master_key, wrapped from private.vault_keys"
    " where org_id = %s and version = %s and master_key <> %s for no key update"
)
REWRAP = "update private.vault_keys set master_key = %s, wrapped = %s where org_id = %s and version = %s"
LAST = "version = (select max(l.version) from private.vault_keys l where l.org_id = k.org_id)"
MARK = f"update private.vault_keys k set due = true where {LAST} returning 1"  # noqa: S608 - a constant of ours
DUE = "select org_id, version from private.vault_keys where due order by 1, 2"
HOLD_DUE = "select version from private.vault_keys where org_id = %s and version = %s and due for no key update"
ADD = "insert into private.vault_keys (org_id, version, master_key, wrapped) values (%s, %s, %s, %s)"
DONE = "update private.vault_keys set due = false where org_id = %s and version = %s"
SPENT = f"select org_id, version from private.vault_keys k where not due and not {LAST} order by 1, 2"  # noqa: S608
NEWEST = "select version, master_key, wrapped from private.vault_keys where org_id = %s order by version desc limit 1"
KEY = "select version, master_key, wrapped from private.vault_keys where org_id = %s and version = %s"
HOLD_KEY = f"{KEY} for update"
SEALED = (
    "select id, connection_id, version, sealed from private.vault_secrets"
    " where org_id = %s and key_version = %s and id > %s order by id limit %s for update"
)
RESEAL = "update private.vault_secrets set key_version = %s, sealed = %s where org_id = %s and connection_id = %s"
DROP = "delete from private.vault_keys where org_id = %s and version = %s"
FIRST = UUID(int=0)


class Place(NamedTuple):
    """Which data key."""

    org_id: UUID
    version: int


class Batch(NamedTuple):
    """Credentials that were moved, the last that was looked at, and connections whose credential does not open."""

    moved: int
    last: UUID | None
    broken: list[UUID]


@dataclass(frozen=True)
class Outstanding:
    """What a rotation has before it."""

    older: int
    due: int
    spent: int

    @property
    def anything(self) -> bool:
        return bool(self.older or self.due or self.spent)


@dataclass(frozen=True)
class Step:
    """One step that was done: rewrapped, replaced or emptied; `failure` says why it could not be."""

    kind: str
    place: Place
    done: int
    of: int
    sealed: int = 0
    failure: str = ""


def count_outstanding() -> Outstanding:
    """Touches nothing."""
    with transaction.atomic(), owner_scope(JOB):
        older = len(ask(OLDER, [current_vault_ring().newest.id]))
        return Outstanding(older, len(ask(DUE, [])), len(ask(SPENT, [])))


def request_new_keys() -> int:
    """Let every organization's data key be replaced; a rotation that was begun is finished first, not begun again."""
    with transaction.atomic(), owner_scope(JOB):
        return 0 if ask(DUE, []) or ask(SPENT, []) else len(ask(MARK, []))


def rotate_keys() -> Iterator[Step]:
    """Everything that is outstanding, step by step."""
    newest = current_vault_ring().newest.id
    yield from _each("replaced", _list(DUE), _replace)
    yield from _each("emptied", _list(SPENT), _empty)
    yield from _each("rewrapped", _list(OLDER, newest), _rewrap)


def _list(statement: str, *values: Any) -> list[Place]:
    with transaction.atomic(), owner_scope(JOB):
        return [Place(*row) for row in ask(statement, list(values))]


def _each(kind: str, places: list[Place], act: Any) -> Iterator[Step]:
    for done, place in enumerate(places, 1):
        try:
            yield Step(kind, place, done, len(places), act(place) or 0)
        except CredentialUnreadable as unreadable:
            yield Step(kind, place, done, len(places), failure=str(unreadable))


def _rewrap(place: Place) -> None:
    """The same data key under the newest master key."""
    newest = current_vault_ring().newest
    with transaction.atomic(), owner_scope(JOB):
        # Erased, or done by another rotation, since the list was made.
        for row in ask(HOLD_OLDER, [*place, newest.id]):
            key = unwrap(WrappedKey(*row), place.org_id)
            ask(REWRAP, [newest.id, wrap_key(newest, key, *place), *place])


def _replace(place: Place) -> None:
    """A new data key beside the one that is due: what is stored from now on is sealed with it."""
    newest, version = current_vault_ring().newest, place.version + 1
    with transaction.atomic(), owner_scope(JOB):
        if ask(HOLD_DUE, list(place)):
            wrapped = wrap_key(newest, make_data_key(), place.org_id, version)
            ask(ADD, [place.org_id, version, newest.id, wrapped])
            ask(DONE, list(place))


def _empty(place: Place) -> int:
    """Seal anew what an older data key still holds, in batches, then destroy that key."""
    moved = 0
    after: UUID | None = FIRST
    while after:
        with transaction.atomic(), owner_scope(JOB):
            batch = _reseal(place, after, BATCH)
        moved, after = moved + batch.moved, batch.last
    with transaction.atomic(), owner_scope(JOB):
        # Whoever seals with it right now ends first, and nobody begins; what they left is moved too.
        ask(HOLD_KEY, list(place))
        rest = _reseal(place, FIRST, None)
        if rest.broken:
            raise CredentialUnreadable(
                f"Data key {place.version} of organization {place.org_id} stays: what these connections hold does not"
                f" open with it, so it was moved or changed: {', '.join(map(str, rest.broken))}. Store their"
                " credentials again, then type: manage.py rotate_keys"
            )
        ask(DROP, list(place))
    return moved + rest.moved


def _reseal(place: Place, after: UUID, most: int | None) -> Batch:
    """Move some credentials to the newest data key; each keeps its version, and so its label."""
    old, new = ask(KEY, list(place)), ask(NEWEST, [place.org_id])
    if not old:
        return Batch(0, None, [])
    opens, seals = unwrap(WrappedKey(*old[0]), place.org_id), unwrap(WrappedKey(*new[0]), place.org_id)
    rows = ask(SEALED, [*place, after, most])
    broken = []
    for _, connection_id, version, sealed in rows:
        label = secret_label(place.org_id, connection_id, version)
        try:
            again = seal(seals, unseal(opens, sealed, label), label)
        except SealBroken:
            broken.append(connection_id)
            continue
        ask(RESEAL, [new[0][0], again, place.org_id, connection_id])
    return Batch(len(rows) - len(broken), rows[-1][0] if rows else None, broken)

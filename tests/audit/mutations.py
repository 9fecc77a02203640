"""Every way to falsify a sealed log, each with the position and the words that must name it."""

import random
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

LOG = "from private.audit_seals s where s.org_id = l.org_id and s.created_at = l.created_at and s.log_id = l.id"
ROW = f"exists (select {LOG} and s.org_id = %s and s.position = %s)"
CONTENTS = (
    "user_id, actor, impersonator_id, surface, action, table_name, record_id, old_data, new_data, reason, request_id,"
    " batch_id, transaction_id"
)
EDITS = (
    "user_id = gen_random_uuid()",
    "actor = actor || ' '",
    "impersonator_id = gen_random_uuid()",
    "surface = 'api'",
    "action = 'UPDATE'",
    "table_name = upper(table_name)",
    "record_id = null",
    "record_id = ''",
    "old_data = 'null'",
    "old_data = '{}'",
    "new_data = null",
    "new_data = new_data || '{\"n\": 1.0}'",
    "new_data = new_data - 'note'",
    "reason = ' '",
    "request_id = 'x'",
    "batch_id = gen_random_uuid()",
    "transaction_id = transaction_id - 1",
)
SEAL_EDITS = (
    "hash = sha256(hash)",
    "digest = sha256(digest)",
    "created_at = created_at + interval '1 microsecond'",
    "log_id = gen_random_uuid()",
    "sealed_at = sealed_at + interval '1 microsecond'",
    "hash = ''",
)


@dataclass
class Chain:
    """The chain that is tampered with: `last` positions, all of them sealed."""

    cursor: Any
    org: uuid.UUID
    last: int
    dice: random.Random

    def pick(self, *, but_last: bool = False) -> int:
        return self.dice.randint(1, self.last - but_last)

    def pick_two(self) -> tuple[int, int]:
        first, second = sorted(self.dice.sample(range(1, self.last + 1), 2))
        return first, second

    def run(self, statement: str, *values: Any) -> None:
        self.cursor.execute(statement, values)
        assert self.cursor.rowcount != 0, statement


@dataclass(frozen=True)
class Expected:
    """What verification must say; `outside`: only heads copied outside can show it."""

    position: int
    kind: str
    outside: bool = False


def edit_row(chain: Chain) -> Expected:
    at = chain.pick()
    chain.run(f"update audit_logs l set {chain.dice.choice(EDITS)} where {ROW}", chain.org, at)
    return Expected(at, "edited")


def move_row(chain: Chain) -> Expected:
    at = chain.pick()
    change = chain.dice.choice(
        ("id = gen_random_uuid()", "created_at = created_at + interval '1 microsecond'", "org_id = gen_random_uuid()")
    )
    chain.run(f"update audit_logs l set {change} where {ROW}", chain.org, at)
    return Expected(at, "removed")


def remove_row(chain: Chain) -> Expected:
    at = chain.pick()
    chain.run(f"delete from audit_logs l where {ROW}", chain.org, at)
    return Expected(at, "removed")


def remove_seal(chain: Chain) -> Expected:
    at = chain.pick(but_last=True)
    if chain.dice.random() < 0.5:
        chain.run(f"delete from audit_logs l where {ROW}", chain.org, at)
    chain.run("delete from private.audit_seals where org_id = %s and position = %s", chain.org, at)
    return Expected(at, "removed")


def add_row(chain: Chain) -> Expected:
    at = chain.pick(but_last=True)
    chain.run(
        f"insert into audit_logs (org_id, created_at, id, {CONTENTS})"
        f" select org_id, created_at, 'ffffffff-ffff-ffff-ffff-ffffffffffff', {CONTENTS} from audit_logs l where {ROW}",
        chain.org,
        at,
    )
    return Expected(at + 1, "added")


def swap_contents(chain: Chain) -> Expected:
    first, second = chain.pick_two()
    chain.run(
        f"with pair as (select {CONTENTS}, s.position as at from private.audit_seals s join audit_logs l"
        " on l.org_id = s.org_id and l.created_at = s.created_at and l.id = s.log_id"
        " where s.org_id = %s and s.position in (%s, %s))"
        f" update audit_logs l set ({CONTENTS}) ="
        f" (select {CONTENTS} from pair where pair.at <> (select s.position {LOG}))"
        f" where exists (select {LOG} and s.org_id = %s and s.position in (%s, %s))",
        *(chain.org, first, second) * 2,
    )
    return Expected(first, "swapped")


def swap_seals(chain: Chain) -> Expected:
    """Positions change places, or one of the other columns does."""
    first, second = chain.pick_two()
    column = chain.dice.choice(("position", "hash", "created_at, log_id", "created_at, log_id, digest"))
    if column == "position":
        for before, after in ((first, chain.last + 9), (second, first), (chain.last + 9, second)):
            chain.run(
                "update private.audit_seals set position = %s where org_id = %s and position = %s",
                after,
                chain.org,
                before,
            )
    else:
        chain.run("alter table private.audit_seals drop constraint audit_seals_org_id_created_at_log_id_key")
        chain.run(
            f"update private.audit_seals s set ({column}) = (select {column} from private.audit_seals o"
            " where o.org_id = s.org_id and o.position = %s - s.position) where org_id = %s and position in (%s, %s)",
            first + second,
            chain.org,
            first,
            second,
        )
    return Expected(first, "swapped")


def edit_seal(chain: Chain) -> Expected:
    at = chain.pick()
    change = chain.dice.choice(SEAL_EDITS)
    chain.run(f"update private.audit_seals set {change} where org_id = %s and position = %s", chain.org, at)
    return Expected(at, "seal changed")


def cut_off(chain: Chain) -> Expected:
    """The seals of the end go, and by chance their rows; the head stays."""
    at = chain.pick()
    if chain.dice.random() < 0.5:
        chain.run(f"delete from audit_logs l where exists (select {LOG} and s.org_id = %s and s.position >= %s)",
                  chain.org, at)  # fmt: skip
    chain.run("delete from private.audit_seals where org_id = %s and position >= %s", chain.org, at)
    return Expected(at, "cut off")


def cut_off_with_head(chain: Chain) -> Expected:
    """Nothing inside the database can show this."""
    at = chain.pick()
    chain.run(f"delete from audit_logs l where exists (select {LOG} and s.org_id = %s and s.position >= %s)",
              chain.org, at)  # fmt: skip
    chain.run("delete from private.audit_seals where org_id = %s and position >= %s", chain.org, at)
    chain.run("delete from private.audit_heads where org_id = %s", chain.org)
    if at > 1:
        chain.run(
            "insert into private.audit_heads (org_id, position, hash) select org_id, position, hash"
            " from private.audit_seals where org_id = %s and position = %s",
            chain.org,
            at - 1,
        )
    return Expected(at, "cut off", outside=True)


def move_head(chain: Chain) -> Expected:
    """The seals of the end and the head go, their rows stay."""
    at = chain.pick(but_last=True) + 1
    chain.run("delete from private.audit_seals where org_id = %s and position >= %s", chain.org, at)
    chain.run(
        "update private.audit_heads h set (position, hash) = (select position, hash from private.audit_seals s"
        " where s.org_id = h.org_id and s.position = %s) where h.org_id = %s",
        at - 1,
        chain.org,
    )
    return Expected(at, "added")


MUTATIONS: tuple[Callable[[Chain], Expected], ...] = (
    edit_row,
    move_row,
    remove_row,
    remove_seal,
    add_row,
    swap_contents,
    swap_seals,
    edit_seal,
    cut_off,
    cut_off_with_head,
    move_head,
)

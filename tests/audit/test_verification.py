"""A falsified log is found, and its first false row named."""

import random
import uuid
from typing import Any

import pytest
from django.db import connection

from audit.heads import read_heads
from audit.verification import verify_log
from tests.audit.mutations import MUTATIONS, Chain, edit_row
from tests.audit.sealed_log import seal_all, sealed_org, tampering, verify, write_events

ROWS = 40
RANDOM = 300


@pytest.fixture
def chain_org(transactional_db: Any) -> uuid.UUID:
    """A chain of 40 rows of four transactions, and a neighbour's."""
    org, other = uuid.uuid4(), uuid.uuid4()
    for _ in range(4):
        write_events(org, ROWS // 4)
        write_events(other, 3)
    seal_all()
    return org


def falsify(org: uuid.UUID, mutate: Any, dice: random.Random) -> None:
    """Falsify, verify, and undo."""
    with connection.cursor() as cursor:
        heads = [head for head in read_heads(cursor) if head["org_id"] == str(org)]
    with tampering() as cursor:
        expected = mutate(Chain(cursor, org, ROWS, dice))
        said = verify_log(cursor, org_id=org, heads=heads if expected.outside else [], range_rows=7)
        assert [(f.position, f.kind) for f in said.faults] == [(expected.position, expected.kind)], mutate.__name__


@pytest.mark.parametrize("mutate", MUTATIONS, ids=lambda m: m.__name__)
def test_every_kind_of_falsification_is_named_with_its_position(chain_org, mutate):
    for seed in range(8):
        falsify(chain_org, mutate, random.Random(seed))


def test_random_falsifications_are_all_found(chain_org):
    seed = random.SystemRandom().randrange(10**9)
    print("seed", seed)
    dice = random.Random(seed)
    for _ in range(RANDOM):
        falsify(chain_org, dice.choice(MUTATIONS), dice)


def test_an_untouched_log_is_whole_whatever_the_size_of_the_ranges(chain_org):
    for size in (1, 2, 7, 39, 40, 41, 1000):
        said = verify(chain_org, range_rows=size)
        assert (said.rows, said.chains, said.faults) == (ROWS, 1, [])


def test_a_false_row_in_one_chain_leaves_the_others_whole(chain_org):
    other = sealed_org(5)
    with tampering() as cursor:
        edit_row(Chain(cursor, chain_org, ROWS, random.Random(1)))
        assert {f.org_id for f in verify_log(cursor).faults} == {chain_org}
        assert verify_log(cursor, org_id=other).faults == []


def test_the_settings_of_the_session_do_not_matter(chain_org):
    with tampering() as cursor:
        for setting in ("timezone = 'Asia/Kathmandu'", "datestyle = 'SQL, DMY'", "extra_float_digits = 0",
                        "intervalstyle = 'sql_standard'", "bytea_output = 'escape'"):  # fmt: skip
            cursor.execute(f"set {setting}")
        assert verify_log(cursor, org_id=chain_org).faults == []


def test_a_rewritten_chain_is_told_by_the_heads_copied_outside(chain_org):
    with connection.cursor() as cursor:
        heads = read_heads(cursor)
    with tampering() as cursor:
        edit_row(Chain(cursor, chain_org, ROWS, random.Random(2)))
        cursor.execute("delete from private.audit_seals where org_id = %s", [chain_org])
        cursor.execute("delete from private.audit_heads where org_id = %s", [chain_org])
        cursor.execute("select private.seal_rows(0, '-infinity', gen_random_uuid(), transaction_id, created_at, log_id)"
                       " from private.audit_seal_cursor")  # fmt: skip
        assert verify_log(cursor, org_id=chain_org).faults == []
        said = verify_log(cursor, org_id=chain_org, heads=heads).faults
        assert [(f.position, f.kind) for f in said] == [(ROWS, "rewritten")]


def test_every_column_of_the_log_is_sealed(db):
    with connection.cursor() as cursor:
        cursor.execute("select pg_get_viewdef('private.log_digests'::regclass)")
        form = cursor.fetchone()[0]
        cursor.execute("select attname from pg_attribute where attrelid = 'audit_logs'::regclass and attnum > 0")
        columns = {row[0] for row in cursor.fetchall()}
    assert {c for c in columns if c not in form} == set()

"""The mutation run: whatever one policy, grant, constraint or trigger is spoilt, an attack or the doctor notices."""

import os
import random
from collections import Counter
from typing import Any

import pytest
from django.db import connection

from tests.attack.mutants import Mutant, all_mutants
from tests.attack.noticing import NOBODY, watching
from tests.worlds import Table, Worlds

pytestmark = pytest.mark.django_db
SAMPLE = 12
SEED = int(os.environ.get("TENANTRY_SEED") or random.SystemRandom().randrange(10**6))
PARTS = 16


@pytest.fixture(scope="module", params=range(PARTS))
def part(request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: Any) -> int:
    """In a session of its own: whatever one has spoilt and mended, the server remembers, and grows slower by it."""
    with django_db_blocker.unblock():
        connection.close()
    number: int = request.param
    return number


def judge_all(mutants: list[Mutant], worlds: Worlds, tables: list[Table]) -> list[tuple[Mutant, str]]:
    with watching(worlds, tables) as watch:
        return [(mutant, watch.judge(mutant)) for mutant in mutants]


def name_survivors(judged: list[tuple[Mutant, str]]) -> list[str]:
    return [f"{mutant}  [{mutant.sql}]" for mutant, noticed in judged if noticed == NOBODY]


def test_a_dozen_mutants_are_noticed(worlds, tables):
    chosen = random.Random(SEED).sample(all_mutants(), SAMPLE)
    print(f"TENANTRY_SEED={SEED}")
    assert name_survivors(judge_all(chosen, worlds, tables)) == []


def test_what_is_not_spoilt_is_not_noticed(worlds, tables):
    """So that the run proves something."""
    idle = [Mutant("policy", t.label, "nothing", "select 1") for t in tables if t.name in ("customers", "users")]
    assert [noticed for _, noticed in judge_all(idle, worlds, tables)] == [NOBODY, NOBODY]


@pytest.mark.torture
def test_every_mutant_is_noticed(worlds, tables, part):
    """All of them in an order of chance, or as many as TENANTRY_MUTANTS says."""
    mutants = all_mutants()
    random.Random(SEED).shuffle(mutants)
    mutants = mutants[: int(os.environ.get("TENANTRY_MUTANTS") or len(mutants))][part::PARTS]
    print(f"TENANTRY_SEED={SEED} part {part + 1} of {PARTS}: {len(mutants)} mutants")
    judged = judge_all(mutants, worlds, tables)
    counted = Counter((mutant.kind, noticed) for mutant, noticed in judged)
    for (kind, noticed), count in sorted(counted.items()):
        print(f"{kind:20} {noticed:14} {count:5}")
    assert name_survivors(judged) == []

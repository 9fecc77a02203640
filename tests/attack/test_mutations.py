"""The mutation run: whatever one policy, grant, constraint or trigger is spoilt, an attack or the doctor notices."""

import os
import random
from collections import Counter

import pytest

from tests.attack.mutants import Mutant, all_mutants
from tests.attack.noticing import NOBODY, watching
from tests.worlds import Table, Worlds

pytestmark = pytest.mark.django_db
SAMPLE = 12


def choose_seed() -> int:
    return int(os.environ.get("TENANTRY_SEED") or random.SystemRandom().randrange(10**6))


def judge_all(mutants: list[Mutant], worlds: Worlds, tables: list[Table]) -> list[tuple[Mutant, str]]:
    with watching(worlds, tables) as watch:
        return [(mutant, watch.judge(mutant)) for mutant in mutants]


def name_survivors(judged: list[tuple[Mutant, str]]) -> list[str]:
    return [f"{mutant}  [{mutant.sql}]" for mutant, noticed in judged if noticed == NOBODY]


def test_a_dozen_mutants_are_noticed(worlds, tables):
    seed = choose_seed()
    chosen = random.Random(seed).sample(all_mutants(), SAMPLE)
    print(f"TENANTRY_SEED={seed}")
    assert name_survivors(judge_all(chosen, worlds, tables)) == []


def test_what_is_not_spoilt_is_not_noticed(worlds, tables):
    """So that the run proves something."""
    idle = [Mutant("policy", t.label, "nothing", "select 1") for t in tables if t.name in ("customers", "users")]
    assert [noticed for _, noticed in judge_all(idle, worlds, tables)] == [NOBODY, NOBODY]


@pytest.mark.torture
def test_every_mutant_is_noticed(worlds, tables):
    """All of them in an order of chance, or as many as TENANTRY_MUTANTS says."""
    seed, mutants = choose_seed(), all_mutants()
    random.Random(seed).shuffle(mutants)
    mutants = mutants[: int(os.environ.get("TENANTRY_MUTANTS") or len(mutants))]
    print(f"TENANTRY_SEED={seed} TENANTRY_MUTANTS={len(mutants)}")
    judged = []
    with watching(worlds, tables) as watch:
        for mutant in mutants:
            judged.append((mutant, watch.judge(mutant)))
            if len(judged) % 100 == 0:
                print(f"{len(judged)} of {len(mutants)}, unnoticed: {name_survivors(judged)}", flush=True)
    counted = Counter((mutant.kind, noticed) for mutant, noticed in judged)
    for (kind, noticed), count in sorted(counted.items()):
        print(f"{kind:20} {noticed:14} {count:5}")
    assert name_survivors(judged) == []

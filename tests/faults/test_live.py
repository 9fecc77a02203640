"""Conversions beside an application at work: killed, stopped, paused, locked out and started twice."""

import os
import random
import signal

import psycopg
import pytest

from tests.faults.busy import BATCH, Busy, finish, interrupt, kill_tree, old_snapshot, wait_for
from tests.faults.ground import Ground
from tests.faults.snapshot import compare
from tests.faults.traffic import idle_in_transaction, lock_for

# Each of these starts processes; one after the other they take turns on the machine.
pytestmark = pytest.mark.xdist_group("faults_live")
SEED = int(os.environ.get("TENANTRY_SEED", "0")) or random.SystemRandom().randrange(1, 10**6)
HITS = "select 1 from strange.hits limit 1"


@pytest.fixture
def busy(ground: Ground) -> Busy:
    return Busy(ground, 4_000)


@pytest.fixture
def big(ground: Ground) -> Busy:
    """Enough rows to be met in the middle of."""
    return Busy(ground, 60_000)


def test_the_application_works_on_unchanged_while_its_rows_are_converted_and_back(busy: Busy):
    with busy.at_work(seed=SEED) as running:
        code, said = finish(busy.ground.start_on_plan("run", "--workers", "2"))
        assert code == 0, said
        assert "Stopping" not in said, "the second worker ends by itself"
        busy.judge_traffic(running)
    # Rows that changed hands while their parts were constrained: a second run follows them.
    busy.ground.must("run")
    busy.judge()
    with busy.at_work(seed=SEED + 1) as running:
        busy.ground.must("rollback", "--to", "start", "--no-input")
        busy.judge_traffic(running)
    assert compare(busy.before, busy.snap()) == []


def test_a_run_that_was_killed_goes_on_where_it_was(big: Busy):
    print(f"TENANTRY_SEED={SEED}")
    torment(big, random.Random(SEED), kills=3)


def torment(busy: Busy, chance: random.Random, *, kills: int) -> None:
    """Kill the leader with its workers, or one worker, at random moments; then finish, judge and go back."""
    with busy.at_work(seed=SEED, per_second=30) as running:
        for _ in range(kills):
            process = busy.ground.start_on_plan("run", "--workers", "2", "--batch-ms", "10")
            wait_for(process, chance.choice([r"people", r"column", BATCH, BATCH, r"hit_parts: [\d,]+ of", "constrain"]))
            busy.ground.run("select pg_sleep(%s)", [chance.random() / 2])
            kill_tree(process, only_child=chance.random() < 0.3)
            if process.returncode is None:
                code, said = finish(process)
                assert code == 0, said
        code, said = finish(busy.ground.start_on_plan("run"))
        assert code == 0, said
        busy.judge_traffic(running)
    busy.ground.must("run")
    busy.judge()
    busy.ground.must("rollback", "--no-input")
    assert compare(busy.before, busy.snap()) == []


def test_a_second_run_is_refused_and_shown_how_to_help(busy: Busy):
    with lock_for(busy.ground.app_dsn, "begin; " + HITS, 3):
        first = busy.ground.start_on_plan("run")
        said = wait_for(first, "column")
        second = busy.ground.on_plan("run")
    assert second.code == 1, second.said
    assert "--join" in second.err
    assert f":{first.pid}" in second.err
    code, said = finish(first, said)
    assert code == 0, said


def test_a_strangers_lock_holds_the_conversion_and_nobody_else(busy: Busy):
    hold = 4.0
    with busy.at_work(seed=SEED) as running:
        with lock_for(busy.ground.app_dsn, HITS, hold):
            code, said = finish(busy.ground.start_on_plan("run"))
        assert code == 0, said
        busy.judge_traffic(running)
        waits = [wait for kind in running.seen.waits.values() for wait in kind]
        # Behind a lock that waits for the stranger they would have waited as long as it does.
        assert max(waits) < hold * 1000 / 4


def test_a_kept_application_works_on_while_its_tables_are_guarded_and_back(busy: Busy):
    busy.ground.must("run")
    before = busy.snap()
    with busy.at_work(seed=SEED, moves=False, guarded=True) as running:
        busy.ground.must("guard")
        busy.ground.must("rollback", "--to", "constrain", "--no-input")
        busy.judge_traffic(running)
    assert compare(before, busy.snap()) == []
    busy.judge()


def test_children_are_with_their_parents_whatever_moved_before_the_guard(busy: Busy):
    busy.ground.must("run")
    with busy.at_work(seed=SEED, per_second=150, guarded=True) as running:
        busy.ground.run("select pg_sleep(1)")
        code, said = finish(busy.ground.start_on_plan("guard"))
        assert code == 0, said
        busy.judge_traffic(running)
    busy.judge()


def test_a_child_of_a_transaction_that_reads_as_of_before_the_guard_follows_too(busy: Busy):
    busy.ground.must("run")
    with psycopg.connect(busy.ground.app_dsn) as report:
        report.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        # Whoever does not wait for it must not be waited for in vain.
        report.execute("set idle_in_transaction_session_timeout = '30s'")
        report.execute("set search_path = strange")
        busy.ground.run_as_app("update strange.hits set user_id = 2 where id = 4")
        process = busy.ground.start_on_plan("guard")
        said = wait_for(process, "held until session")
        report.execute("insert into hit_parts (hit_id, note) values (4, 'of a parent that has moved')")
        report.commit()
    code, said = finish(process, said)
    assert code == 0, said
    busy.judge()


def test_old_snapshots_and_forgotten_transactions_do_not_stop_a_run(busy: Busy):
    """They slow it down at most; a lock that nothing else wants is nobody's business."""
    people = "select 1 from strange.people limit 1"
    with idle_in_transaction(busy.ground.app_dsn, people), old_snapshot(busy.ground.app_dsn):
        code, said = finish(busy.ground.start_on_plan("run", "--until", "fill"))
    assert code == 0, said
    busy.ground.must("run")
    busy.judge()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_who_is_asked_to_stop_ends_after_the_batch_and_says_how_to_go_on(big: Busy, number: int):
    process = big.ground.start_on_plan("run", "--batch-ms", "5")
    said = wait_for(process, BATCH)
    interrupt(process, number)
    code, said = finish(process, said)
    assert code == 1, said
    assert f"manage.py backfill_org_ids run --plan {big.ground.plan}" in said.splitlines()[-1], said
    assert big.ground.run("select count(*) > 0 from strange.hits where org_id is null")[0][0]
    big.ground.must("run")
    big.judge()


def test_a_run_that_another_process_pauses_ends_and_goes_on_when_resumed(big: Busy):
    process = big.ground.start_on_plan("run", "--batch-ms", "5")
    said = wait_for(process, BATCH)
    assert big.ground.convert("pause", "--reason", "month's end").code == 0
    code, said = finish(process, said)
    assert code == 1, said
    assert "month's end" in said
    assert "month's end" in big.ground.convert("status").out
    for verb in ("run", "guard"):
        assert "backfill_org_ids resume" in big.ground.on_plan(verb).err
    assert big.ground.convert("resume").code == 0
    big.ground.must("run")
    big.judge()


@pytest.mark.torture
@pytest.mark.parametrize("round_", range(5))
def test_a_big_run_survives_many_kills(ground: Ground, round_: int):
    print(f"TENANTRY_SEED={SEED}, round {round_}")
    torment(Busy(ground, 300_000), random.Random(f"{SEED} {round_}"), kills=12)

"""The doctor finds nothing wrong with a conversion under way."""

from tenants.doctor.findings import Level
from tenants.doctor.runner import examine
from tests.tenants.backfill.converting import make_plan, take_to_column
from tests.tenants.backfill.legacy import Legacy, make_people

# Logins and the version belong to the server, which is not ours alone.
OTHERS = ("owning_logins", "server_version")


def test_nothing_that_the_engine_makes_is_a_finding(legacy: Legacy):
    legacy.add_people(*make_people(1))
    take_to_column(make_plan(legacy))
    assert [f for f in examine() if f.level is not Level.INFO and f.check not in OTHERS] == []

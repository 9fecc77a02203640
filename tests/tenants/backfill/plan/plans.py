"""Plans for tests: as a person would write them."""

import pytest
from django.db import connection

from tenants.backfill.plan.check import open_plan
from tenants.backfill.plan.read import PlanRefused


def section(table, route, **keys):
    lines = [f'{key} = "{value}"' for key, value in {"route": route, **keys}.items()]
    return "\n".join([f'[tables."old.{table}"]', *lines, ""])


PEOPLE_SECTION = '[people]\ntable = "old.people"\nmatch = "email:email"\n'


def open_text(text):
    with connection.cursor() as cursor:
        return open_plan(text, cursor)


def faults_of(text):
    """Line and sentence of every fault."""
    with pytest.raises(PlanRefused) as refused:
        open_text(text)
    return [(fault.line, fault.sentence) for fault in refused.value.faults]


def line_of(text, part):
    return next(n for n, line in enumerate(text.splitlines(), 1) if part in line)

"""A web process that was given a login which the database could refuse nothing says so and does not start."""

import os
import subprocess
import sys
from typing import Any

import psycopg
import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection

from config.login import find_dangers, refuse_dangerous_login
from config.web_address import build_address

START = "import config.wsgi"


def start_web_process(url: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", START],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "APP_DATABASE_URL": url, "DATABASE_POOL": "0"},
    )


def superuser_url() -> str:
    """The superuser of the server of the suite, where its socket lets it in."""
    return build_address("postgres", "")


@pytest.fixture
def server_has_superuser(db: Any) -> None:
    try:
        psycopg.connect(superuser_url()).close()
    except psycopg.OperationalError:
        pytest.skip("this server lets nobody in as superuser postgres")


@pytest.mark.django_db
def test_a_web_process_with_the_owning_login_refuses_in_one_sentence():
    database = connection.settings_dict
    done = start_web_process(build_address(database["USER"], database["PASSWORD"]))
    assert done.returncode != 0
    last = done.stderr.strip().splitlines()[-1]
    assert "has CREATEROLE and is a member of tenantry_owner" in last
    assert "manage.py web_login" in last


def test_a_web_process_with_a_superuser_refuses(server_has_superuser):
    done = start_web_process(superuser_url())
    assert done.returncode != 0
    assert "The login postgres is a superuser" in done.stderr.strip().splitlines()[-1]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("make", "danger"),
    [
        ("create role {} login createrole", "has CREATEROLE"),
        ("create role {} login; grant tenantry_owner to {}", "is a member of tenantry_owner"),
        ("create role {0}g; grant tenantry_owner to {0}g; create role {} login; grant {0}g to {0}", "is a member of"),
    ],
)
def test_every_danger_is_named(make, danger):
    name = f"{connection.settings_dict['NAME']}_danger"
    with connection.cursor() as cursor:
        cursor.execute("set local role none")
        cursor.execute(make.replace("{0}", name).replace("{}", name))
        assert danger in " ".join(find_dangers(cursor, name))


@pytest.mark.django_db
def test_a_login_that_owns_a_table_is_dangerous():
    name = f"{connection.settings_dict['NAME']}_danger"
    with connection.cursor() as cursor:
        cursor.execute("set local role none")
        cursor.execute(f"create role {name} login; grant {name} to session_user")
        cursor.execute(f"create table theirs (id int); grant create on schema public to {name}")
        assert find_dangers(cursor, name) == []
        cursor.execute(f"alter table theirs owner to {name}")
        assert find_dangers(cursor, name) == ["owns tables"]


@pytest.mark.django_db
def test_the_process_of_the_suite_would_be_refused():
    with pytest.raises(ImproperlyConfigured, match="a web process does not start with it"):
        refuse_dangerous_login()


@pytest.mark.parametrize(
    ("environment", "says"),
    [
        ({"TENANTRY_ENV": "production", "SECRET_KEY": ""}, "SECRET_KEY is not set, and TENANTRY_ENV is production"),
        ({"APP_DATABASE_URL": "postgresql://web:geheim@[::1]:1/x"}, "The database of APP_DATABASE_URL does not answer"),
    ],
    ids=["no secret", "nobody answers"],
)
def test_gunicorn_ends_with_the_sentence_and_no_traceback(environment: dict[str, str], says: str) -> None:
    command = [sys.executable, "-m", "gunicorn", "-c", "python:config.gunicorn", "config.wsgi"]
    # gunicorn stumbles over the second of two workers that end at once, and says so in a traceback of its own.
    variables = {**os.environ, "DATABASE_POOL": "false", "PORT": "0", "WEB_CONCURRENCY": "1", **environment}
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, env=variables)
    assert done.returncode == 4
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert "geheim" not in done.stderr

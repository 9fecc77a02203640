"""A real browser against real web processes: gunicorn with the web login, on this worker's test database."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.db import connection
from playwright.sync_api import Browser, Page, expect, sync_playwright

from accounts.models import User
from tests.databases import ROOT, copied_database, database_url, django_on, manage
from tests.factories import PASSWORD
from tests.weblogins import drop_test_login, make_test_login

SECONDS = 30
PHONE = {"width": 390, "height": 844}


@pytest.fixture(scope="package", autouse=True)
def own_database(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """A copy of the suite's: what a browser does is committed, and the log of it is for nobody to remove."""
    with django_db_blocker.unblock(), copied_database("browser") as database, django_on(database):
        yield


@pytest.fixture(scope="package")
def web_url(own_database: None, django_db_blocker: Any) -> Iterator[str]:
    """The address of a web login in that copy."""
    with django_db_blocker.unblock():
        url = make_test_login()
        connection.close()
    yield url
    with django_db_blocker.unblock():
        drop_test_login(url)


@pytest.fixture(scope="package")
def site(web_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the console."""
    port, var = find_port(), str(tmp_path_factory.mktemp("var"))
    collected = manage("collectstatic", "--noinput", database=connection.settings_dict["NAME"], TENANTRY_VAR=var)
    assert collected.returncode == 0, collected.stderr
    environment = {
        **os.environ,
        "DATABASE_URL": database_url(connection.settings_dict["NAME"]),
        "APP_DATABASE_URL": web_url,
        "TENANTRY_VAR": var,
        "PORT": str(port),
        "WEB_CONCURRENCY": "1",
    }
    command = [sys.executable, "-m", "gunicorn", "-c", "python:config.gunicorn", "config.wsgi"]
    with subprocess.Popen(command, cwd=ROOT, env=environment) as server:
        try:
            wait_for(port, server)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
            server.wait(SECONDS)


def find_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(port: int, server: "subprocess.Popen[bytes]") -> None:
    """Until it answers; one that ended never will."""
    until = time.monotonic() + SECONDS
    while time.monotonic() < until and server.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"The web process did not answer on port {port}; its exit code is {server.poll()}.")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("There is no chromium on this machine.")
    with sync_playwright() as playwright:
        expect.set_options(timeout=SECONDS * 1000)
        started = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        # Its loop would make Django refuse the database in this thread.
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
        yield started
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]
        started.close()


@pytest.fixture
def open_console(site: str, browser: Browser) -> Iterator[Callable[..., Page]]:
    """Sign a staff person in, in a window of its own."""
    opened = []

    def sign_in(person: User, **window: Any) -> Page:
        # The web process knows no quick hashes.
        password = PBKDF2PasswordHasher().encode(PASSWORD, "salt", iterations=1)
        User.objects.filter(pk=person.pk).update(password=password)
        context = browser.new_context(base_url=site, **window)
        context.set_default_timeout(SECONDS * 1000)
        opened.append(context)
        page = context.new_page()
        page.goto("/admin/login/")
        page.fill("input[name=username]", person.email)
        page.fill("input[name=password]", PASSWORD)
        page.press("input[name=password]", "Enter")
        page.wait_for_url("**/admin/")
        return page

    yield sign_in
    for context in opened:
        context.close()

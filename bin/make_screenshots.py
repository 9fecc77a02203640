"""Takes the pictures of docs/images/ anew: the demo in a database of its own, real web processes, a real browser."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import django

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
IMAGES = ROOT / "docs" / "images"
PORT = int(os.environ.get("PORT", "8123"))
PASSWORD = "tenantry-demo"  # noqa: S105 - of the demo, printed by make run
SECONDS = 60


@dataclass(frozen=True)
class Picture:
    """One page, as one person sees it; `link` is followed by its text first, for pages whose address has an id."""

    name: str
    address: str
    link: str = ""
    dark: bool = False
    phone: bool = False
    opens: str = ""


PICTURES = (
    Picture("console", "/admin/", opens="Switch organization"),
    Picture("overview-dark", "/admin/", dark=True),
    Picture("phone", "/admin/", phone=True),
    Picture("conversion", "/admin/tenants/conversion/", link="2: legacy"),
    Picture("access-review", "/admin/accounts/accessfinding/"),
    Picture("audit-log", "/admin/audit/auditlog/"),
)


def prepare(database: str, var: str) -> dict[str, str]:
    """The demo with a conversion that waits for somebody; the environment of its web processes."""
    for words in (["migrate", "-v0"], ["demo"], ["collectstatic", "--noinput", "-v0"]):
        run(*words, database=database, var=var)
    said = run("web_login", "--name", f"{database}_web"[:60], database=database, var=var)
    plan = str(Path(var) / "conversion.toml")
    run("backfill_org_ids", "discover", "--schema", "legacy", "--plan", plan, database=database, var=var)
    decide(Path(plan))
    # It ends at rows that a person has to decide: that is what the picture shows.
    words = [sys.executable, str(ROOT / "manage.py"), "backfill_org_ids", "run", "--plan", plan]
    owning = {**os.environ, "DATABASE_URL": database_url(database)}
    subprocess.run(words, cwd=ROOT, env=owning, capture_output=True, check=False)  # noqa: S603 - as long as it takes
    with owner_session(database) as session:
        session.execute("update conversions set plan_file = 'conversion.toml' where number = 2")
    app = said.rsplit("APP_DATABASE_URL=", 1)[1].strip()
    return {**os.environ, "DATABASE_URL": database_url(database), "APP_DATABASE_URL": app, "TENANTRY_VAR": var}


def decide(plan: Path) -> None:
    """Missing people are made, and what leads nowhere waits."""
    text = plan.read_text(encoding="utf-8").replace('missing = "stop"', 'missing = "create"')
    plan.write_text(re.sub(r'^(no_org|many_orgs)( *)= "stop"', r'\1\2= "quarantine"', text, flags=re.M), "utf-8")


def run(*words: str, database: str, var: str) -> str:
    ended = manage(*words, database=database, TENANTRY_VAR=var)
    if ended.returncode:
        raise SystemExit(f"manage.py {' '.join(words)} failed:\n{ended.stdout}{ended.stderr}")
    return ended.stdout


@contextmanager
def serving(environment: dict[str, str]) -> Iterator[str]:
    """Web processes for the time of the block."""
    command = [sys.executable, "-m", "gunicorn", "-c", "python:config.gunicorn", "config.wsgi"]
    server = subprocess.Popen(command, cwd=ROOT, env={**environment, "PORT": str(PORT)})  # noqa: S603
    address = f"http://127.0.0.1:{PORT}"
    try:
        wait_for(address)
        yield address
    finally:
        server.terminate()
        server.wait(SECONDS)


def wait_for(address: str) -> None:
    until = time.monotonic() + SECONDS
    while True:
        try:
            urllib.request.urlopen(f"{address}/healthz", timeout=5).close()  # noqa: S310 - our own address
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.2)
        else:
            return


def choose_theme(database: str, theme: str) -> None:
    """As the person would: what they prefer goes before what their system says."""
    with owner_session(database) as session:
        session.execute("update user_preferences set theme_preference = %s", [theme])


def take(page: Page, picture: Picture) -> None:
    """Go there, and wait until nothing moves any more."""
    page.goto(picture.address)
    if picture.link:
        page.get_by_role("link", name=picture.link).first.click()
    if picture.opens:
        page.get_by_role("button", name=re.compile(picture.opens)).click()
    page.wait_for_timeout(1_000)
    page.evaluate("document.activeElement?.blur()")
    page.screenshot(path=str(IMAGES / f"{picture.name}.png"), animations="disabled")
    print(f"docs/images/{picture.name}.png")


def sign_in(context: BrowserContext) -> Page:
    page = context.new_page()
    page.goto("/admin/login/")
    page.fill("[name=username]", "admin@demo.test")
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url("**/admin/")
    return page


def main() -> None:
    """All pictures, each in a window of its own kind."""
    chromium = shutil.which("chromium")
    if chromium is None:
        raise SystemExit("There is no chromium on the PATH: apt-get install chromium, then make screenshots")
    with (
        tempfile.TemporaryDirectory() as var,
        scratch_database("pictures") as database,
        serving(prepare(database, var)) as address,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for picture in PICTURES:
            context = browser.new_context(
                base_url=address,
                viewport={"width": 390, "height": 844} if picture.phone else {"width": 1280, "height": 860},
                color_scheme="dark" if picture.dark else "light",
            )
            choose_theme(database, "dark" if picture.dark else "light")
            take(sign_in(context), picture)
            context.close()
        browser.close()


if __name__ == "__main__":
    django.setup()
    from playwright.sync_api import BrowserContext, Page, sync_playwright

    from tests.databases import database_url, manage, owner_session, scratch_database

    main()

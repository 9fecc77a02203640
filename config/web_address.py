"""The address of a login of web processes: read, composed, and given another password."""

import os
from urllib.parse import quote, unquote, urlencode, urlsplit

import psycopg
from django.db import connection

OUR_OPTIONS = {"owner_role", "search_path", "host", "pool"}


def login_of(address: str) -> str:
    """The login that an address names; empty where it names none."""
    return unquote(urlsplit(address).username or "")


def password_of(address: str) -> str:
    """The password that an address carries; empty where it carries none."""
    return unquote(urlsplit(address).password or "")


def known_address(login: str) -> str:
    """The address in the environment, if it is this login's."""
    known = os.environ.get("APP_DATABASE_URL", "")
    return known if login_of(known) == login else ""


def with_password(address: str, password: str) -> str:
    """The same address, by another password."""
    parts = urlsplit(address)
    place = parts.netloc.rpartition("@")[2]
    return parts._replace(netloc=f"{parts.username or ''}:{quote(password, safe='')}@{place}").geturl()


def signs_in(address: str) -> bool:
    """Whether the server lets it in."""
    try:
        psycopg.connect(address, connect_timeout=10).close()
    except psycopg.OperationalError:
        return False
    return True


def is_local() -> bool:
    """Whether the server is reached over a socket, which is trusted or asks the system who is calling."""
    return bool(connection.connection.info.host.startswith("/"))


def build_address(login: str, password: str) -> str:
    """The address by which this process reaches the database, for another login."""
    info = connection.connection.info
    database = connection.settings_dict
    options = {k: str(v) for k, v in database["OPTIONS"].items() if k not in OUR_OPTIONS}
    who = quote(login, safe="") + (f":{quote(password, safe='')}" if password else "")
    place = f"{info.host}:{info.port}"
    if is_local():
        place = ""
        options = {"host": info.host, **({"port": str(info.port)} if info.port != 5432 else {}), **options}
    query = f"?{urlencode(options, safe='/')}" if options else ""
    return f"postgresql://{who}@{place}/{quote(database['NAME'], safe='')}{query}"

"""A web process in which many people sign up at the same moment; their addresses come on standard input."""

import json
import os
import sys
import threading

import django

os.environ["TENANTRY_LOGIN"] = "app"
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.conf import settings  # noqa: E402
from django.db import connection  # noqa: E402

from accounts.sign_up import sign_up  # noqa: E402
from accounts.visitors import Visitor  # noqa: E402

# What a password costs is no part of this.
settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"


def work(number: int, address: str, start: threading.Barrier, errors: list[str]) -> None:
    start.wait()
    try:
        sign_up(address, "a long and private sentence", visitor=Visitor(ip=f"192.0.{number // 200}.{number % 200}"))
    except Exception as error:
        errors.append(f"{address}: {error!r}")
    finally:
        connection.close()


def main() -> None:
    addresses = json.load(sys.stdin)
    start, errors = threading.Barrier(len(addresses)), list[str]()
    threads = [threading.Thread(target=work, args=(n, a, start, errors)) for n, a in enumerate(addresses)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    json.dump(errors, sys.stdout)


main()

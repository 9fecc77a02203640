"""The server of the suite: DATABASE_URL where it is given, else an embedded one of its own; loaded before Django."""

import os

from config import embedded

if not os.environ.get("DATABASE_URL"):
    embedded.start("test", durable=False)
    os.environ["DATABASE_URL"] = embedded.owner_url("test")

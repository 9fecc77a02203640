"""The newest minor of each PostgreSQL that we support, as known on the day it was written here."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Minor:
    """A minor release that fixed security holes, and when it came out."""

    number: int
    released: date


# https://www.postgresql.org/support/security/ lists them; add a line's newer minor when one is announced.
NEWEST = {
    15: Minor(20, date(2026, 11, 12)),
    16: Minor(15, date(2026, 8, 13)),
    17: Minor(11, date(2026, 8, 13)),
    18: Minor(6, date(2026, 8, 13)),
}
OLDEST, LATEST = min(NEWEST), max(NEWEST)


def is_too_old(server_version: int) -> bool:
    """Whether nothing of ours works there."""
    return server_version // 10000 < OLDEST


def find_fault(server_version: int) -> str:
    """What is wrong with a server of this `server_version_num`, in words; empty when nothing is."""
    major, minor = divmod(server_version, 10000)
    if is_too_old(server_version):
        return f"PostgreSQL {major} is too old: Tenantry works with {OLDEST} to {LATEST}"
    if major > LATEST:
        return f"PostgreSQL {major} is newer than any that Tenantry was tested with ({OLDEST} to {LATEST})"
    newest = NEWEST[major]
    if minor < newest.number:
        return (
            f"PostgreSQL {major}.{minor} lacks security fixes: {major}.{newest.number} came out"
            f" on {newest.released:%d %B %Y}"
        )
    return ""

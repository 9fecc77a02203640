"""What the doctor asks of the vault: sealing works, and every data key opens with the master keys of this process."""

from collections import Counter
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.core.exceptions import ImproperlyConfigured

from tenants.doctor.findings import Finding, Level
from tenants.vault.ring import Ring, current_vault_ring
from tenants.vault.sealing import SealBroken, unwrap_key
from tenants.vault.self_test import prove_vault

NAME = "vault_keys"
PURPOSE = "Credentials whose keys this process cannot open, or that wait for a rotation."
READ = "select org_id, version, master_key, wrapped, due from private.vault_keys order by org_id, version"
ROTATE = "manage.py rotate_keys"


def examine_vault(cursor: Any) -> list[Finding]:
    """Opens keys, never credentials: those are read for a purpose, which the log keeps."""
    try:
        prove_vault()
    except ImproperlyConfigured as refused:
        return [Finding(NAME, Level.ERROR, "TENANTRY_VAULT_KEYS", str(refused))]
    cursor.execute(READ)
    rows = [(UUID(str(org)), version, master, bytes(wrapped), due) for org, version, master, wrapped, due in cursor]
    ring = current_vault_ring()
    return [*find_missing(rows, ring), *find_broken(rows, ring), *find_outstanding(rows, ring)]


def find_missing(rows: list[Any], ring: Ring) -> Iterator[Finding]:
    """Master keys that left the ring too early."""
    for name, count in sorted(Counter(row[2] for row in rows if ring.find(row[2]) is None).items()):
        reason = f"{count:,} data keys are wrapped by this master key, which is not in TENANTRY_VAULT_KEYS: put it back"
        yield Finding(NAME, Level.ERROR, f"master key {name}", reason, ROTATE)


def find_broken(rows: list[Any], ring: Ring) -> Iterator[Finding]:
    """Data keys that were changed or moved, or that another key of the same name wrapped."""
    for org_id, version, name, wrapped, _ in rows:
        master = ring.find(name)
        if master is None:
            continue
        try:
            unwrap_key(master, wrapped, org_id, version)
        except SealBroken as broken:
            reason = f"its credentials cannot be read, for it does not open with master key {name}: {broken}"
            yield Finding(NAME, Level.ERROR, f"data key {version} of organization {org_id}", reason)


def find_outstanding(rows: list[Any], ring: Ring) -> Iterator[Finding]:
    """Rotations that were begun, or that a new master key asks for."""
    older = sum(row[2] != ring.newest.id and ring.find(row[2]) is not None for row in rows)
    if older:
        reason = f"{older:,} data keys are still wrapped by an older master key than {ring.newest.id}"
        yield Finding(NAME, Level.INFO, "private.vault_keys", reason, ROTATE)
    spent = sum(count - 1 for count in Counter(row[0] for row in rows).values())
    if spent or any(row[4] for row in rows):
        reason = "a rotation of data keys was begun and is not finished"
        yield Finding(NAME, Level.WARNING, "private.vault_keys", reason, ROTATE)

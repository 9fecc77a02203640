"""Before anything relies on the vault: the keys can be read, sealing opens again, and what was moved does not open."""

from uuid import UUID

from django.core.exceptions import ImproperlyConfigured

from tenants.vault.ring import Ring, current_vault_ring
from tenants.vault.sealing import SealBroken, make_data_key, seal, secret_label, unseal, unwrap_key, wrap_key

HERE, THERE = UUID(int=1), UUID(int=2)
PLAIN = b"self-test"


class SelfTestFailed(ImproperlyConfigured):
    """The vault does not do what it promises on this machine."""


def prove_vault() -> None:
    """Raise when the keys are unusable or the sealing is."""
    ring = current_vault_ring()
    _test_wrapping(ring)
    _test_sealing(make_data_key())


def _test_wrapping(ring: Ring) -> None:
    for master in ring.keys:
        key = make_data_key()
        if unwrap_key(master, wrap_key(master, key, HERE, 1), HERE, 1) != key:
            raise SelfTestFailed(f"Master key {master.id!r} does not open what it wrapped.")


def _test_sealing(key: bytes) -> None:
    label = secret_label(HERE, THERE, 1)
    sealed = seal(key, PLAIN, label)
    flipped = sealed[:-1] + bytes([sealed[-1] ^ 1])
    if unseal(key, sealed, label) != PLAIN or PLAIN in sealed:
        raise SelfTestFailed("What was sealed does not open again.")
    moved = secret_label(THERE, HERE, 1), secret_label(HERE, THERE, 2)
    for wrong, place in ((flipped, label), *((sealed, label) for label in moved)):
        try:
            unseal(key, wrong, place)
        except SealBroken:
            continue
        raise SelfTestFailed("What was changed or moved opens all the same.")

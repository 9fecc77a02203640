"""Believable people: the same ones for the same seed."""

import re
from random import Random

FIRST = """
Amara Bruno Carmen Daniel Elena Farid Grace Hiro Ines Jonas Keiko Liam Maya Nadia Omar Priya Quinn Rosa Samir Tessa
Ugo Vera Wanda Yusuf Zoe Anton Beatriz Cedric Dalia Emil Fiona Gustavo Helena Idris Julia Karim Leonie Marco Noor Oscar
""".split()  # noqa: SIM905
LAST = """
Adeyemi Bergstrom Castillo Dubois Eriksen Fontaine Grant Hassan Ito Jansen Kowalski Laurent Mbeki Novak Ortega Petrov
Quispe Rossi Silva Tanaka Ueda Vargas Weber Yilmaz Zhang Andersen Baptiste Chowdhury Demir Evans Fischer Greco
""".split()  # noqa: SIM905


def draw_names(random: Random, count: int) -> list[str]:
    """Draw names without repetition: two people with one e-mail would be one."""
    pairs = [f"{first} {last}" for first in FIRST for last in LAST]
    return random.sample(pairs, count)


def make_email(full_name: str, domain: str) -> str:
    """`first.last@domain`."""
    return f"{'.'.join(re.findall('[a-z]+', full_name.lower()))}@{domain}"

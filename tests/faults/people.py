"""People of an old database: known, unknown, of many organizations and of none, and how they are written down."""

from dataclasses import dataclass

from tests.faults.ground import Ground

# Key, e-mail as the old database has it, and who that is among ours.
OLD_PEOPLE = (
    (1, "ANNA@Example.ORG", "anna"),
    (2, "  bela@example.org ", "bela"),
    (3, "carl@example.org", "carl"),
    (4, "MANY@example.org", "many"),
    (5, "chosen@EXAMPLE.org", "chosen"),
    (6, "none@example.org", "none"),
    (7, "Anna@example.org", "anna"),
    (8, "guest@example.org", "guest"),
)


@dataclass(frozen=True)
class Crowd:
    """Ids of our people by name, and of their organizations."""

    people: dict[str, str]
    orgs: dict[str, str]
    home_slug: str


def add_crowd(ground: Ground) -> Crowd:
    """Three people of one organization each, two of three, one of none, and a guest who was never let in."""
    people = {name: ground.add_person(f"{name}@example.org") for name in ("anna", "bela", "carl", "many", "chosen")}
    people |= {name: ground.add_person(f"{name}@example.org", staff=True) for name in ("none", "guest")}
    orgs = {name: ground.org_of(people[name]) for name in ("anna", "bela", "carl", "many", "chosen")}
    for name in ("many", "chosen"):
        ground.add_member(orgs["bela"], people[name], joined="2019-05-05")
        ground.add_member(orgs["carl"], people[name], joined="2018-04-04")
    ground.run_ours("update users set active_org_id = %s where id = %s", [orgs["bela"], people["chosen"]])
    ground.add_member(orgs["anna"], people["guest"], state="pending")
    ground.add_member(orgs["anna"], people["none"], state="inactive")
    return Crowd(people, orgs, ground.slug_of(ground.org_of(ground.add_person("home@example.org"))))

"""Schemas that nobody would design, and that stand in databases all the same; each table with its route and rows."""

from collections.abc import Callable
from dataclasses import dataclass, field

from tests.faults.contents import column_shapes, lost_shapes, org_shapes, quarantined_shapes, rule_shapes
from tests.faults.ground import Ground, Section
from tests.faults.people import OLD_PEOPLE, Crowd
from tests.faults.shapes import PLAIN, Shape
from tests.faults.structures import chain_shapes, key_shapes, name_shapes, partition_shapes


@dataclass
class Strange:
    """What was built."""

    ground: Ground
    crowd: Crowd
    shapes: list[Shape]
    people: Section
    sections: dict[str, Section] = field(default_factory=dict)

    @property
    def schemas(self) -> list[str]:
        return sorted({shape.schema for shape in self.shapes})

    def write_plan(self, **changed: Section) -> None:
        """A plan by hand, the people exempt; `changed` by the names of tables."""
        sections = dict(self.sections)
        for shape in self.shapes:
            sections[str(shape.table)] = {**shape.section, **self.keep, **changed.get(shape.name, {})}
        self.ground.write_plan(self.schemas, sections, self.people)

    @property
    def keep(self) -> Section:
        return {"keep": [self.ground.app, self.ground.owner]}


PEOPLE_TABLE = "create table people (id bigint primary key, email text, name text not null default '');"
Select = Callable[[Shape], bool]


def build_strange(ground: Ground, crowd: Crowd, select: Select = lambda shape: True) -> Strange:
    """Both schemas with all shapes, or those that are selected (without what these need: select it too)."""
    parts = (
        key_shapes(),
        name_shapes(),
        partition_shapes(),
        chain_shapes(),
        column_shapes(),
        rule_shapes(ground),
        org_shapes(crowd),
        lost_shapes(),
        quarantined_shapes(),
    )
    shapes = [give_home(shape, crowd) for part in parts for shape in part if select(shape)]
    ground.run_ours(f'grant references on organizations to "{ground.owner}"')
    tables = PEOPLE_TABLE + compose_people()
    for schema in dict.fromkeys(shape.schema for shape in shapes):
        made = "".join(shape.make + shape.fill for shape in shapes if shape.schema == schema)
        ground.build(schema, (tables if schema == PLAIN else "") + made)
    people = {"table": f"{PLAIN}.people", "match": "email:email"}
    strange = Strange(ground, crowd, shapes, people, {f"{PLAIN}.people": {"route": "exempt"}})
    strange.write_plan()
    return strange


def give_home(shape: Shape, crowd: Crowd) -> Shape:
    """Write the slug of the home organization where the section says HOME."""
    section = {
        key: value.replace("HOME", crowd.home_slug) if isinstance(value, str) else value
        for key, value in shape.section.items()
    }
    return Shape(shape.name, shape.make, shape.fill, section, shape.schema, shape.to)


def compose_people() -> str:
    values = ", ".join(f"({key}, '{mail}')" for key, mail, _ in OLD_PEOPLE)
    return f"insert into people (id, email) values {values};"

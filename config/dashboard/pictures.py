"""Pictures as shapes that a template draws: no script, no other host, and a table of the same numbers beside each."""

from collections.abc import Sequence
from dataclasses import dataclass, field

WIDTH, HEIGHT, GAP = 600.0, 120.0, 2.0


@dataclass(frozen=True)
class Point:
    """One number and what it stands for."""

    label: str
    value: float
    told: str = ""

    @property
    def text(self) -> str:
        return self.told or f"{self.value:,.0f}"


@dataclass(frozen=True)
class Bar:
    """A column of a chart, in its coordinates."""

    x: float
    y: float
    width: float
    height: float
    point: Point


@dataclass(frozen=True)
class Picture:
    """A chart with its title, what it says in a sentence, and where there is more."""

    key: str
    title: str
    kind: str
    points: Sequence[Point]
    sentence: str
    empty: str
    link: str = ""
    heading: tuple[str, str] = ("When", "How many")
    line: str = ""
    area: str = ""
    bars: Sequence[Bar] = field(default=())
    shares: Sequence[tuple[Point, int]] = field(default=())

    @property
    def is_empty(self) -> bool:
        return not any(point.value for point in self.points)

    @property
    def top(self) -> Point:
        return max(self.points, key=lambda point: point.value)


def draw_line(points: Sequence[Point]) -> tuple[str, str]:
    """A line from the left to the right, and the area below it."""
    top = max((p.value for p in points), default=0) or 1
    step = WIDTH / max(1, len(points) - 1)
    at = [(number * step, HEIGHT - point.value / top * (HEIGHT - 4)) for number, point in enumerate(points)]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in at)
    return line, f"0,{HEIGHT:.0f} {line} {WIDTH:.0f},{HEIGHT:.0f}"


def draw_bars(points: Sequence[Point]) -> list[Bar]:
    """A column each; whatever is not nothing can be seen."""
    top = max((p.value for p in points), default=0) or 1
    width = WIDTH / max(1, len(points))
    bars = []
    for number, point in enumerate(points):
        height = max(2.0, point.value / top * HEIGHT) if point.value else 0.0
        bars.append(Bar(round(number * width + GAP / 2, 1), round(HEIGHT - height, 1), width - GAP, height, point))
    return bars


def draw_shares(points: Sequence[Point]) -> list[tuple[Point, int]]:
    """Each in percent of the largest."""
    top = max((p.value for p in points), default=0) or 1
    return [(point, max(1, round(point.value / top * 100))) for point in points]

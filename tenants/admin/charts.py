"""A series as shapes on a canvas of 1000 by 300, drawn by the server: no script, and the theme's own colours."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from tenants.metrics.series import Point

WIDTH, HEIGHT = 1000.0, 300.0
# Bars with nothing between them are a wall.
GAP = 0.18
STEPS = tuple(map(Decimal, ("1", "1.5", "2", "2.5", "3", "4", "5", "6", "8", "10")))


@dataclass(frozen=True)
class Bar:
    """One bucket's column; `told` is what pointing at it says."""

    x: str
    y: str
    width: str
    height: str
    told: str


@dataclass(frozen=True)
class Chart:
    """What a template draws: columns of sums, or a line with gaps where nothing was measured."""

    bars: Sequence[Bar]
    lines: Sequence[str]
    dots: Sequence[tuple[str, str, str]]
    zero: str
    top: str
    bottom: str


def draw_chart(points: Sequence[Point], labels: Sequence[str], *, as_bars: bool) -> Chart:
    """Shapes of the points, which `labels` name; the scale holds zero."""
    values = [point.value for point in points if point.value is not None]
    top, bottom = nice_end(max([*values, Decimal(0)])), nice_end(min([*values, Decimal(0)]))
    span = float(top - bottom) or 1.0
    step = WIDTH / len(points)
    told = [f"{label}: {tell(point.value)}" for point, label in zip(points, labels, strict=True)]
    heights = [None if p.value is None else HEIGHT * (float(top) - float(p.value)) / span for p in points]
    zero = HEIGHT * float(top) / span if span else HEIGHT
    centres = [(step * (n + 0.5), y, told[n]) for n, y in enumerate(heights)]
    return Chart(
        bars=[_bar(x, y, zero, step, said) for x, y, said in centres if y is not None] if as_bars else [],
        lines=[] if as_bars else _lines([(x, y) for x, y, _ in centres]),
        dots=[] if as_bars else [(_at(x), _at(y), said) for x, y, said in centres if y is not None],
        zero=_at(zero),
        top=tell(top),
        bottom=tell(bottom),
    )


def _bar(x: float, y: float, zero: float, step: float, told: str) -> Bar:
    width = step * (1 - GAP)
    return Bar(_at(x - width / 2), _at(min(y, zero)), _at(width), _at(abs(zero - y)), told)


def _lines(places: Sequence[tuple[float, float | None]]) -> list[str]:
    """One polyline for each stretch without a gap."""
    stretches: list[list[str]] = [[]]
    for x, y in places:
        if y is None:
            stretches.append([])
        else:
            stretches[-1].append(f"{_at(x)},{_at(y)}")
    return [" ".join(stretch) for stretch in stretches if len(stretch) > 1]


def _at(place: float) -> str:
    return f"{place:.1f}"


def nice_end(value: Decimal) -> Decimal:
    """The next round number away from zero."""
    if not value:
        return Decimal(0)
    size = Decimal(10) ** value.copy_abs().adjusted()
    return next(step * size for step in STEPS if step * size >= value.copy_abs()).copy_sign(value)


def tell(value: Decimal | None) -> str:
    """As people read numbers, with no zeros at the end."""
    if value is None:
        return "nothing measured"
    text = f"{value:,.6f}"
    return text.rstrip("0").rstrip(".")

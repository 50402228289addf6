"""A burn-down as an SVG: stacked bars, the count of lines as a line over them.

Has no script and loads nothing; its colours follow the reader's light or dark theme,
and what it shows is also said in words (``title``, ``desc``). Colours are told apart
by those who see red and green alike: they differ in lightness.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from html import escape

from deventlet.burndown import Burndown, Point
from deventlet.report.burndown.bands import Band, By, bands, ceiling, stepped
from deventlet.report.text import visible

WIDTH, HEIGHT = 860, 420
_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 44, 78, 44
_DATES = 8
_LIGHT = ("#1f4e79", "#6fa8dc", "#f0b429", "#8c6bb1", "#2a9d8f", "#c8553d", "#9aa5b1")
_DARK = ("#7db8e8", "#35658f", "#f2c14e", "#b79ad6", "#4fc3b1", "#ee8a6f", "#7b8794")

_SHAPES = {
    ".head": "font-size:17px;font-weight:600",
    ".grep": "fill:none;stroke-width:1.6;stroke-dasharray:4 3",
}
_LIGHT_RULES = {
    ".ground": "fill:#fff",
    "text": "fill:#1f2933",
    ".soft": "fill:#5a6673",
    ".tick": "stroke:#dfe4e9",
    ".grep": "stroke:#b3540e",
    ".fly": "fill:#d9d2e9;stroke:#5b3f8c",
}
_DARK_RULES = {
    ".ground": "fill:#14181d",
    "text": "fill:#e4e9ee",
    ".soft": "fill:#a3afbb",
    ".tick": "stroke:#303841",
    ".grep": "stroke:#f0a35e",
    ".fly": "fill:#463860;stroke:#c9b3f0",
}


def text(found: Burndown, by: By = "place") -> str:
    """A whole SVG file, a newline at its end; it may also stand inside of a page."""
    return "\n".join(_Drawing(found, by).lines()) + "\n"


@dataclass(frozen=True)
class _Drawing:
    """Where everything is."""

    found: Burndown
    by: By

    @cached_property
    def bands(self) -> tuple[Band, ...]:
        return bands(self.found, self.by)

    @cached_property
    def points(self) -> Sequence[Point]:
        return self.found.points

    @cached_property
    def axis(self) -> tuple[int, int]:
        """The top, and the step of the ticks."""
        return ceiling(max(1, *(max(p.uses, p.grep) for p in self.points)))

    def x(self, at: float) -> float:
        """The left side of a point's part of the width."""
        return _LEFT + at * (WIDTH - _LEFT - _RIGHT) / len(self.points)

    def y(self, value: float) -> float:
        """How far down a value is."""
        room = HEIGHT - _TOP - _BOTTOM
        return _TOP + room * (1 - value / self.axis[0])

    def lines(self) -> Iterator[str]:
        """The file, line by line."""
        name, own = escape(visible(self.found.project)), f"burndown-{self.by}"
        yield (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
            f'class="burndown" role="img" aria-labelledby="{own}-title {own}-desc" '
            'font-family="system-ui, sans-serif" font-size="12">'
        )
        yield f'<title id="{own}-title">Eventlet in {name}</title>'
        yield f'<desc id="{own}-desc">{escape(self._said())}</desc>'
        yield f"<style>{_style()}</style>"
        yield f'<rect class="ground" width="{WIDTH}" height="{HEIGHT}"/>'
        yield f'<text class="head" x="{_LEFT}" y="26">Eventlet in {name}</text>'
        yield from self._legend()
        yield from self._ticks()
        yield from self._bars()
        yield from self._flying()
        yield self._grep()
        yield from self._dates()
        yield "</svg>"

    def _said(self) -> str:
        first, last = self.points[0], self.points[-1]
        said = (
            f"{first.uses} uses and {first.grep} lines with the word on {first.date}; "
            f"{last.uses} uses and {last.grep} lines on {last.date}"
        )
        flying = self.found.flying
        return f"{said}, {flying} of the uses in flight." if flying else f"{said}."

    def _legend(self) -> Iterator[str]:
        x = float(_LEFT)
        for number, band in enumerate(self.bands):
            yield f'<rect class="b{number}" x="{_n(x)}" y="43" width="11" height="11"/>'
            yield f'<text x="{_n(x + 16)}" y="53">{escape(band.name)}</text>'
            x += 34 + 6.6 * len(band.name)
        if self.found.flying > 0:
            yield f'<rect class="fly" x="{_n(x)}" y="43" width="11" height="11"/>'
            yield f'<text x="{_n(x + 16)}" y="53">in flight</text>'
            x += 34 + 6.6 * len("in flight")
        yield f'<path class="grep" d="M{_n(x)} 49h16"/>'
        yield f'<text x="{_n(x + 21)}" y="53">lines with the word</text>'

    def _ticks(self) -> Iterator[str]:
        top, step = self.axis
        for value in range(0, top + 1, step):
            y = _n(self.y(value))
            yield f'<path class="tick" d="M{_LEFT} {y}H{WIDTH - _RIGHT}"/>'
            yield (
                f'<text class="soft" text-anchor="end" x="{_LEFT - 8}" '
                f'y="{_n(self.y(value) + 4)}">{value}</text>'
            )

    def _bars(self) -> Iterator[str]:
        width = self.x(1) - self.x(0)
        gap = min(width * 0.2, 6)
        below = [0] * len(self.points)
        for number, band in enumerate(self.bands):
            parts: list[str] = []
            for at, value in enumerate(band.values):
                top, bottom = self.y(below[at] + value), self.y(below[at])
                if value:
                    x = _n(self.x(at) + gap / 2)
                    wide, high = _n(width - gap), _n(bottom - top)
                    parts.append(f"M{x} {_n(top)}h{wide}v{high}h-{wide}z")
                below[at] += value
            yield f'<path class="b{number}" d="{"".join(parts)}"/>'

    def _flying(self) -> Iterator[str]:
        """The part of the last bar that goes with what is in flight."""
        flying, uses = self.found.flying, self.points[-1].uses
        if flying <= 0:
            return
        last = len(self.points) - 1
        x, right = self.x(last), self.x(last + 1)
        top, bottom = self.y(uses), self.y(max(uses - flying, 0))
        wide = max(right - x, 4)
        yield (
            f'<rect class="fly" x="{_n(right - wide)}" y="{_n(top)}" '
            f'width="{_n(wide)}" height="{_n(bottom - top)}"/>'
        )

    def _grep(self) -> str:
        spots = (
            f"{_n(self.x(at + 0.5))} {_n(self.y(point.grep))}"
            for at, point in enumerate(self.points)
        )
        return f'<path class="grep" d="M{"L".join(spots)}"/>'

    def _dates(self) -> Iterator[str]:
        y = HEIGHT - _BOTTOM + 20
        for at in stepped(len(self.points), _DATES):
            point, x = self.points[at], _n(self.x(at + 0.5))
            said = point.label if self.found.step == "tag" else point.date
            yield (
                f'<text class="soft" text-anchor="middle" x="{x}" y="{y}">'
                f"{escape(visible(said))}</text>"
            )


def _style() -> str:
    """Colours for both themes, told by class; only for what is in a burn-down."""
    light = _LIGHT_RULES | {f".b{n}": f"fill:{c}" for n, c in enumerate(_LIGHT)}
    dark = _DARK_RULES | {f".b{n}": f"fill:{c}" for n, c in enumerate(_DARK)}
    return (
        f"{_rules(_SHAPES)}{_rules(light)}"
        f"@media screen and (prefers-color-scheme:dark){{{_rules(dark)}}}"
    )


def _rules(rules: Mapping[str, str]) -> str:
    """The text of some rules, so that they hold for no other part of a page."""
    return "".join(f".burndown {what}{{{how}}}" for what, how in rules.items())


def _n(value: float) -> str:
    """A number with at most two places, without zeros that say nothing."""
    return f"{value:.2f}".rstrip("0").rstrip(".")

"""The lineage between the assets of an incident as SVG, with assets between them as a count.

A layered layout: an asset stands after everything that feeds it, and near what it is joined with.
Drawn twice, from left to right and, for a phone, from top to bottom; CSS shows one of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from markupsafe import Markup, escape

from incident.dbt.lineage import Edge
from incident.text.counts import count

LONGEST = 24  # characters of a name
_BOX = 56  # height
_FOLD = 28
_GAP = 24  # between boxes of a layer
_SPACE = 28  # between layers, where an edge is short
_CHARACTER = 7.9  # width of one, in the font of the names
_SWEEPS = 6


class Box(NamedTuple):
    """An asset: `about` is its kind and role, `style` a CSS class, `address` its page or ""."""

    key: str
    name: str
    about: str = ""
    style: str = ""
    address: str = ""


@dataclass
class _Place:
    """Something in a layer: a box, a count of assets, or the bend of an edge (neither)."""

    wide: float = 0
    high: float = 0
    box: Box | None = None
    folded: int = 0
    before: list[_Place] = field(default_factory=list)
    after: list[_Place] = field(default_factory=list)
    layer: int = 0
    across: float = 0  # the middle, in the direction of its layer
    along: float = 0  # the middle, in the direction of the arrows


def draw(boxes: Sequence[Box], arrows: Sequence[Edge]) -> Markup:
    """Both drawings; empty where nothing is joined."""
    known = {box.key for box in boxes}
    arrows = [one for one in arrows if one.above in known and one.below in known]
    if not arrows:
        return Markup()
    said = _said(boxes, arrows)
    wide = _drawn(_placed(boxes, arrows), said, "wide")
    tall = _drawn(_placed(boxes, arrows), said, "tall")
    return Markup(wide + tall)  # noqa: S704 - numbers and escaped text


def shortened(name: str) -> str:
    """A name that fits its box, without its middle if need be."""
    if len(name) <= LONGEST:
        return name
    half = (LONGEST - 1) // 2
    return f"{name[: LONGEST - 1 - half]}…{name[-half:]}"


def _placed(boxes: Sequence[Box], arrows: Sequence[Edge]) -> list[list[_Place]]:
    """Everything that is drawn, by layer."""
    places = {}
    for box in boxes:
        longest = max(len(shortened(box.name)) * _CHARACTER, len(box.about) * 6.4)
        places[box.key] = _Place(round(longest) + 24, _BOX, box)
    everything = list(places.values())
    for arrow in arrows:
        above, below = places[arrow.above], places[arrow.below]
        if arrow.between:
            fold = _Place(
                len(count(arrow.between, "asset")) * 6.4 + 26, _FOLD, folded=arrow.between
            )
            everything.append(fold)
            _join(above, fold)
            above = fold
        _join(above, below)
    _rank(everything)
    everything += _bends(everything)
    layers: list[list[_Place]] = [[] for _ in range(max(one.layer for one in everything) + 1)]
    for one in everything:
        layers[one.layer].append(one)
    return layers


def _join(above: _Place, below: _Place) -> None:
    above.after.append(below)
    below.before.append(above)


def _rank(places: Sequence[_Place]) -> None:
    """The layer of each: one more than the last of those before it. A cycle is cut open."""
    done: set[int] = set()
    path: set[int] = set()

    def visit(one: _Place) -> int:
        if id(one) in done or id(one) in path:
            return one.layer
        path.add(id(one))
        for other in list(one.before):
            if id(other) in path:  # the last edge of a cycle is not drawn
                one.before.remove(other)
                other.after.remove(one)
            else:
                one.layer = max(one.layer, visit(other) + 1)
        path.remove(id(one))
        done.add(id(one))
        return one.layer

    for one in places:
        visit(one)


def _bends(places: Sequence[_Place]) -> list[_Place]:
    """Split edges over several layers, so that each layer keeps a lane free for them."""
    bends = []
    for one in places:
        for end in list(one.after):
            last = one
            for layer in range(one.layer + 1, end.layer):
                bend = _Place(layer=layer)
                bends.append(bend)
                _replace(last.after, end, bend)
                bend.before, bend.after = [last], [end]
                last = bend
            if last is not one:
                _replace(end.before, one, last)
    return bends


def _replace(places: list[_Place], old: _Place, new: _Place) -> None:
    places[next(n for n, one in enumerate(places) if one is old)] = new


def _arrange(layers: list[list[_Place]], down: bool) -> None:
    """Order each layer by what its places are joined with, then set every middle."""

    def size(one: _Place) -> float:
        return one.wide if down else one.high

    for layer in layers:
        _spread(layer, [0.0] * len(layer), size)
    for sweep in range(_SWEEPS):
        forward = sweep % 2 == 0
        for layer in layers if forward else reversed(layers):
            near = [
                sum(other.across for other in joined) / len(joined)
                if (joined := one.before if forward else one.after)
                else one.across
                for one in layer
            ]
            order = sorted(range(len(layer)), key=near.__getitem__)
            layer[:] = [layer[n] for n in order]
            _spread(layer, [near[n] for n in order], size)
    lowest = min(one.across - size(one) / 2 for layer in layers for one in layer)
    at = 1.0
    for layer in layers:
        deep = max(one.high if down else one.wide for one in layer)
        for one in layer:
            one.across += 1 - lowest
            one.along = at + deep / 2
            if not one.box and not one.folded:
                one.wide, one.high = (0, deep) if down else (deep, 0)
        at += deep + _SPACE + min(40, 4 * sum(len(one.after) for one in layer))


def _spread(layer: Sequence[_Place], wanted: Sequence[float], size: Callable[..., float]) -> None:
    """Put each as near as possible to where it is wanted, in this order and without overlap."""
    groups: list[tuple[list[float], float]] = []  # offsets in the group; where its start is wanted
    for one, at in zip(layer, wanted, strict=True):
        offsets, start = [0.0, size(one) + _GAP], at - size(one) / 2
        while groups and groups[-1][1] + groups[-1][0][-1] > start:
            earlier, begin = groups.pop()
            n, m = len(earlier) - 1, len(offsets) - 1
            start = (begin * n + (start - earlier[-1]) * m) / (n + m)
            offsets = earlier[:-1] + [earlier[-1] + offset for offset in offsets]
        groups.append((offsets, start))
    places = iter(layer)
    for offsets, start in groups:
        for offset in offsets[:-1]:
            one = next(places)
            one.across = start + offset + size(one) / 2


def _drawn(layers: list[list[_Place]], said: str, style: str) -> str:
    down = style == "tall"
    _arrange(layers, down)
    places = [one for layer in layers for one in layer]
    deep = max(one.along + (one.high if down else one.wide) / 2 for one in places) + 1
    broad = max(one.across + (one.wide if down else one.high) / 2 for one in places) + 1
    width, height = (broad, deep) if down else (deep, broad)
    marker = f"arrow-{style}"
    lines = [_line(one, other, down, marker) for one in places for other in one.after]
    return (
        f'<svg class="{style}" viewBox="0 0 {width:.0f} {height:.0f}" '
        f'style="max-width:{width:.0f}px" role="group" aria-label="{escape(said)}">'
        f'<defs><marker id="{marker}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" '
        'markerHeight="7" orient="auto"><path d="M0 0 8 4 0 8z"/></marker></defs>'
        f"{''.join(lines)}{''.join(_shape(one, down) for one in places)}</svg>"
    )


def _line(one: _Place, other: _Place, down: bool, marker: str) -> str:
    begin = one.along + (one.high if down else one.wide) / 2
    end = other.along - (other.high if down else other.wide) / 2
    is_last = other.box is not None or other.folded
    half = (begin + end - (2 if is_last else 0)) / 2
    points = [
        (begin, one.across),
        (half, one.across),
        (half, other.across),
        (end - (2 if is_last else 0), other.across),
    ]
    said = [f"{y:.1f} {x:.1f}" if down else f"{x:.1f} {y:.1f}" for x, y in points]
    arrow = f' marker-end="url(#{marker})"' if is_last else ""
    return f'<path class="e" d="M{said[0]}C{said[1]} {said[2]} {said[3]}"{arrow}/>'


def _shape(one: _Place, down: bool) -> str:
    x, y = (one.across, one.along) if down else (one.along, one.across)
    if not one.box:
        if not one.folded:  # next to the boxes of its layer, an edge is straight
            step = f"v{one.high:.1f}" if down else f"h{one.wide:.1f}"
            return f'<path class="e" d="M{x - one.wide / 2:.1f} {y - one.high / 2:.1f}{step}"/>'
        return (
            f'<g class="fold">{_rectangle(one, x, y, one.high / 2)}'
            f'<text x="{x:.1f}" y="{y + 4:.1f}">{count(one.folded, "asset")}</text></g>'
        )
    box = one.box
    is_round = "exposure" in box.style.split()
    inner = _rectangle(one, x, y, _BOX / 2 if is_round else 6)
    if box.name != shortened(box.name):
        inner += f"<title>{escape(box.name)}</title>"
    inner += f'<text x="{x:.1f}" y="{y - 3:.1f}">{escape(shortened(box.name))}</text>'
    if box.about:
        inner += f'<text class="k" x="{x:.1f}" y="{y + 14:.1f}">{escape(box.about)}</text>'
    style = escape(box.style)
    if box.address:
        return f'<a class="{style}" href="{escape(box.address)}">{inner}</a>'
    return f'<g class="{style}">{inner}</g>'


def _rectangle(one: _Place, x: float, y: float, radius: float) -> str:
    return (
        f'<rect class="box" x="{x - one.wide / 2:.1f}" y="{y - one.high / 2:.1f}" '
        f'width="{one.wide:.0f}" height="{one.high:.0f}" rx="{radius:g}"/>'
    )


def _said(boxes: Sequence[Box], arrows: Sequence[Edge]) -> str:
    """The drawing in words."""
    names = {box.key: box.name for box in boxes}
    parts = []
    for above in dict.fromkeys(one.above for one in arrows):
        ends = [
            names[one.below] + (f" through {count(one.between, 'asset')}" if one.between else "")
            for one in arrows
            if one.above == above
        ]
        parts.append(f"{names[above]} feeds {', '.join(ends)}")
    return f"Lineage: {'; '.join(parts)}"

"""The companies around the subject, with lines as wide as the dollars between them. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.charts.specs.theme import (
    COLOURS,
    Colours,
    Spec,
    Theme,
    fitted,
    frame,
    legend,
    money,
    power,
    shape,
    words,
)
from pipeline.domain import Edge, Flow, Network, Party

_SAID = {
    Flow.SUPPLIES: "supplies",
    Flow.FINANCES: "finances",
    Flow.OWNS: "takes a share",
    Flow.JOINS: "takes part",
}
_HUB = 30
_THIN, _WIDE = 1.5, 11.0


@dataclass(frozen=True)
class _Node:
    """A company with its place: `side` is -1 left of the subject and 1 right of it; `weight` from 0 to 1."""

    party: Party
    edges: tuple[Edge, ...]
    weight: float
    x: float
    y: float
    side: int


def network(given: Network | None, theme: Theme = "light", width: int = 860) -> Spec | None:
    """Suppliers and money stand around the subject in groups, each company on a line of its own; None for no network.

    The same network always looks the same.
    """
    if given is None:
        return None
    colours = COLOURS[theme]
    met = [flow for flow in Flow if any(edge.flow is flow for edge in given.edges)]
    signs: list[tuple[str, Spec]] = [
        (_SAID[flow], {"shape": "stroke", "size": 160, "stroke": colours.flow[flow], "strokeWidth": 4}) for flow in met
    ]
    if given.circles:
        ring = {"shape": "circle", "size": 90, "fill": "transparent", "stroke": colours.ink, "strokeWidth": 1.5}
        signs.append(("puts money in and is paid", ring))
    marks, top = legend(signs, width, colours.quiet)
    nodes, high = _placed(given, width, top + 10)
    centre = (width / 2, top + 10 + high / 2)
    most = max((edge.usd for edge in given.edges), default=0.0)
    for node in sorted(nodes, key=lambda node: -node.weight):
        marks += _lines(node, centre, most, colours)
    for node in nodes:
        marks += _company(node, node.party.slug in given.circles, width, colours)
    marks += [
        shape("symbol", x=centre[0], y=centre[1], shape="circle", size=math.pi * _HUB**2, fill=colours.ink),
        words(fitted(given.subject, 2 * _HUB - 6), *centre, colours.paper, align="center", fontWeight="bold"),
    ]
    bottom = top + 10 + high
    if given.left_out:
        said = f"and {given.left_out} lighter {'company' if given.left_out == 1 else 'companies'}"
        marks.append(words(said, centre[0], bottom + 10, colours.quiet, align="center"))
    return frame(width, bottom + (22 if given.left_out else 4), _about(given, nodes), marks)


def _about(given: Network, nodes: Sequence[_Node]) -> str:
    biggest = sorted(nodes, key=lambda node: -node.weight)[:3]
    named = ", ".join(f"{node.party.name} ({_figure(node.edges)})" for node in biggest)
    return f"{len(nodes)} companies around {given.subject}, the biggest: {named}."


def _placed(given: Network, width: float, top: float) -> tuple[list[_Node], float]:
    """The companies on two arcs, the height of the whole in pixels.

    Those of one flow stand together, from the top of the left arc down and up the right one; in each group the
    weightiest is in the middle.
    """
    order: dict[str, list[Edge]] = {}
    for edge in given.edges:
        order.setdefault(edge.company.slug, []).append(edge)
    rows = sorted(order.values(), key=lambda edges: list(Flow).index(edges[0].flow))
    groups = [[own for own in rows if own[0].flow is flow] for flow in Flow]
    around = [own for group in groups for own in _middle_out(group)]
    half = (len(around) + 1) // 2
    step = 34.0 if half <= 12 else 30.0
    high = max(half * step, 120.0)
    reach = min(width / 2 - _room(width), 380.0)
    most = max((sum(edge.usd for edge in own) for own in around), default=0.0)
    nodes = []
    for side, arc in ((-1, around[:half]), (1, list(reversed(around[half:])))):
        for n, own in enumerate(arc):
            along = (n + 0.5) / len(arc) * 2 - 1
            bend = (1 - abs(along) ** 2.4) ** (1 / 2.4)
            x = width / 2 + side * reach * (0.55 + 0.45 * bend)
            y = top + high / 2 + along * (len(arc) * step) / 2
            weight = sum(edge.usd for edge in own) / most if most else 0.0
            nodes.append(_Node(own[0].company, tuple(own), weight, round(x, 1), round(y, 1), side))
    return nodes, high


def _middle_out(group: Sequence[list[Edge]]) -> list[list[Edge]]:
    """Given the weightiest first: it in the middle, the others by turns on both sides of it."""
    return [*reversed(group[1::2]), *group[::2]]


def _room(width: float) -> float:
    """For the names at each side."""
    return min(190.0, width * 0.33)


def _lines(node: _Node, centre: tuple[float, float], most: float, colours: Colours) -> list[Spec]:
    marks = []
    widths = [_THIN + (_WIDE - _THIN) * math.sqrt(edge.usd / most) if most else _THIN for edge in node.edges]
    at = -sum(widths) / 2 - (len(widths) - 1)
    for edge, wide in zip(node.edges, widths, strict=True):
        off = at + wide / 2
        at += wide + 2
        (x1, y1), (x2, y2) = (centre[0], centre[1] + off), (node.x, node.y + off)
        bent = (x1 + x2) / 2 + (x2 - x1) * 0.08
        path = f"M{x1:.1f},{y1:.1f}C{bent:.1f},{y1:.1f} {bent:.1f},{y2:.1f} {x2:.1f},{y2:.1f}"
        marks.append(shape("path", path=path, stroke=colours.flow[edge.flow], strokeWidth=round(wide, 1), opacity=0.6))
    return marks


def _company(node: _Node, circle: bool, width: float, colours: Colours) -> list[Spec]:
    r = 4 + 8 * math.sqrt(node.weight)
    marks = [
        shape("symbol", x=node.x, y=node.y, shape="circle", size=round(math.pi * r * r), fill=colours.ink,
              stroke=colours.paper, strokeWidth=1.5)
    ]  # fmt: skip
    if circle:
        r += 4
        marks.append(
            shape("symbol", x=node.x, y=node.y, shape="circle", size=round(math.pi * r * r), fill="transparent",
                  stroke=colours.ink, strokeWidth=1.5)
        )  # fmt: skip
    x = node.x + node.side * (r + 6)
    room = width - x - 2 if node.side > 0 else x - 2
    align = "left" if node.side > 0 else "right"
    figure = _figure(node.edges)
    up = 7 if figure else 0
    marks.append(words(fitted(node.party.name, room), x, node.y - up, colours.ink, align=align))
    if figure:
        marks.append(words(fitted(figure, room, 11), x, node.y + up, colours.quiet, align=align, fontSize=11))
    return marks


def _figure(edges: Sequence[Edge]) -> str:
    """What the deals of a company come to; one that goes both ways stands in two edges, and once here."""
    usd, gw = (max((getattr(edge, of) for edge in edges), default=0.0) for of in ("usd", "gw"))
    apart = len({deal for edge in edges for deal in edge.deals}) == sum(len(edge.deals) for edge in edges)
    if apart:
        usd, gw = sum(edge.usd for edge in edges), sum(edge.gw for edge in edges)
    return ", ".join([*([money(usd)] if usd else []), *([power(gw)] if gw else [])])

"""Charts as pictures."""

from __future__ import annotations

import re
import sys
from datetime import timedelta
from typing import Any

import pytest
from lxml import etree

from pipeline.charts import draw, specs
from pipeline.errors import UsageError
from tests.charts.test_specs import DAY, GROWTH, HOSTILE, charts, dot

pytest.importorskip("vl_convert")


def test_a_picture_can_stand_in_a_page() -> None:
    """As SVG it is well-formed, says in words what it shows, and holds no script, style, link or foreign address."""
    for name, spec in charts().items():
        assert spec
        tree = etree.fromstring(draw.svg(spec).encode())

        assert tree.get("width") == "860", name
        for node in tree.iter(etree.Element):
            assert etree.QName(node).localname in ("svg", "g", "path", "line", "text", "rect"), node.tag
            assert not {"style", "href", "{http://www.w3.org/1999/xlink}href", "id"} & set(node.attrib)
            assert not [value for value in node.attrib.values() if "url(" in value or "http" in value]
        assert (tree.get("role"), tree.get("aria-label")) == ("img", spec["description"])


def test_a_title_is_text() -> None:
    """Markup in it is shown, not obeyed."""
    spec = specs.timeline([dot(1, 1e9, title=HOSTILE)], DAY + timedelta(days=2))
    assert spec

    tree = etree.fromstring(draw.svg(spec).encode())
    assert any((text.text or "").startswith("<script>") for text in tree.iter("{http://www.w3.org/2000/svg}text"))


@pytest.mark.parametrize("char", ["\0", "\x0b", "\x1b", "\x7f", "\ud800", "\ufffe", "\u202e"])
def test_no_character_ends_the_drawing(char: str) -> None:
    """What XML does not know, or turns the reading direction, is left out; the drawer itself would end the process."""
    spec = specs.timeline([dot(1, 1e9, title=f"Oracle{char} and others")], DAY + timedelta(days=2))
    assert spec

    drawn = draw.svg({**spec, "description": f"A{char}B"})
    etree.fromstring(drawn.encode())
    assert char not in drawn or char == "\x7f"


def test_the_same_chart_is_the_same_picture() -> None:
    """Byte for byte, as SVG and as PNG."""
    spec = charts()["bars"]
    assert spec

    assert draw.svg(spec) == draw.svg(spec)
    assert draw.png(spec) == draw.png(spec)


@pytest.mark.parametrize("scale", [1, 2])
def test_a_png_has_its_size(scale: int) -> None:
    """As many pixels as the chart has, by the scale (PNG's header holds them, section 11.2.1 of its specification)."""
    spec = specs.bars_small(GROWTH)
    assert spec
    data = draw.png(spec, scale)

    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    assert int.from_bytes(data[16:20], "big") == 560 * scale
    assert len(data) < 100_000


def test_nothing_is_loaded() -> None:
    """A chart that asks for an address is refused before anyone is asked."""
    asking: dict[str, Any] = {"width": 9, "height": 9, "data": [{"name": "x", "url": "http://127.0.0.1:9/x.json"}]}

    with pytest.raises(ValueError, match="not allowed"):
        draw.svg(asking)


def test_without_vl_convert_the_way_out_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """What to install."""
    monkeypatch.setitem(sys.modules, "vl_convert", None)

    with pytest.raises(UsageError, match=re.escape("pip install 'dealwire[web]'")):
        draw.svg({})

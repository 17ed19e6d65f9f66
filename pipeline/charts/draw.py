"""Charts to pictures, by vl-convert."""

from __future__ import annotations

import re
from typing import Any
from xml.sax.saxutils import quoteattr

from pipeline.charts.specs import Spec
from pipeline.errors import UsageError

_UNFIT = re.compile(
    "[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"  # XML 1.0, section 2.2
    "|[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]"  # turns the reading direction (Unicode's UAX 9)
)


def svg(spec: Spec) -> str:
    """The chart as SVG with no style of its own, no script and no link. Raises UsageError where vl-convert is missing.

    What it shows stands in its label. Nothing is loaded from anywhere: a chart that asked for it would be refused.
    """
    spec = _drawable(spec)
    drawn: str = _converter().vega_to_svg(spec, allowed_base_urls=[])
    return drawn.replace("<svg ", f'<svg role="img" aria-label={quoteattr(spec.get("description", ""))} ', 1)


def png(spec: Spec, scale: float = 2) -> bytes:
    """The chart as PNG, `scale` pixels for each of its own. Raises UsageError as `svg` does."""
    drawn: bytes = _converter().svg_to_png(svg(spec), scale=scale)
    return drawn


def _drawable(value: Any) -> Any:
    """A spec without the characters that XML does not know, at which drawing would end the process."""
    match value:
        case dict():
            return {key: _drawable(item) for key, item in value.items()}
        case list() | tuple():
            return [_drawable(item) for item in value]
        case str():
            return _UNFIT.sub(" ", value)
        case _:
            return value


def _converter() -> Any:
    try:
        import vl_convert
    except ImportError as error:
        raise UsageError("Charts need vl-convert: pip install 'dealwire[web]'.") from error
    return vl_convert

"""What charts look like, as Vega has it: each a pure function of plain values, a theme and a width in pixels."""

from pipeline.charts.specs.areas import cumulative
from pipeline.charts.specs.bars import bars_small
from pipeline.charts.specs.dots import timeline
from pipeline.charts.specs.ring import network
from pipeline.charts.specs.theme import Spec, Theme

__all__ = ["Spec", "Theme", "bars_small", "cumulative", "network", "timeline"]

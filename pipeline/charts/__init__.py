"""Values to charts: `specs` says as Vega what a chart looks like, `draw` makes a picture of it."""

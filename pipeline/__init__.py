"""Dealwire: feeds in, alerts and a digest out. The story is told in `pipeline.flow`."""

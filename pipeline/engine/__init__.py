"""Where and when the units of work run."""

"""YAML to validated settings: `load` reads a folder, `schema` says what may stand in it."""

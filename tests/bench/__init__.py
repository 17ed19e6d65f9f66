"""What Dealwire takes for its work, beside its peers and against what is asked of it.

A module for each part, with `figures()`; `PARTS` in `__main__` names them.
"""

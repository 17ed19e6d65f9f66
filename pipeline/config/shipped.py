"""The configuration that comes with Dealwire."""

from pathlib import Path


def shipped_folder() -> Path:
    """Where it lies: in the installed package, or beside it in the checkout that it runs from."""
    package = Path(__file__).parent.parent
    inside = package / "shipped"
    return inside if inside.is_dir() else package.parent / "config"

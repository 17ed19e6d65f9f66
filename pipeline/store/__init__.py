"""Every query. The only room that opens a session."""

from sqlmodel import Session

from pipeline.store.database import Store, part

__all__ = ["Session", "Store", "part"]

"""Every query. The only room that opens a session."""

from sqlmodel import Session

from pipeline.store.database import Store, copied, part

__all__ = ["Session", "Store", "copied", "part"]

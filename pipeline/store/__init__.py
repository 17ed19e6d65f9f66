"""Every query. The only room that opens a session."""

from pipeline.store.database import Session, Store

__all__ = ["Session", "Store"]

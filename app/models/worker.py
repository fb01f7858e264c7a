"""What the worker processes leave behind for each other and for the health page."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, utcnow


class WorkerHeartbeat(Base):
    """A worker process that is alive writes here every few seconds."""

    __tablename__ = "worker_heartbeats"

    name: Mapped[str] = mapped_column(primary_key=True)
    started_at: Mapped[datetime] = mapped_column(default=utcnow)
    seen_at: Mapped[datetime] = mapped_column(default=utcnow)


class JobRun(Base):
    """A periodic job's run, keyed by the time it was due: several workers, one run."""

    __tablename__ = "job_runs"

    job: Mapped[str] = mapped_column(primary_key=True)
    due_at: Mapped[datetime] = mapped_column(primary_key=True)
    started_at: Mapped[datetime] = mapped_column(default=utcnow)
    finished_at: Mapped[datetime | None]
    outcome: Mapped[str] = mapped_column(default="")

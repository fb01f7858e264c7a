"""Counting what a page asks the database."""

from __future__ import annotations

from tests.console.conftest import count_queries

__all__ = ["count_queries"]

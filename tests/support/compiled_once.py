"""Many apps in one process: their routes, pages and statements are the same; each is compiled only once."""

from __future__ import annotations

from typing import Any

from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from sqlalchemy import Engine
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.util import LRUCache
from werkzeug.routing import Rule

from app.extensions import db


def remember_compiled_routes() -> None:
    """Most of the time that an app takes to make is Werkzeug's, which parses each route and writes a function
    for it.

    What comes of it depends on the route alone, so the next app of this process gets the same.
    """
    compile_rule = Rule.compile
    made: dict[Any, dict[str, Any]] = {}

    def remembered(rule: Any) -> None:
        key = (rule.rule, rule.host, rule.subdomain, repr(rule.defaults), rule.merge_slashes)
        if key not in made:
            compile_rule(rule)
            made[key] = {
                "_parts": rule._parts,
                "_trace": rule._trace,
                "_converters": rule._converters,
                "arguments": frozenset(rule.arguments),
                "_build": rule._build.__func__,
                "_build_unknown": rule._build_unknown.__func__,
            }
            return
        known = made[key]
        for name in ("_parts", "_trace", "_converters"):
            setattr(rule, name, known[name])
        rule.arguments.update(known["arguments"])
        for name in ("_build", "_build_unknown"):
            setattr(rule, name, known[name].__get__(rule, None))

    setattr(Rule, "compile", remembered)  # noqa: B010 - a method of another library's class


class CompiledPages(BytecodeCache):
    """Jinja's pages, compiled, in memory. A third of the time of the page tests went into compiling them."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._kept:
            bucket.bytecode_from_string(self._kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key] = bucket.bytecode_to_string()


class CompiledStatements:
    """SQLAlchemy's statements as text. Each engine compiles its own: a quarter of the time of most tests.

    What comes of a statement depends on the kind of database alone. SQLAlchemy files it under the dialect
    object, of which each engine has one; here all of a kind count as the same one.
    """

    _KEPT = 3_000

    def __init__(self) -> None:
        self._kept: LRUCache[Any, Any] = LRUCache(self._KEPT)
        for kind in (SQLiteDialect_pysqlite, PGDialect_psycopg):
            setattr(kind, "__eq__", _is_of_the_same_kind)  # noqa: B010 - a method of another library's class
            setattr(kind, "__hash__", _hash_of_the_kind)  # noqa: B010

    def share_with(self, app: Flask) -> None:
        with app.app_context():
            engine: Engine = db.engine
        engine._compiled_cache = self._kept


def _is_of_the_same_kind(dialect: Dialect, other: object) -> bool:
    return type(dialect) is type(other)


def _hash_of_the_kind(dialect: Dialect) -> int:
    return hash(type(dialect))

"""Many apps in one process: their routes and pages are the same, and need be compiled only once."""

from __future__ import annotations

from typing import Any

from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from werkzeug.routing import Rule


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

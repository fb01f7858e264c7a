"""Many apps in one process: their routes and pages are the same, and need be compiled only once."""

from __future__ import annotations

from typing import Any

from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from werkzeug.routing import Rule


def remember_compiled_routes() -> None:
    """Most of the time that an app takes to make is Werkzeug's, which writes a function for each route.

    What it writes depends on the route alone (it finds the converters through the rule it is bound to), so
    the next app of this process gets the same. Nine of ten milliseconds of each test's app are saved.
    """
    compile_builder = Rule._compile_builder
    made: dict[Any, Any] = {}

    def remembered(rule: Any, append_unknown: bool = True) -> Any:
        key = (rule.rule, tuple(rule._trace), repr(rule.defaults), append_unknown)
        if key not in made:
            made[key] = compile_builder(rule, append_unknown)
        return made[key]

    setattr(Rule, "_compile_builder", remembered)  # noqa: B010 - a method of another library's class


class CompiledPages(BytecodeCache):
    """Jinja's pages, compiled, in memory. A third of the time of the page tests went into compiling them."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._kept:
            bucket.bytecode_from_string(self._kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key] = bucket.bytecode_to_string()

"""A submitted screen of a Flow: the names of the page's fields, and files beside them."""

from collections.abc import Callable
from typing import Any

from werkzeug.datastructures import FileStorage, MultiDict

from ..flow_player.items import Item, Part

# A Flow chooses the names of its fields; with this before them they meet none of the page's own.
BEFORE = "f:"
SAMPLE, KEPT = ":sample", ":kept"
MOST_FILES = 30


class FormEntries:
    """keep: stores an uploaded file and answers its entry. sample: the same for one of ours, by kind."""

    def __init__(
        self,
        form: "MultiDict[str, str]",
        files: "MultiDict[str, FileStorage]",
        keep: Callable[[FileStorage], Part],
        sample: Callable[[str], Part],
    ) -> None:
        self._form = form
        self._files = files
        self._keep = keep
        self._sample = sample

    def one(self, name: str) -> str:
        return self._form.get(BEFORE + name, "")

    def many(self, name: str) -> list[str]:
        return self._form.getlist(BEFORE + name)

    def files(self, item: Item) -> list[Part]:
        """Those picked before and not taken away, then the new ones."""
        name = BEFORE + item.name
        kept = set(self._form.getlist(name + KEPT))
        found = [entry for entry in _entries(item.value) if entry.get("id") in kept]
        new = self._files.getlist(name)[: MOST_FILES - len(found)]
        found += [self._keep(file) for file in new if file.filename]
        if self._form.get(name + SAMPLE) and len(found) < MOST_FILES:
            found.append(self._sample(item.kind))
        return found


def _entries(value: Any) -> list[Part]:
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []

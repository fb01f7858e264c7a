"""The app's own commands, several in one Python: `flask` would load the app anew for each (2 s).

Run as a program (`python -m tools.app_shell`, in the virtual environment) it is the other end: it reads a
command a line, as JSON, carries it out in the loaded app and answers with a line of JSON.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import traceback
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from tools.say import Stop, last_line

_OWN_WORDS = "waba-console cannot start: "


class AppShell:
    """Carries out commands of the app; use it in a `with` block.

    log: the file that keeps what a failed command printed, and the app's warnings.
    """

    def __init__(self, root: Path, environ: Mapping[str, str], log: Path) -> None:
        self._log = log
        with log.open("w", encoding="utf-8") as errors:
            self._process = subprocess.Popen(
                ["python", "-m", "tools.child", "python", "-m", "tools.app_shell"],
                cwd=root,
                env=dict(environ),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                start_new_session=True,  # Ctrl-C is for us to handle: the closed pipe ends it
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self._process.communicate()

    def flask(self, *arguments: str, failure: str, given: str = "") -> str:
        """Carry out `flask ARGUMENTS`; what it printed.

        given: its standard input. failure: how the Stop begins that is raised when it fails.
        """
        answer = self._ask({"arguments": arguments, "given": given})
        if answer is None:
            raise self._why_not_loaded(failure)
        code, output = answer
        if code == 0:
            return output
        with self._log.open("a", encoding="utf-8") as log:
            log.write(output)
        raise Stop(f"{failure}: {last_line(output)} (more is in {self._log.parent.name}/{self._log.name})")

    def _ask(self, command: Mapping[str, object]) -> tuple[int, str] | None:
        """The exit code and the output; None when the app did not load or has crashed."""
        if self._process.stdin is None or self._process.stdout is None:
            return None
        try:
            self._process.stdin.write(json.dumps(command) + "\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            return None
        line = self._process.stdout.readline()
        if not line:
            return None
        answer = json.loads(line)
        return answer["code"], answer["output"]

    def _why_not_loaded(self, failure: str) -> Stop:
        reason = last_line(self._log.read_text(encoding="utf-8"))
        if reason.startswith(_OWN_WORDS):
            return Stop(reason.removeprefix(_OWN_WORDS))
        return Stop(f"{failure}: {reason} (more is in {self._log.parent.name}/{self._log.name})")


def _serve() -> None:
    """Answer one line after the other, until the other end closes."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what the app logs may not get between the answers
    from wsgi import app

    runner = app.test_cli_runner()
    for line in sys.stdin:
        command = json.loads(line)
        result = runner.invoke(args=command["arguments"], input=command["given"])
        output = result.output
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            output += "".join(traceback.format_exception(result.exception))
        print(json.dumps({"code": result.exit_code, "output": output}), file=answers, flush=True)


if __name__ == "__main__":
    _serve()

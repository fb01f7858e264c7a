"""`python3 -m tools COMMAND`: the entry point the Makefile calls.

This file must parse on any Python 3, so that an old one gets a sentence instead of a syntax error.
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - this very check is what the old Python must reach
    sys.exit(
        "waba-console needs Python 3.11 or newer; this is Python {}.{}. "
        "Install one, or name it: make run PYTHON=/path/to/python3".format(*sys.version_info[:2])
    )

from tools.commands import main

sys.exit(main(sys.argv[1:]))

"""Everything the console knows, in one file, and back again: `take` and `put_back`.

The file names no database: what was taken on SQLite can be put back on PostgreSQL, which is also the way
from one machine to many. See docs/decisions/0016-backup.md.
"""

from app.services.backup.putting_back import PutBack, put_back
from app.services.backup.taking import Taken, take

__all__ = ["PutBack", "Taken", "put_back", "take"]

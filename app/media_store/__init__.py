"""Where files of messages lie: on this machine's disk, in the database, or in an S3-compatible store.

One small interface for all three (`MediaStore`). A file's key is made here (`new_key`); the sender's name for
it never becomes one. The stores write in transactions of their own, never in the session's, and none
is open while bytes travel to a browser or from Meta.
"""

from app.media_store.choice import open_store
from app.media_store.interface import MediaStore, NotStored, StoreTrouble, check_key, new_key

__all__ = ["MediaStore", "NotStored", "StoreTrouble", "check_key", "new_key", "open_store"]

"""Files of contacts: read, mapped, checked line by line, taken over by the worker, and undone."""

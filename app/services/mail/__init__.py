"""E-mail to people: what is to be sent stands in rows, a worker sends it."""

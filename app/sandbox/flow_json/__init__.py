"""Flow JSON: reading it, its expressions, and what is wrong with it. Knows no table, page or request."""

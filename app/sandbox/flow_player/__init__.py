"""Plays a Flow as a phone does: screens, entries, actions, the endpoint. Knows no page and no table."""

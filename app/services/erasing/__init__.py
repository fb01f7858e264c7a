"""Erasing a person everywhere, on their own request, with a proof; and all that is
held about one, as a file.
"""

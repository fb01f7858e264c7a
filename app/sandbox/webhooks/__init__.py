"""Webhooks out: their bodies, who gets them, when, and the threads that post them."""

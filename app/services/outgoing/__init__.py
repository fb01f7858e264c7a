"""Outgoing webhooks: customers' own systems are told of chosen events."""

"""Everything that speaks with Meta: the Graph client, its errors, payloads, rules and webhooks.

Knows no Flask, no database and nothing else of ours, so that it can be read and tested alone.
Meta's own names rule in here (`waba_id`, `phone_number_id`, `wamid`).
"""

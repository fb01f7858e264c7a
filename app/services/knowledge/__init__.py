"""The bot's knowledge base: its articles, the search over them, and their import from files."""

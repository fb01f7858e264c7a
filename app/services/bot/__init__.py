"""The bot: a pure decision (`decide`), what it is made on (`plan`, `facts`), and its effects (`live`)."""

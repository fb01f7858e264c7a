"""Files in the composer: recognised by their bytes, kept, handed to Meta, and sent as messages."""

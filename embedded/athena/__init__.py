"""Athena, as far as MiniStack strays: whose permissions, how much is scanned, what is written where, once."""

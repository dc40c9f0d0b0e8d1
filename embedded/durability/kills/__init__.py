"""Kills of the server at random moments, and whether all that it had acknowledged is there after them."""

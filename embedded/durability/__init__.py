"""What was accepted is on disk before it is answered: MiniStack's state, saved by what changed."""

"""One module for each type of state."""

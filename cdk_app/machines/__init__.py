"""What each state machine calls and may do: one module for each machine."""

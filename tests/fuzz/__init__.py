"""Fuzzing: whatever bytes come in, only the promised errors go out."""

"""The images slice."""

"""Layers and function code as zip files, made for the target's platform without Docker."""

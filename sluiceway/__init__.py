"""Sluiceway: push data or code, get a trained, registered, deployed and watched model."""

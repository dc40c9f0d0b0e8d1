"""Roles that are handed to services: by which operations, to whom, and what AWS then asks."""

"""Starts everything on one machine, keeps it running and stops it in order. Knows nothing about what the parts do."""

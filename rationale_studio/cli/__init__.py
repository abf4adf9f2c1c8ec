"""The command `studio`: what is done outside of the pages."""

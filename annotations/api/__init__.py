"""The REST API: the pages' selectors and functions, as JSON."""

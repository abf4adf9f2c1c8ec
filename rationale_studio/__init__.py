"""The site: settings, addresses, Celery, and the servers that one command starts. Wiring, no domain."""

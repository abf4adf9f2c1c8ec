"""The embedded PostgreSQL and Valkey: started, adopted, guarded and stopped. Knows nothing about what they hold."""

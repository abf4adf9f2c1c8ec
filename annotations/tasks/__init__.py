"""What workers do. Only this package imports engines, search, verifiers, scoring and trainers."""

"""Models and algorithms over reasoning steps. Never imports Django or Celery; usable as a library."""

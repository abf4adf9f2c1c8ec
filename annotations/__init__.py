"""The Django app: the rows and what may happen to them."""

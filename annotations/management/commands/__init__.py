"""Commands of manage.py; each calls one function that the pages call too."""

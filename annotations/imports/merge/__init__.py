"""From temporary tables into the project: staging holds them, one module a family of statements merges them."""

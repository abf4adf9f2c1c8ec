"""Where checkable problems are from: generators of problems with answers, a file each."""

"""Forms built from the settings dataclasses of inference: what a page shows of them and what it reads back."""

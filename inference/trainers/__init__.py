"""Making models from labelled steps. Loads no model code."""

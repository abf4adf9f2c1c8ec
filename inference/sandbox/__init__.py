"""Where code that a model wrote may run. Knows nothing about verifiers, steps or trees."""

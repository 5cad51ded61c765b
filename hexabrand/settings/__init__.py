"""Settings, one module per role."""

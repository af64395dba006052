"""An example of a plugin distribution."""

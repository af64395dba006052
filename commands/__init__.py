"""The commands, one file a family; what they share begins with an underscore."""

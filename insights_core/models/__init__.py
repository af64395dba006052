"""What joins models that are asked for names: what of a query they may see."""

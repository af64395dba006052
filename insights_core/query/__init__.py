"""What queries mean: one room a format, one shape for all of them."""

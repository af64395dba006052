"""SQL of any dialect, read into its meaning."""

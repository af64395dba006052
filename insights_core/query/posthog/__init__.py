"""PostHog's queries: nodes, bare or inside the nodes that show them, and the older `filters` form."""

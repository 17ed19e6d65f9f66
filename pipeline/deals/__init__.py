"""What is said of deals, and the deals that come of it."""

"""URL to bytes, bytes to entries, HTML to text, and when to poll next."""

"""`dealwire demo`: a sample news site, catchers for mail and webhooks, and the real pipeline between them."""

"""The ops that combine elements along axes."""

"""Where shared variables live: storages, the spaces of memory that they are in, leases."""

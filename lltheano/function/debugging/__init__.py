"""What `DebugMode` looks for besides wrong values."""

"""Elements in order: sorting, ranks, searching, counting."""

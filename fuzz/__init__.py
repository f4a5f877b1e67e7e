"""Property-based fuzzing of LLTheano: what to try (strategies), and what must hold (oracles)."""

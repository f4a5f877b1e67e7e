"""Programs that say where their time goes: their statements in regions, each with a clock."""

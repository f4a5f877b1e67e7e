"""The same elements in other positions: axes moved, elements repeated, triangles kept."""

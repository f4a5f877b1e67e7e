"""Compiled programs: how one is made, called and looked into."""

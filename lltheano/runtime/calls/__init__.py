"""Calls of compiled programs: plans, arguments, results, calls back into Python."""

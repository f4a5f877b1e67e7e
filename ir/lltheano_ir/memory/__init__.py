"""Where values live in memory: updates in place, the commit point, and buffers that share memory.
"""

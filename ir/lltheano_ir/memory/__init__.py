"""Where values live in memory: updates in place, the commit point, buffers that share memory."""

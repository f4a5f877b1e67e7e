"""Where the time of compiled functions goes: what is counted, summed up, and shown."""

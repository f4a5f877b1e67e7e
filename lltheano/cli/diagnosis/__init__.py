"""What `lltheano doctor` looks at."""

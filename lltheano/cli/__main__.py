"""`python -m lltheano.cli` is the command `lltheano`."""

from lltheano.cli.application import main

main()

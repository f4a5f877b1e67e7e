"""`python -m lltheano` is the command `lltheano`."""

from lltheano.cli.application import main

main()

"""`python -m guitu`."""

from guitu.cli import main

main(prog_name="guitu")

"""`python -m bursar.cli` is the program `bursar`."""

from bursar.cli.main import main

if __name__ == "__main__":
    main()

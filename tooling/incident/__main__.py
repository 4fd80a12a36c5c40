"""`python -m incident` is the `incident` command."""

from incident.commands import main

if __name__ == "__main__":
    main()

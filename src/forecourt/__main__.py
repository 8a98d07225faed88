"""``python -m forecourt``."""

from forecourt.cli import main

if __name__ == "__main__":
    main()

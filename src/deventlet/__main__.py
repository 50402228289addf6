"""Run the command line as ``python -m deventlet``; it may do nothing else."""

from deventlet.cli import main

if __name__ == "__main__":
    main()

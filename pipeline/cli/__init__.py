"""The command line. A file per command group; heavy rooms are imported inside commands."""

"""One module for each subcommand of `hybrid-search`, imported only when that command runs."""

"""`python -m scalargrad` is the command `scalargrad`."""

from .cli import main

raise SystemExit(main())

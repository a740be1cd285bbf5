"""`python -m operational_app.cli`: what `./hub` hands over to."""

import sys

from operational_app.cli import main

sys.exit(main())

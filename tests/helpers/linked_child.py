"""Kibitz itself, except that every pairing has the code of the tests: only the panel knows the real one."""

from __future__ import annotations

from desktop.__main__ import main
from desktop.link.link import Link
from tests.helpers.links import CODE

if __name__ == "__main__":
    assert Link.__init__.__kwdefaults__ is not None
    Link.__init__.__kwdefaults__["digits"] = lambda: CODE
    raise SystemExit(main())

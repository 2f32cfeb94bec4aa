"""Files that ship with Kibitz: icons, styles, SQL migrations, demo data, default triggers, models."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent

"""Where files for connections are put."""

from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def root(tmp_path: Path, settings: Any) -> Path:
    """The folder of all organizations."""
    settings.TENANTRY_SYNC_DIR = str(tmp_path)
    return tmp_path

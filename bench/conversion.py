"""Filling org_id: the engine beside one plain UPDATE, two workers, keys, a constant, traffic, and what Django offers.

usage: python bench/conversion.py [PART …], of ways keys constants django traffic; in a database of its own beside
DATABASE_URL's. SIZE (200,000) rows; REPEAT (1) runs of the first part, of which the median counts. Who writes in any
database of the server keeps pages from being pruned, and passes that live from pruning bring nothing then: measure on
a server that does nothing else. Ratios are of one run on one machine.
"""

import importlib
import os
import sys
from pathlib import Path

import django

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

if __name__ == "__main__":
    django.setup()
    # Its models can be imported only now.
    importlib.import_module("bench._conversion_ways").main(*sys.argv[1:])

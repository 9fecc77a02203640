"""Filling org_id: the engine beside one plain UPDATE, two workers, keys, a constant, and what Django offers.

Run it on an empty database of its own: DATABASE_URL=… [SIZE=5000000] [REPEAT=3] python -m bench.conversion [part …]
Ratios are of one run on one machine; nothing is asserted.
"""

import importlib
import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

if __name__ == "__main__":
    django.setup()
    # Its models can be imported only now.
    importlib.import_module("bench.conversion_ways").main(*sys.argv[1:])

"""One organization out of the database and back: exported to a file, restored from it, erased with proof."""

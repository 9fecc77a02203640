"""The console's front page: what needs attention, then pictures of where things stand."""

"""Ground floor: who is acting (claims) and what happened (the log). Imports no other app."""

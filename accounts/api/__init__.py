"""The API of the top floor: signing in, sessions, oneself."""

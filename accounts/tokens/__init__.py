"""Access tokens, the keys that sign them, the sessions they belong to, and what a request may bear."""

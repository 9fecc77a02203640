"""What the database holds: facts read from its catalog, without judgement."""

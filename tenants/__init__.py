"""The middle floor: organizations, members, and everything that belongs to one organization."""

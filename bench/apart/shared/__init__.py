"""What stands once."""

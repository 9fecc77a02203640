"""What people see and do, in a real browser; a package, so that its database is given back when it is left."""

"""The vault: credentials of integrations, encrypted in this process, so that the database never sees one."""

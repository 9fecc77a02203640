"""From facts to a proposal: a route per table, with the reason for it."""

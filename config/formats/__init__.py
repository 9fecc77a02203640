"""How dates are written: day first, 24 hours, whatever the machine."""

"""The steps of a conversion, one module each: column, constrain, guard, cutover, release, and the way back."""

"""The access review: detectors find access that looks wrong, people decide, and cleanings remove it with a way back."""

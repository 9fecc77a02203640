"""The demo world: believable organizations and people, made once and never touched again."""

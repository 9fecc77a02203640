"""The API of the middle floor: screens over querysets and verbs, generated where they are alike."""

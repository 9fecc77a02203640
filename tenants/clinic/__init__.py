"""How DSOs, their doctors and their access rows came from a time before organizations: what migrations 0008-0019 do."""

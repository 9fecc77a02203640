"""The top floor: people, who they are to us, and which organization they act for."""

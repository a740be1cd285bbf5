"""Leave, shifts, punches and attendance."""

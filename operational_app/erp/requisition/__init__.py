"""What people need to have bought: asked for, approved, then ordered."""

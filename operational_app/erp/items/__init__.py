"""What is bought, made, stocked and sold."""

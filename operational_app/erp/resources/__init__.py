"""How well machines, material, stock and suppliers are used, and what to change."""

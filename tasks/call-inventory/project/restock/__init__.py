"""The weekly restock summary."""

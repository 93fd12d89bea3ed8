"""Clean customer lists."""

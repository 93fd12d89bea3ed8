"""A web log out of a folder of Markdown files."""

"""The images that sandboxes are made of: found, built, named by their content."""

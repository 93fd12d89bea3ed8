"""Images, containers, shells and the exec filter: the only place that knows Docker."""

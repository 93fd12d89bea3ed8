"""The feed: the posts as XML, the newest first."""

from xml.sax.saxutils import escape


def entry(post, base):
    """Return one entry of the feed."""
    return (
        f"<entry><title>{escape(post.title)}</title>"
        f"<id>{base}/{post.slug}</id><updated>{post.date}</updated></entry>"
    )


def feed(posts, base):
    """Return the whole feed."""
    entries = "\n".join(entry(post, base) for post in reversed(posts))
    return f"<feed>\n{entries}\n</feed>"

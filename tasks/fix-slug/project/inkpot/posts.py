"""Posts: Markdown files whose first line is the title and whose name begins with the date."""

from dataclasses import dataclass

from inkpot.slug import slugify, unique


@dataclass(frozen=True)
class Post:
    """One post, ready to be published."""

    date: str
    title: str
    slug: str
    body: str


def read(folder):
    """Return the posts of a folder, the oldest first."""
    posts, taken = [], set()
    for path in sorted(folder.glob("*.md")):
        title, _, body = path.read_text(encoding="utf-8").partition("\n")
        title = title.removeprefix("#").strip()
        slug = unique(slugify(title), taken)
        taken.add(slug)
        posts.append(Post(date=path.name[:10], title=title, slug=slug, body=body.strip()))
    return posts

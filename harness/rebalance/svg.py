"""A drawing in SVG: a few shapes and text, in one style for light and dark, as one string.

Remembers where its texts are, roughly, so that a test can tell whether any two overlap. Knows no data.
"""

import textwrap
from html import escape

WIDE = 0.56  # of the size: an average letter of a sans-serif face
SMALL, PLAIN, LARGE = 11, 12, 15

# Light first; what differs in the dark follows. Shapes carry the meaning, colour repeats it.
STYLE = """
.ground{fill:#fff} text{font-family:system-ui,-apple-system,"Segoe UI","DejaVu Sans",sans-serif;fill:#1f2328}
.quiet{fill:#59636e} .strong{font-weight:600} .line{stroke:#d1d9e0;fill:none} .base{stroke:#59636e;fill:none}
.mark{stroke:#1f2328;fill:none;stroke-dasharray:2 3} .flag{fill:#1f2328}
.limit{stroke:#59636e;stroke-dasharray:5 3;fill:none}
.plan{stroke:#1f2328;stroke-width:2;stroke-dasharray:6 4;fill:none} .halo{stroke:#fff;stroke-width:3;fill:none}
.bare{fill:#d9822b;stroke:#9a4f00} .with{fill:#5b9bd5;stroke:#0b5394} .wait{fill:#b4b9bf;stroke:#59636e}
.measured{fill:none;stroke:#0b5394;stroke-width:2}
.expected{fill:none;stroke:#9a4f00;stroke-width:2;stroke-dasharray:6 4}
@media (prefers-color-scheme:dark){
.ground{fill:#0d1117} text{fill:#f0f6fc} .quiet{fill:#9da7b1} .line{stroke:#3d444d} .base{stroke:#9198a1}
.mark{stroke:#f0f6fc} .flag{fill:#f0f6fc} .limit{stroke:#9da7b1}
.plan{stroke:#f0f6fc} .halo{stroke:#0d1117}
.bare{fill:#b5651d;stroke:#ffb366} .with{fill:#2f6fab;stroke:#8cc4ff} .wait{fill:#4a525c;stroke:#9da7b1}
.measured{stroke:#8cc4ff} .expected{stroke:#ffb366}}
"""


def across(words, size=PLAIN):
    """How wide these words are, about."""
    return len(words) * size * WIDE


def fitting(room, *wordings, size=PLAIN):
    """The first of the wordings that has room; the last, if none has."""
    return next((words for words in wordings if across(words, size) <= room), wordings[-1])


def number(value):
    return f"{value:.1f}".removesuffix(".0")


class Drawing:
    def __init__(self, width, title, says):
        self.width, self.height, self.title, self.says = width, 0, title, says
        self.parts, self.texts = [], []

    def reach(self, y):
        self.height = max(self.height, y)

    def shape(self, kind, css, **attributes):
        told = " ".join(f'{name}="{value if isinstance(value, str) else number(value)}"'
                        for name, value in attributes.items())
        self.parts.append(f'<{kind} class="{css}" {told}/>')

    def rect(self, css, x, y, width, height):
        self.shape("rect", css, x=x, y=y, width=width, height=height)
        self.reach(y + height)

    def line(self, css, x1, y1, x2, y2):
        self.shape("line", css, x1=x1, y1=y1, x2=x2, y2=y2)
        self.reach(max(y1, y2))

    def path(self, css, points, closed=False):
        if points:
            steps = "L".join(f"{number(x)} {number(y)}" for x, y in points)
            self.shape("path", css, d=f"M{steps}" + ("Z" if closed else ""))

    def area(self, css, points, floor):
        """Points joined by a line, and what is under it."""
        if points:
            self.path(css, [(points[0][0], floor), *points, (points[-1][0], floor)], closed=True)

    def text(self, x, y, words, css="", size=PLAIN, anchor="start"):
        self.parts.append(f'<text x="{number(x)}" y="{number(y)}" class="{css}" font-size="{size}" '
                          f'text-anchor="{anchor}">{escape(words)}</text>')
        wide = across(words, size)
        left = {"start": x, "middle": x - wide / 2, "end": x - wide}[anchor]
        self.texts.append((left, y - size * 0.8, left + wide, y + size * 0.2, words))
        self.reach(y + size * 0.3)

    def paragraph(self, x, y, words, css="", size=PLAIN):
        """As many lines as the drawing's width makes of it; where the last one stands."""
        for place, line in enumerate(textwrap.wrap(words, int((self.width - x) / (size * WIDE)))):
            y += (place > 0) * size * 1.4
            self.text(x, y, line, css, size)
        return y

    def overlaps(self):
        """Pairs of texts that cover one another, and texts that leave the drawing."""
        found = [(one[4], "the edge") for one in self.texts if one[0] < 0 or one[2] > self.width]
        for place, one in enumerate(self.texts):
            found += [(one[4], other[4]) for other in self.texts[place + 1:]
                      if one[0] < other[2] and other[0] < one[2]
                      and one[1] < other[3] and other[1] < one[3]]
        return found

    def whole(self):
        height = round(self.height + 14)
        return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.width} {height}" '
                f'width="{self.width}" height="{height}" role="img" '
                f'aria-label="{escape(self.title)}"><title>{escape(self.title)}</title>'
                f"<desc>{escape(self.says)}</desc>"
                f"<style>{STYLE}</style>"
                f'<rect class="ground" width="{self.width}" height="{height}"/>'
                + "\n".join(self.parts) + "</svg>\n")

"""The picture: processor time a request against the bare server, a bar for each way to be limited.

Every bar is named and numbered, and the three kinds differ in pattern, so no colour is needed. Knows
numbers and SVG. Follows the reader's choice of a light or a dark page.
"""

from dataclasses import dataclass
from xml.sax.saxutils import escape

WIDTH, LEFT, RIGHT, EDGE = 760, 180, 60, 10
TOP, LINE, BAR, GAP, GROUP = 84, 20, 16, 5, 14
OURS, NATIVE, PROXY = "ours", "native", "proxy"
TICKS = 5

STYLE = """
  .page { fill: #ffffff } text { font: 13px system-ui, sans-serif; fill: #1f2328 }
  .title { font-size: 16px; font-weight: 600 } .server { font-weight: 600 }
  .quiet { fill: #59636e; font-size: 12px } .line { stroke: #c8ced5; stroke-width: 1 }
  .one { stroke: #59636e; stroke-width: 1; stroke-dasharray: 3 3 }
  .ours { fill: #6cb0f5; stroke: #0969da } .native { fill: none; stroke: #59636e; stroke-width: 1.5 }
  .proxy { fill: url(#hatch); stroke: #9a6700 } .hatch { stroke: #9a6700; stroke-width: 2 }
  .spread { stroke: #1f2328; stroke-width: 1 }
  @media (prefers-color-scheme: dark) {
    .page { fill: #0d1117 } text { fill: #f0f6fc } .quiet { fill: #9198a1 }
    .line { stroke: #3d444d } .one { stroke: #9198a1 } .ours { fill: #1f6feb; stroke: #4493f8 }
    .native { stroke: #9198a1 } .proxy, .hatch { stroke: #d29922 } .spread { stroke: #f0f6fc }
  }
"""
HATCH = ('<pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse"'
         ' patternTransform="rotate(45)"><line class="hatch" x1="0" y1="0" x2="0" y2="6"/></pattern>')


@dataclass(frozen=True)
class Bar:
    name: str
    kind: str
    middle: float
    least: float
    most: float


def drawn(title, note, groups):
    """`groups`: server → its bars. SVG as text."""
    most = max(bar.most for bars in groups.values() for bar in bars)
    scale = (WIDTH - LEFT - RIGHT) / max(most, 1.0)
    body, y = [], TOP
    for server, bars in groups.items():
        body.append(text(EDGE, y + 13, server, "server"))
        y += LINE
        for bar in bars:
            body += row(bar, y, scale)
            y += BAR + GAP
        y += GROUP
    size = f'viewBox="0 0 {WIDTH} {y}" width="{WIDTH}" height="{y}"'
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-labelledby="title note">',
        f'<title id="title">{escape(title)}</title>', f'<desc id="note">{escape(note)}</desc>',
        f"<style>{STYLE}</style>", f"<defs>{HATCH}</defs>",
        f'<rect class="page" width="{WIDTH}" height="{y}"/>',
        text(EDGE, 26, title, "title"), text(EDGE, 46, note, "quiet"),
        *axis(scale, most, y - GROUP), *body, "</svg>", ""])


def axis(scale, most, bottom):
    step = max(1, round(most / TICKS))
    for value in sorted({1, *range(0, int(most) + 1, step)}):
        x = LEFT + value * scale
        yield line(x, TOP - 8, x, bottom, "one" if value == 1 else "line")
        yield text(x, TOP - 14, str(value), "quiet", "middle")


def row(bar, y, scale):
    middle, end = y + BAR / 2, LEFT + bar.most * scale
    yield text(LEFT - 8, y + 13, bar.name, "", "end")
    yield (f'<rect class="{bar.kind}" x="{LEFT}" y="{y}" width="{bar.middle * scale:.1f}"'
           f' height="{BAR}"/>')
    yield line(LEFT + bar.least * scale, middle, end, middle, "spread")
    yield text(max(end, LEFT + bar.middle * scale) + 8, y + 13, f"{bar.middle:.2f}")


def line(x1, y1, x2, y2, kind):
    return f'<line class="{kind}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'


def text(x, y, words, kind="", anchor="start"):
    place = f'x="{x:.1f}" y="{y}" text-anchor="{anchor}"'
    return f'<text class="{kind}" {place}>{escape(words)}</text>'

"""The pictures of a result: each a function from the findings to a drawing.

Rows, one for each instance, with the capacity as their height: an idle one is seen as an empty row,
without colour and without a legend. On a screen's sheet or a phone's, with letters of the same size:
what has no room is said in fewer words or on a line of its own. Knows the findings' names and nothing
that ran.
"""

from dataclasses import dataclass

from rebalance.svg import LARGE, SMALL, Drawing, across, fitting

ROW, GAP = 26, 8
MOST = "most in one second of the run"  # the tallest bar of the reconnects, in the table too


@dataclass(frozen=True)
class Sheet:
    """Its width, and the margins beside what is drawn over time."""

    width: int
    left: int
    right: int


SCREEN, PHONE = Sheet(860, 104, 48), Sheet(358, 88, 52)


class Time:
    """Seconds to places along the drawing."""

    def __init__(self, seconds, sheet):
        self.seconds, self.left, self.right = seconds, sheet.left, sheet.width - sheet.right

    def x(self, at):
        return self.left + min(max(at, 0.0), self.seconds) / self.seconds * (self.right - self.left)


def seconds(value):
    if value is None:
        return "never"
    return f"{value:.0f} s" if value >= 10 else f"{value:.1f} s" if value >= 1 \
        else f"{value * 1000:.0f} ms"


# ---- Request rate per instance -------------------------------------------------------------------


def story(findings, names, sheet=SCREEN):
    """The one that tells it: bare above, lastcall below."""
    setup = findings["setup"]
    shown = [arm for name in names for arm in findings["arms"] if arm["name"] == name]
    drawing = Drawing(sheet.width, "Requests per second of each instance, over time",
                      " ".join(summary(arm, setup) for arm in shown))
    time = Time(setup["seconds"], sheet)
    y = load_strip(drawing, findings, time)
    most = max((took or 0 for arm in shown for took in arm["latency_by_second"]), default=1)
    for arm in shown:
        y = panel(drawing, arm, findings, time, y, most)
    axis(drawing, time, y)
    return drawing


def load_strip(drawing, findings, time):
    drawing.text(time.left - 10, 22, "load", "quiet", anchor="end")
    for phase in findings["phases"]:
        begin, end = time.x(phase["begin"]), time.x(phase["end"])
        rate = f"{phase['rate']:g}"
        words = fitting(end - begin, f"{rate} requests/s", f"{rate}/s", rate)
        drawing.text((begin + end) / 2, 22, words, anchor="middle")
        drawing.line("base", begin + 1, 30, end - 1, 30)
    return 40


def summary(arm, setup):
    busy = arm["phases"][1]
    if not arm["preloaded"] or not (arm["limits"]["requests"] or arm["limits"]["age_s"]):
        rates = arm["busy"]["rates"].values()
        working = sum(rate > setup["capacity"] / 20 for rate in rates)
        does = "does" if working == 1 else "do"
        return (f"{working} of {len(rates)} instances {does} all the work: median wait "
                f"{seconds(busy['p50'])} under load")
    return (f"all {arm['busy']['instances']} instances share it: median wait {seconds(busy['p50'])}; "
            f"{arm['failed']} failed requests")


def panel(drawing, arm, findings, time, y, most):
    setup = findings["setup"]
    title = "Without lastcall" if not arm["preloaded"] else f"With lastcall, {arm['says']}"
    y = drawing.paragraph(12, y + 20, title, "strong", LARGE)
    y = drawing.paragraph(12, y + 18, summary(arm, setup), "quiet")
    top = y = y + 28
    for instance in arm["instances"]:
        row(drawing, arm, instance, setup, time, y)
        y += ROW + GAP
    drawing.text(drawing.width - 4, top + 4, f"{setup['capacity']:g}/s", "quiet", SMALL, anchor="end")
    scalings(drawing, arm, time, top, y - GAP)
    return waits(drawing, arm, time, y + 4, most) + 16


def row(drawing, arm, instance, setup, time, y):
    floor = y + ROW
    ends = min(instance["gone"] or setup["seconds"], setup["seconds"])
    drawing.text(time.left - 10, floor - 8, f"instance {instance['name'][1:]}", anchor="end")
    if instance["ready"] is None:  # told to leave before it was ready, or the run ended
        return
    begin, end = time.x(instance["ready"]), time.x(ends)
    drawing.line("limit", begin, y, end, y)
    points = stairs(instance["per_second"], setup["capacity"], time, floor, ROW,
                    instance["ready"], ends)
    drawing.area("with" if arm["preloaded"] else "bare", points, floor)
    drawing.line("base", begin, floor, end, floor)
    if not any(instance["per_second"]) and ends - instance["ready"] > setup["seconds"] / 4:
        words = fitting(end - begin, "ready and idle: every connection was there before it",
                        "ready and idle", "idle")
        drawing.text((begin + end) / 2, floor - 8, words, "quiet", anchor="middle")


def stairs(values, full, time, floor, tall, begin, end):
    points = []
    for second, value in enumerate(values):
        if begin - 1 <= second < end and value is not None:
            height = floor - min(value / full, 1.15) * tall
            points += [(time.x(max(second, begin)), height), (time.x(min(second + 1, end)), height)]
    return points


def scalings(drawing, arm, time, top, bottom):
    """A dotted line and a flag for each; those with no room for a label between them share one."""
    groups, says = [], fitting((time.right - time.left) / 6, "{} \u2192 {} instances", "{} \u2192 {}")
    room = 16 + across(says.format(10, 10), SMALL)
    for each in arm["scalings"]:
        x = time.x(each["at"])
        drawing.line("mark", x, top - 6, x, bottom)
        drawing.path("flag", [(x - 4, top - 12), (x + 4, top - 12), (x, top - 5)], closed=True)
        labels = 2 if x > time.right - room else 1  # the last one's label stands before it
        if groups and x - time.x(groups[-1][-1]["at"]) < labels * room:
            groups[-1].append(each)
        else:
            groups.append([each])
    for group in groups:
        words = says.format(group[0]["before"], group[-1]["after"])
        last = time.x(group[-1]["at"])
        if last > time.right - room:
            drawing.text(time.x(group[0]["at"]) - 8, top - 5, words, "", SMALL, anchor="end")
        else:
            drawing.text(last + 8, top - 5, words, "", SMALL)


def waits(drawing, arm, time, y, most):
    floor = y + ROW
    drawing.text(time.left - 10, floor - 8, "median wait", "quiet", anchor="end")
    values = arm["latency_by_second"]
    points = [(time.x(second + 0.5), floor - value / most * ROW)
              for second, value in enumerate(values) if value is not None]
    drawing.area("wait", points, floor)
    drawing.line("base", time.x(0), floor, time.x(time.seconds), floor)
    worst = max((value or 0 for value in values), default=0)
    drawing.text(drawing.width - 4, floor - 8, f"\u2264 {seconds(worst)}", "quiet", SMALL, anchor="end")
    return floor


def axis(drawing, time, y):
    drawing.line("base", time.left, y, time.right, y)
    step = max(1, round(time.seconds / 6))
    for at in range(0, int(time.seconds) + 1, step):
        drawing.line("base", time.x(at), y, time.x(at), y + 4)
        drawing.text(time.x(at), y + 18, f"{at} s", "quiet", SMALL, anchor="middle")


# ---- Reconnects ----------------------------------------------------------------------------------


def reconnects(findings, sheet=SCREEN):
    setup = findings["setup"]
    shown = [arm for arm in findings["arms"]
             if arm["limits"]["requests"] or arm["limits"]["age_s"]]
    drawing = Drawing(sheet.width, "New connections in each second",
                      "How many connections were opened in place of others, in each second.")
    time, y = Time(setup["seconds"], sheet), 10
    most = max((arm["most_reconnects"] for arm in shown), default=1) or 1
    for arm in shown:
        y = reconnect_row(drawing, arm, time, y, most)
    axis(drawing, time, y + 6)
    return drawing


def reconnect_row(drawing, arm, time, y, most, tall=64):
    y = beside(drawing, y + 16, arm["says"], figures(arm), time.right)
    floor = y + 14 + tall
    drawing.area("with", stairs(arm["reconnects_by_second"], most, time, floor, tall, 0, time.seconds), floor)
    drawing.line("base", time.left, floor, time.right, floor)
    drawing.text(time.left - 10, floor - arm["most_reconnects"] / most * tall + 9,
                 str(arm["most_reconnects"]), "quiet", SMALL, anchor="end")
    if arm["predicted"]:
        level = floor - arm["predicted"]["reconnects_per_s"] / most * tall
        for css in ("halo", "plan"):  # seen on the ground, on a bar and on its edge
            drawing.line(css, time.x(arm["busy"]["begin"]), level, time.x(arm["busy"]["end"]), level)
    return floor + 14


def figures(arm):
    expected, busy = arm["predicted"], arm["busy"]
    planned = expected and (f"; {seconds(busy['begin'])} to {seconds(busy['end'])}: planned "
                            f"{expected['reconnects_per_s']:.1f}/s, seen {busy['reconnects_per_s']:.1f}/s")
    return f"{MOST}: {arm['most_reconnects']}{planned or ''}"


def beside(drawing, y, name, words, right):
    """A name and its figures: on one line where both have room."""
    if 12 + across(name) + 16 + across(words, SMALL) <= right:
        drawing.text(12, y, name, "strong")
        drawing.text(right, y, words, "", SMALL, anchor="end")
        return y
    y = drawing.paragraph(12, y, name, "strong")
    return drawing.paragraph(12, y + 16, words, "", SMALL)


# ---- Connections held ----------------------------------------------------------------------------


def connections(findings, sheet=SCREEN):
    drawing = Drawing(sheet.width, "Connections of each instance at the end of the busy phase",
                      "One bar for each instance, with its number of connections.")
    most = max((held for arm in findings["arms"] for held in arm["busy"]["connections"].values()),
               default=1) or 1
    apart = sheet is SCREEN  # names of arms and of instances are two columns there
    y, left = 12, 220 if apart else sheet.left
    for arm in findings["arms"]:
        drawing.text(12, y + 14, arm["name"], "strong")
        y += 0 if apart else 20
        for name, held in arm["busy"]["connections"].items():
            drawing.text(left - 10, y + 12, f"instance {name[1:]}", "quiet", SMALL, anchor="end")
            wide = held / most * (sheet.width - left - 70)
            drawing.rect("with" if arm["preloaded"] else "bare", left, y + 2, max(wide, 1), 11)
            drawing.text(left + wide + 8, y + 12, str(held), "", SMALL)
            y += 17
        y += 12
    return drawing


# ---- Measured and simulated ----------------------------------------------------------------------


def curves(findings, sheet=SCREEN, tall=90):
    drawing = Drawing(sheet.width, "What the new instances answer, measured and simulated",
                      "The part of all requests that the instances answer which were started later.")
    setup, y = findings["setup"], 10
    time = Time(setup["seconds"], sheet)
    drawing.line("measured", 12, y + 8, 46, y + 8)
    drawing.text(52, y + 12, "measured", "", SMALL)
    drawing.line("expected", 130, y + 8, 164, y + 8)
    drawing.text(170, y + 12, "simulated", "", SMALL)
    y += 22
    for arm in findings["arms"]:
        check = arm["compared"]
        if not check["measured"]:
            continue
        y = drawing.paragraph(12, y + 16, f"{arm['says']}: {100 * check['distance']:.1f} points apart on "
                              "average", "strong")
        floor = y + 12 + tall
        for part in (0, 0.5, 1):
            drawing.line("line", time.left, floor - part * tall, time.right, floor - part * tall)
            drawing.text(time.left - 10, floor - part * tall + 4, f"{100 * part:.0f}%", "quiet", SMALL,
                         anchor="end")
        for css in ("measured", "simulated"):
            drawing.path("expected" if css == "simulated" else css,
                         [(time.x(at), floor - part * tall) for at, part in check[css]])
        y = floor + 16
    axis(drawing, time, y)
    return drawing

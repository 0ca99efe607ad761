"""The pictures of a result: each a function from the findings to a drawing.

Rows, one for each instance, with the capacity as their height: an idle one is seen as an empty row,
without colour and without a legend. Knows the findings' names and nothing that ran.
"""

from rebalance.svg import LARGE, SMALL, Drawing

WIDTH = 860
LEFT, RIGHT = 104, 48
ROW, GAP = 26, 8
TOGETHER = 12.0  # seconds: scalings that share a label


class Time:
    """Seconds to places along the drawing."""

    def __init__(self, seconds):
        self.seconds, self.wide = seconds, WIDTH - LEFT - RIGHT

    def x(self, at):
        return LEFT + min(max(at, 0.0), self.seconds) / self.seconds * self.wide


def seconds(value):
    if value is None:
        return "never"
    return f"{value:.0f} s" if value >= 10 else f"{value:.1f} s" if value >= 1 \
        else f"{value * 1000:.0f} ms"


# ---- Request rate per instance -------------------------------------------------------------------


def story(findings, names):
    """The one that tells it: bare above, lastcall below."""
    setup = findings["setup"]
    shown = [arm for name in names for arm in findings["arms"] if arm["name"] == name]
    drawing = Drawing(WIDTH, "Requests per second of each instance, over time",
                      " ".join(summary(arm, setup) for arm in shown))
    time = Time(setup["seconds"])
    y = load_strip(drawing, findings, time)
    most = max((took or 0 for arm in shown for took in arm["latency_by_second"]), default=1)
    for arm in shown:
        y = panel(drawing, arm, findings, time, y, most)
    axis(drawing, time, y)
    return drawing


def load_strip(drawing, findings, time):
    drawing.text(LEFT - 10, 22, "load", "quiet", anchor="end")
    for phase in findings["phases"]:
        middle = (time.x(phase["begin"]) + time.x(phase["end"])) / 2
        drawing.text(middle, 22, f"{phase['rate']:g} requests/s", anchor="middle")
        drawing.line("base", time.x(phase["begin"]) + 1, 30, time.x(phase["end"]) - 1, 30)
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
    drawing.text(12, y + 20, title, "strong", LARGE)
    drawing.text(12, y + 38, summary(arm, setup), "quiet")
    top = y = y + 66
    for instance in arm["instances"]:
        row(drawing, arm, instance, setup, time, y)
        y += ROW + GAP
    drawing.text(WIDTH - 4, top + 4, f"{setup['capacity']:g}/s", "quiet", SMALL, anchor="end")
    scalings(drawing, arm, time, top, y - GAP)
    return waits(drawing, arm, time, y + 4, most) + 16


def row(drawing, arm, instance, setup, time, y):
    floor = y + ROW
    ends = min(instance["gone"] or setup["seconds"], setup["seconds"])
    drawing.text(LEFT - 10, floor - 8, f"instance {instance['name'][1:]}", anchor="end")
    if instance["ready"] is None:  # told to leave before it was ready, or the run ended
        return
    begin = time.x(instance["ready"])
    drawing.line("limit", begin, y, time.x(ends), y)
    points = stairs(instance["per_second"], setup["capacity"], time, floor, ROW,
                    instance["ready"], ends)
    drawing.area("with" if arm["preloaded"] else "bare", points, floor)
    drawing.line("base", begin, floor, time.x(ends), floor)
    if not any(instance["per_second"]) and ends - instance["ready"] > setup["seconds"] / 4:
        drawing.text((begin + time.x(ends)) / 2, floor - 8, "ready and idle: every connection was there "
                     "before it", "quiet", anchor="middle")


def stairs(values, full, time, floor, tall, begin, end):
    points = []
    for second, value in enumerate(values):
        if begin - 1 <= second < end and value is not None:
            height = floor - min(value / full, 1.15) * tall
            points += [(time.x(max(second, begin)), height), (time.x(min(second + 1, end)), height)]
    return points


def scalings(drawing, arm, time, top, bottom):
    """A dotted line and a flag for each; those close together share one label."""
    groups = []
    for each in arm["scalings"]:
        x = time.x(each["at"])
        drawing.line("mark", x, top - 6, x, bottom)
        drawing.path("flag", [(x - 4, top - 12), (x + 4, top - 12), (x, top - 5)], closed=True)
        if groups and each["at"] - groups[-1][-1]["at"] < TOGETHER:
            groups[-1].append(each)
        else:
            groups.append([each])
    for group in groups:
        words = f"{group[0]['before']} \u2192 {group[-1]['after']} instances"
        last = time.x(group[-1]["at"])
        if last > WIDTH - RIGHT - 110:
            drawing.text(time.x(group[0]["at"]) - 8, top - 5, words, "", SMALL, anchor="end")
        else:
            drawing.text(last + 8, top - 5, words, "", SMALL)


def waits(drawing, arm, time, y, most):
    floor = y + ROW
    drawing.text(LEFT - 10, floor - 8, "median wait", "quiet", anchor="end")
    values = arm["latency_by_second"]
    points = [(time.x(second + 0.5), floor - value / most * ROW)
              for second, value in enumerate(values) if value is not None]
    drawing.area("wait", points, floor)
    drawing.line("base", time.x(0), floor, time.x(time.seconds), floor)
    worst = max((value or 0 for value in values), default=0)
    drawing.text(WIDTH - 4, floor - 8, f"\u2264 {seconds(worst)}", "quiet", SMALL, anchor="end")
    return floor


def axis(drawing, time, y):
    drawing.line("base", LEFT, y, WIDTH - RIGHT, y)
    step = max(1, round(time.seconds / 6))
    for at in range(0, int(time.seconds) + 1, step):
        drawing.line("base", time.x(at), y, time.x(at), y + 4)
        drawing.text(time.x(at), y + 18, f"{at} s", "quiet", SMALL, anchor="middle")


# ---- Reconnects ----------------------------------------------------------------------------------


def reconnects(findings):
    setup = findings["setup"]
    shown = [arm for arm in findings["arms"]
             if arm["limits"]["requests"] or arm["limits"]["age_s"]]
    drawing = Drawing(WIDTH, "New connections in each second",
                      "How many connections were opened in place of others, in each second.")
    time, y = Time(setup["seconds"]), 10
    most = max((max(arm["reconnects_by_second"]) for arm in shown), default=1) or 1
    for arm in shown:
        y = reconnect_row(drawing, arm, time, y, most)
    axis(drawing, time, y + 6)
    return drawing


def reconnect_row(drawing, arm, time, y, most, tall=64):
    expected = arm["predicted"]
    drawing.text(12, y + 16, arm["says"], "strong")
    floor = y + 26 + tall
    values = arm["reconnects_by_second"]
    worst = max(values)
    drawing.area("with", stairs(values, most, time, floor, tall, 0, time.seconds), floor)
    drawing.line("base", LEFT, floor, WIDTH - RIGHT, floor)
    drawing.text(LEFT - 10, floor - worst / most * tall + 9, f"most {worst}/s", "quiet", SMALL,
                 anchor="end")
    if expected:
        level = floor - expected["reconnects_per_s"] / most * tall
        busy = arm["busy"]
        drawing.line("limit", time.x(busy["begin"]), level, time.x(busy["end"]), level)
        drawing.text(WIDTH - RIGHT, y + 16,
                     f"{seconds(busy['begin'])} to {seconds(busy['end'])}: planned "
                     f"{expected['reconnects_per_s']:.1f}/s, seen {busy['reconnects_per_s']:.1f}/s",
                     "", SMALL, anchor="end")
    return floor + 14


# ---- Connections held ----------------------------------------------------------------------------


def connections(findings):
    drawing = Drawing(WIDTH, "Connections of each instance at the end of the busy phase",
                      "One bar for each instance, with its number of connections.")
    most = max((held for arm in findings["arms"] for held in arm["busy"]["connections"].values()),
               default=1) or 1
    y, left = 12, 220
    for arm in findings["arms"]:
        drawing.text(12, y + 14, arm["name"], "strong")
        for name, held in arm["busy"]["connections"].items():
            drawing.text(left - 10, y + 12, f"instance {name[1:]}", "quiet", SMALL, anchor="end")
            wide = held / most * (WIDTH - left - 70)
            drawing.rect("with" if arm["preloaded"] else "bare", left, y + 2, max(wide, 1), 11)
            drawing.text(left + wide + 8, y + 12, str(held), "", SMALL)
            y += 17
        y += 12
    return drawing


# ---- Measured and simulated ----------------------------------------------------------------------


def curves(findings, tall=90):
    drawing = Drawing(WIDTH, "What the new instances answer, measured and simulated",
                      "The part of all requests that the instances answer which were started later.")
    setup, y = findings["setup"], 10
    time = Time(setup["seconds"])
    drawing.line("measured", 12, y + 8, 46, y + 8)
    drawing.text(52, y + 12, "measured", "", SMALL)
    drawing.line("expected", 130, y + 8, 164, y + 8)
    drawing.text(170, y + 12, "simulated", "", SMALL)
    y += 22
    for arm in findings["arms"]:
        check = arm["compared"]
        if not check["measured"]:
            continue
        drawing.text(12, y + 16, f"{arm['says']}: {100 * check['distance']:.1f} points apart on average",
                     "strong")
        floor = y + 28 + tall
        for part in (0, 0.5, 1):
            drawing.line("line", LEFT, floor - part * tall, WIDTH - RIGHT, floor - part * tall)
            drawing.text(LEFT - 10, floor - part * tall + 4, f"{100 * part:.0f}%", "quiet", SMALL,
                         anchor="end")
        for css in ("measured", "simulated"):
            drawing.path("expected" if css == "simulated" else css,
                         [(time.x(at), floor - part * tall) for at, part in check[css]])
        y = floor + 16
    axis(drawing, time, y)
    return drawing

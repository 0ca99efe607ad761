"""report.html: the pictures and the table in one file that needs nothing else, light and dark, on a
screen or a phone: there each picture has a narrow twin, and each row of the table is a block of its own.

Knows the findings' names and the drawings; nothing that ran.
"""

from html import escape

from rebalance import pictures, table

STYLE = """
:root{color-scheme:light dark;--ground:#fff;--text:#1f2328;--quiet:#59636e;--line:#d1d9e0}
@media (prefers-color-scheme:dark){
:root{--ground:#0d1117;--text:#f0f6fc;--quiet:#9da7b1;--line:#3d444d}}
body{background:var(--ground);color:var(--text);
font:15px/1.5 system-ui,-apple-system,"Segoe UI","DejaVu Sans",sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem} h1{font-size:1.5rem} h2{font-size:1.15rem;margin-top:2.2rem}
svg{max-width:100%;height:auto} p.quiet,li.quiet{color:var(--quiet)} .phone{display:none}
table{border-collapse:collapse;font-size:13px;font-variant-numeric:tabular-nums} td,th{padding:.25rem .6rem;
border-bottom:1px solid var(--line);text-align:right;white-space:nowrap}
th:first-child{text-align:left;font-weight:normal;white-space:pre}
/* below, the letters of a screen's pictures would be too small */
@media (max-width:800px){body{margin-top:1rem}
.screen{display:none} .phone{display:block} .phone svg{width:100%;max-width:30rem}
table,tbody{display:block} tr:first-child{display:none}
tr{display:grid;grid-template-columns:repeat(auto-fit,minmax(6rem,1fr));padding:.4rem 0;
border-bottom:1px solid var(--line)}
td,th{border:0;padding:.1rem .3rem;text-align:left;white-space:normal}
th:first-child{grid-column:1/-1;white-space:pre-wrap;font-weight:600}
td::before{content:attr(data-arm);display:block;color:var(--quiet)}}
"""


def story_arms(findings):
    """Bare above; below it the arm that the protocol chose, or any with a limit."""
    limited = [arm for arm in findings["arms"] if table.life_matters(arm)]
    limited.sort(key=lambda arm: (arm["name"] != findings["setup"]["story"], not arm["clean"]))
    bare = [arm["name"] for arm in findings["arms"] if not arm["preloaded"]]
    chosen = bare + [arm["name"] for arm in limited[:1]]
    return chosen or [arm["name"] for arm in findings["arms"]]


def drawings(findings, sheet=pictures.SCREEN):
    names = [arm["name"] for arm in findings["arms"]]
    made = {"story": pictures.story(findings, story_arms(findings), sheet)}
    made |= {f"rates-{name}": pictures.story(findings, [name], sheet) for name in names}
    if any(table.life_matters(arm) for arm in findings["arms"]):
        made["reconnects"] = pictures.reconnects(findings, sheet)
    return made | {"connections": pictures.connections(findings, sheet),
                   "curves": pictures.curves(findings, sheet)}


def on_both(findings):
    """Each picture for a screen and for a phone; the page shows one of them."""
    narrow = drawings(findings, pictures.PHONE)
    return {name: f'<div class="screen">{drawing.whole()}</div><div class="phone">{narrow[name].whole()}</div>'
            for name, drawing in drawings(findings).items()}


def html_table(findings):
    names = [escape(arm["name"]) for arm in findings["arms"]]
    heads = "".join(f"<th>{name}</th>" for name in names)
    body = "".join(f"<tr><th>{escape(label)}</th>"
                   + "".join(f'<td data-arm="{name}">{escape(cell or "-")}</td>' for name, cell in zip(names, cells))
                   + "</tr>" for label, cells in table.rows(findings))
    return f"<table><tr><th></th>{heads}</tr>{body}</table>"


def section(title, says, content):
    return f'<h2>{escape(title)}</h2><p class="quiet">{escape(says)}</p>{content}'


def html(findings):
    setup, made = findings["setup"], on_both(findings)
    arms = "".join(f"<li><b>{escape(arm['name'])}</b>: {escape(arm['says'])}</li>"
                   for arm in findings["arms"])
    notes = "".join(f'<li class="quiet">{escape(note)}</li>' for note in findings["about"]["notes"])
    rates = "".join(made[f"rates-{arm['name']}"] for arm in findings["arms"])
    parts = [
        "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport "
        'content="width=device-width"><title>Does lastcall help?</title>'
        f"<style>{STYLE}</style><body><h1>Does lastcall help?</h1>",
        f"<p>{escape(what_it_is(setup))}</p>", made["story"],
        section("The arms and their figures", "Side by side in one run, each with its own balancer, "
                "clients, instances and autoscaler. Seconds of waiting count from the moment at which a "
                "request was due. no-drain is there to be compared: it shows what a drain prevents.",
                f"<ul>{arms}{notes}</ul>" + html_table(findings)),
        section("Requests per second of each instance", "A row's height is the capacity of an instance.",
                rates)]
    if "reconnects" in made:
        parts.append(section("What it costs", "Connections opened in place of others; the dashed line "
                             "is lastcall plan's prediction.", made["reconnects"]))
    parts += [section("Connections of each instance", "At the end of the busy phase.",
                      made["connections"]),
              section("As simulated", "The part of all requests that the later instances answer: "
                      "solid as measured, dashed as the simulation expects.", made["curves"]),
              "</body></html>\n"]
    return "\n".join(parts)


def what_it_is(setup):
    return (f"{setup['least']} to {setup['most']} instances of {setup['server']}, each {setup['workers']} "
            f"requests at a time of {1000 * setup['service_s']:.0f} ms; {setup['held_says']}; "
            f"balancer: {setup['balancer_says']}; autoscaler: Kubernetes' formula, target "
            f"{100 * setup['target']:.0f}%, every {setup['sync_s']:g} s.")

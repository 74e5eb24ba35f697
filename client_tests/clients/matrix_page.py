"""The matrix as one HTML page that needs nothing but itself: scenarios by clients, and behind each cell its sessions as ladders.

The ladders are those of `malaposta run --html`: a page of each client is kept, and its articles are taken from it as they stand.
"""

import html
import re

# The classes of the report's style sheet that show how a cell is meant. Delivered and refused are both as it should be.
CLASSES = {"delivered": "passed", "temporary": "passed", "permanent": "passed", "connect-failed": "passed", "timeout": "note", "error": "note",
           "crash": "failed", "hang": "failed"}
ARTICLE = re.compile(r"<article .*?</article>\n", re.DOTALL)
NAME = re.compile(r"<h2>(.*?)</h2>")
# Whatever a client sent has its quotes escaped, so that nothing of it looks like this.
ANCHOR = re.compile(r'( id="| href="#)s\d+(?=["-])')
STYLE = """
body { max-width: none; } article { max-width: 78rem; content-visibility: auto; contain-intrinsic-size: auto 3rem; }
.matrix { width: auto; } .matrix th, .matrix td { padding: .15rem .35rem; font-size: .8rem; white-space: nowrap; }
.matrix thead th { position: sticky; top: 0; background: var(--card); writing-mode: vertical-rl; vertical-align: bottom; }
.matrix tbody th { position: sticky; left: 0; background: var(--card); } .matrix .cell { padding: .1rem; }
.matrix .cell a { display: block; padding: .1rem .35rem; border-radius: 4px; text-align: center; }
.matrix .note a { background: var(--note-bg); color: var(--note); } .matrix .worst a { background: var(--failed); color: var(--card); }
@media (max-width: 44rem) { .matrix thead { position: static; clip-path: none; width: auto; height: auto; } .matrix tbody tr { display: table-row; } }
"""


def articles(page):
    """{scenario: article} of a page of `malaposta run --html`, or of one that kept() wrote; and its style sheet."""
    style = page[page.index("<style>") + len("<style>"):page.index("</style>")]
    return {html.unescape(NAME.search(article)[1]): article for article in ARTICLE.findall(page)}, style


def kept(folder, client, page):
    """Keeps a client's articles in folder/CLIENT.html, beside those of scenarios that were not measured this time."""
    file = folder / f"{client}.html"
    before = articles(file.read_text(encoding="utf-8"))[0] if file.exists() else {}
    measured, style = articles(page)
    folder.mkdir(parents=True, exist_ok=True)
    file.write_text(f"<style>{style}</style>\n" + "".join({**before, **measured}.values()), encoding="utf-8")


def story(client, scenario, article):
    """An article with ids of its own, closed until somebody is led to it."""
    article = ANCHOR.sub(rf"\g<1>{client}-{scenario}", article.replace('<details open="open">', "<details>", 1))
    return NAME.sub(f"<h2>{client} at {html.escape(scenario)}</h2>", article, count=1)


def cell(client, scenario, one, words, told, linked):
    if one is None:
        return "<td></td>"
    css = "worst" if words.endswith(("!", "?")) else CLASSES[one["outcome"]]
    title = html.escape(f"{client} at {scenario}: {one['outcome']}{told}; {one['verdict']}", quote=True)
    # One that leads nowhere is a link without a target: it looks the same.
    target = f'href="#{client}-{scenario}" ' if linked else ""
    return f'<td class="cell {css}"><a {target}title="{title}">{html.escape(words)}</a></td>'


def write(file, folder, data, words_of, legend):
    """Writes the page. `words_of` tells what stands in a cell; a cell whose session was not kept leads nowhere."""
    clients = sorted(data)
    scenarios = sorted({scenario for entry in data.values() for scenario in entry["scenarios"]})
    stories, style = {}, ""
    for client in clients:
        page = folder / f"{client}.html"
        if page.exists():
            stories[client], style = articles(page.read_text(encoding="utf-8"))
    file.parent.mkdir(parents=True, exist_ok=True)
    with open(file, "w", encoding="utf-8") as out:
        out.write(
            '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8"/>\n'
            '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; style-src \'unsafe-inline\'"/>\n'
            '<meta name="viewport" content="width=device-width, initial-scale=1"/>\n<meta name="color-scheme" content="light dark"/>\n'
            f"<title>Malaposta: real clients</title>\n<style>{style}{STYLE}</style>\n</head>\n<body>\n<header>\n"
            f"<h1>Real clients, and what they do</h1>\n<p>{len(clients)} clients, {len(scenarios)} scenarios. {html.escape(legend)} "
            "A cell leads to its sessions.</p>\n</header>\n<main>\n"
            '<table class="matrix" id="matrix"><caption>Scenarios by clients</caption>\n<thead><tr><th scope="col">Scenario</th>')
        out.writelines(f'<th scope="col">{client}</th>' for client in clients)
        out.write("</tr></thead>\n<tbody>\n")
        for scenario in scenarios:
            out.write(f'<tr><th scope="row">{html.escape(scenario)}</th>')
            for client in clients:
                one = data[client]["scenarios"].get(scenario)
                told = f" {one['code']}" if one and one["code"] else ""
                out.write(cell(client, scenario, one, words_of(one), told, scenario in stories.get(client, {})))
            out.write("</tr>\n")
        out.write("</tbody></table>\n")
        for client in clients:
            out.writelines(story(client, scenario, article) for scenario, article in sorted(stories.get(client, {}).items()))
        out.write("</main>\n</body>\n</html>\n")

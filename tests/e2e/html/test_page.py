"""limpid scan --format html in a browser: with and without its script, wide and narrow, light and dark, printed; and
what hostile names can do there. The pages of images that are made up come from tests/pages/sample_page.c."""
import re
import subprocess
import time

import pytest
from browser import NARROW, TINY, WIDE, Browser, skip_unless_there
from conftest import LIMPID, PATIENCE
from images import Layer, layout, os_release, stanza, status

SAMPLE_PAGE = LIMPID.parents[2] / "tests/pages/sample-page"
KINDS = ["rich", "hostile", "empty", "dead", "several"]
SCRIPT = {"with the script": True, "without the script": False}


@pytest.fixture(name="pages", scope="module")
def pages_fixture(tmp_path_factory):
    """pages("rich", 10000): the path of a page, written once."""
    folder = tmp_path_factory.mktemp("pages")

    def write(kind, *arguments):
        path = folder / f"{kind}{''.join(map(str, arguments))}.html"
        if not path.exists():
            path.write_bytes(subprocess.run([SAMPLE_PAGE, kind, *map(str, arguments)], check=True, stdout=subprocess.PIPE).stdout)
        return path

    return write


@pytest.fixture(name="browsers", scope="module")
def browsers_fixture():
    skip_unless_there()
    both = {javascript: Browser(javascript) for javascript in SCRIPT.values()}
    yield both
    for browser in both.values():
        browser.driver.quit()


@pytest.fixture(name="browser")
def browser_fixture(browsers):
    """With its script."""
    yield browsers[True]
    assert browsers[True].complaints() == []


@pytest.fixture(name="either", params=SCRIPT)
def either_fixture(request, browsers):
    browser = browsers[SCRIPT[request.param]]
    yield browser
    assert browser.complaints() == []


def rows(browser):
    return browser.texts(".findings tbody th")


# ---- what limpid writes ----

def test_scan(limpid, tmp_path, either):
    """The page of a scan says what its JSON says, and needs nothing else."""
    base = Layer(os_release(), status(stanza("libssl3", "3.0.11-1~deb12u2", source="openssl")), command="/bin/sh -c #(nop) ADD file:1 in /")
    image = layout(tmp_path / "i", base)
    found = limpid.scan(image).image["findings"]
    run = limpid("scan", "--format", "html", "--output", tmp_path / "report.html", image)
    assert (run.status, run.stdout) == (0, "")
    either.open(tmp_path / "report.html")
    assert rows(either) == [f["id"] for f in found]
    assert either.texts("h1") == [str(image)] or either.texts("h1")[0].endswith(str(image))
    assert "3.0.11-1~deb12u3" in either.texts(".first .to")
    assert either.texts(".layers code") == ["ADD file:1 in /"]
    assert either.run("return performance.getEntriesByType('resource').length") == 0


def test_filters_of_the_run(limpid, tmp_path, browser):
    image = layout(tmp_path / "i", Layer(os_release(), status(stanza("libssl3", "3.0.11-1~deb12u2", source="openssl"))))
    limpid("scan", "--format", "html", "--severity", "High", "--output", tmp_path / "report.html", image)
    browser.open(tmp_path / "report.html")
    assert rows(browser) == ["CVE-2024-0001"]
    assert any("5 findings by the filters of this run" in text for text in browser.texts(".judged li"))


# ---- what everybody sees ----

@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("size", [WIDE, NARROW, TINY], ids=["wide", "narrow", "tiny"])
def test_fits(pages, either, kind, size):
    """No page is wider than its window, unfolded or not."""
    either.open(pages(kind), size)
    for _ in range(2):
        assert either.run("return document.documentElement.scrollWidth") <= size[0]
        either.unfold()


@pytest.mark.parametrize("kind", KINDS)
def test_headings_in_order(pages, either, kind):
    levels = [int(name[1]) for name in either.open(pages(kind)).run(
        "return Array.from(document.querySelectorAll('h1, h2, h3, h4, h5, h6'), e => e.tagName)")]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after <= before + 1 for before, after in zip(levels, levels[1:]))


CONTRAST = """
function channels(color) { const n = color.match(/[\\d.]+/g).map(Number); return {rgb: n.slice(0, 3), alpha: n.length > 3 ? n[3] : 1}; }
function luminance(rgb) {
    const [r, g, b] = rgb.map(v => v / 255).map(v => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
    return .2126 * r + .7152 * g + .0722 * b;
}
function background(e) {
    for (; e; e = e.parentElement) {
        const c = channels(getComputedStyle(e).backgroundColor);
        if (c.alpha === 1) return c.rgb;
    }
    return [255, 255, 255];
}
const poor = new Set();
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
for (let n; n = walker.nextNode();) {
    const e = n.parentElement;
    if (!n.data.trim() || !e.checkVisibility() || e.closest(".vh, summary, script, option")) continue;
    const style = getComputedStyle(e), a = luminance(channels(style.color).rgb), b = luminance(background(e));
    const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
    if (ratio < 4.5) poor.add(`${e.tagName}.${e.className} ${n.data.trim().slice(0, 30)}: ${ratio.toFixed(2)}`);
}
return Array.from(poor);
"""


@pytest.mark.parametrize("kind", ["rich", "hostile", "dead", "several"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_contrast(pages, either, kind, scheme):
    """WCAG 2.2 AA, 1.4.3, for every text there is: 4.5 to 1."""
    either.open(pages(kind), scheme=scheme)
    either.unfold()
    assert either.run(CONTRAST) == []


def test_dark_and_light_and_paper(pages, either):
    def look(**how):
        either.open(pages("rich"), **how)
        return either.run("const s = getComputedStyle(document.body); return [s.backgroundColor, s.color]")
    light, dark, paper = look(), look(scheme="dark"), look(scheme="dark", media="print")
    assert len({tuple(light), tuple(dark), tuple(paper)}) == 3
    assert paper == ["rgb(255, 255, 255)", "rgb(0, 0, 0)"]
    assert not either.run("return document.querySelector('.tools').checkVisibility()")


def test_tables_stay_tables(pages, either):
    """Rows are grids to the eye and rows to the ear."""
    either.open(pages("rich"))
    either.cdp("Accessibility.enable")
    until, roles = time.monotonic() + PATIENCE, []
    while roles.count("rowheader") < 10 and time.monotonic() < until:  # a frame may pass before rows that are seen have their cells
        nodes = [n for n in either.cdp("Accessibility.getFullAXTree")["nodes"] if not n.get("ignored")]
        roles = [n["role"]["value"] for n in nodes]
    either.cdp("Accessibility.disable")
    assert roles.count("table") == 3  # bars, findings, feeds
    assert roles.count("row") >= 160 and roles.count("rowheader") >= 10  # the cells of rows that are seen
    names = [n["name"]["value"] for n in nodes if n["role"]["value"] == "columnheader"]
    for name in ["Severity", "Vulnerability", "Package", "Installed", "Fixed in", "Layer", "Status", "Details"]:
        assert any(n.startswith(name) for n in names), name
    assert all(e["name"]["value"] for e in nodes if e["role"]["value"] == "table")
    assert either.run("return document.documentElement.lang") == "en"


def test_details(pages, either):
    """Everything known about a vulnerability, with the values that its vector has marked among those it could have."""
    either.open(pages("rich"))
    row = "document.querySelectorAll('.findings tbody tr')[1]"
    assert not either.run(f"return {row}.querySelector('.what').checkVisibility()")
    either.all(".findings summary")[1].click()
    either.unfold(".findings [open]")
    assert either.run(f"return {row}.querySelector('.what').checkVisibility()")
    text = either.run(f"return {row}.querySelector('.about').innerText")
    for part in ["Only programs that turn on the checking of names", "came with layer", "likely within 30 days (EPSS)", "CVSS 4.0",
                 "CVSS:3.1/AV:N/AC:H/PR:N/UI:R/S:U/C:N/I:N/A:H", "Attack vector", "Physical"]:
        assert part in text, part
    marked = either.run(f"return Array.from({row}.querySelectorAll('mark'), e => e.textContent)")
    assert marked[-8:] == ["Network", "High", "None", "Required", "Unchanged", "None", "None", "High"]
    assert len(marked) == 8 + 11


def test_figures(pages, either):
    """The bars' numbers are those of the table."""
    either.open(pages("rich"))
    shown = either.run("return Array.from(document.querySelectorAll('.bars tbody tr'), r => Array.from(r.cells, c => c.textContent))")
    listed = either.run("return Array.from(document.querySelectorAll('.findings tbody tr'), r => [r.cells[0].textContent, r.cells[4].textContent])")
    assert [(name, int(n), int(fixed)) for name, _, n, fixed in shown] == [
        (name, sum(s == name for s, _ in listed), sum(s == name and fix != "" for s, fix in listed))
        for name in ["Critical", "High", "Medium", "Low", "Negligible", "Unknown"]]


def test_without_script_no_dead_tools(pages, browsers):
    page = browsers[False].open(pages("rich"))
    assert not page.run("return document.querySelector('.tools').checkVisibility()")
    assert page.all("th button") == []
    page.all(".rest summary")[0].click()
    assert page.run("return document.querySelector('.rest .first').checkVisibility()")


# ---- what the script adds ----

def shown(browser):
    return browser.one(".shown").text


def choose(browser, name, value=None):
    """Clicks the label, as people do."""
    box = browser.one(f"[name={name}]" + (f"[value='{value}']" if value is not None else ""))
    box.find_element("xpath", "..").click()


def search(browser, words):
    box = browser.one("[name=words]")
    box.clear()
    box.send_keys(words)


def column(browser, index):
    return browser.run("return Array.from(document.querySelectorAll('.findings tbody tr'), r => r.cells[arguments[0]].textContent)", index)


def test_filter_by_severity(pages, browser):
    browser.open(pages("rich"))
    assert shown(browser) == "160 shown"
    choose(browser, "severity", 5)
    assert set(column(browser, 0)) == {"Critical"} and shown(browser) == "17 of 160 shown"
    choose(browser, "severity", 4)
    assert set(column(browser, 0)) == {"Critical", "High"}
    choose(browser, "severity", 5)
    choose(browser, "severity", 4)
    assert shown(browser) == "160 shown" and len(rows(browser)) == 160


def test_filter_by_fix_and_layer(pages, browser):
    browser.open(pages("rich"))
    choose(browser, "fixable")
    assert "" not in column(browser, 4) and shown(browser) == "106 of 160 shown"
    browser.one("[name=layer] option[value='2']").click()
    layers = column(browser, 5)
    assert layers and all(text.startswith("2 ") for text in layers) and "" not in column(browser, 4)


def test_search(pages, browser):
    browser.open(pages("rich"))
    first = rows(browser)[3].split()[0]
    search(browser, first.lower())
    assert [text.split()[0] for text in rows(browser)] == [first]
    search(browser, "OPENSSL async")  # all words, wherever: a source package, a description
    assert 0 < len(rows(browser)) < 20 and set(column(browser, 2)) == {"libssl3"}
    search(browser, "no such thing")
    assert rows(browser) == [] and browser.one(".nothing").text == "No finding is like that."
    search(browser, "Physical")  # a value that a vector could have had is no description
    assert rows(browser) == []


def test_sort(pages, browser):
    browser.open(pages("rich"))
    before = rows(browser)

    def click(index):
        browser.all(".findings thead button")[index].click()
        return browser.run("return Array.from(document.querySelectorAll('.findings thead th'), t => t.getAttribute('aria-sort'))")

    assert click(2)[:3] == [None, None, "ascending"]
    assert column(browser, 2) == sorted(column(browser, 2))
    assert click(2)[:3] == [None, None, "descending"]
    assert column(browser, 2) == sorted(column(browser, 2), reverse=True)
    for _ in range(2):  # what has no fix stands last either way
        click(4)
        fixes = column(browser, 4)
        assert "" not in fixes[:fixes.index("")] and set(fixes[fixes.index(""):]) == {""}
    click(0)
    assert rows(browser)[:17] and set(column(browser, 0)[:17]) == {"Critical"}
    click(0)
    assert set(column(browser, 0)[:27]) == {"Unknown"}
    assert sorted(rows(browser)) == sorted(before)


def test_numbers_sort_as_numbers(pages, browser):
    browser.open(pages("rich"))
    browser.all(".findings thead button")[1].click()
    years = [tuple(map(int, re.match(r"CVE-(\d+)-(\d+)", text).groups())) for text in rows(browser)]
    assert years == sorted(years)


def test_likeliest_first(pages, browser):
    """The probability of exploitation has a column where it is known; the first click puts the highest first."""
    browser.open(pages("rich"))
    heads = browser.all(".findings thead button")
    assert heads[7].text.startswith("EPSS")
    heads[7].click()
    scores = [float(text.split()[0]) for text in column(browser, 7) if text]
    assert len(scores) > 50 and scores == sorted(scores, reverse=True) and scores[0] > scores[-1]
    heads[7].click()
    assert [float(text.split()[0]) for text in column(browser, 7) if text] == scores[::-1]


def test_unfold_all(pages, browser):
    browser.open(pages("rich"))
    choose(browser, "severity", 5)
    browser.one("[name=unfold]").click()
    assert len(browser.all(".findings details[open]")) == 17 and browser.one("[name=unfold]").text == "Fold all"
    browser.one("[name=unfold]").click()
    assert browser.all(".findings details[open]") == []


def test_row_click(pages, browser):
    browser.open(pages("rich"))
    browser.all(".findings tbody td:nth-child(3)")[2].click()
    assert browser.run("return document.querySelectorAll('.findings details')[2].open")
    browser.all(".what")[2].click()  # reading does not fold
    assert browser.run("return document.querySelectorAll('.findings details')[2].open")


def test_keyboard(pages, browser):
    browser.open(pages("rich"))
    browser.run("document.querySelectorAll('.findings summary')[4].focus()")
    browser.driver.switch_to.active_element.send_keys("\n")
    assert browser.run("return document.querySelectorAll('.findings details')[4].open")
    browser.one("[name=words]").send_keys("zlib\n")  # sends no form anywhere
    assert browser.driver.current_url.startswith("file://") and "?" not in browser.driver.current_url


def test_what_to_do_first_leads_to_findings(pages, browser):
    browser.open(pages("rich"))
    link = browser.all(".first a[data-find]")[0]
    link.click()
    assert browser.one("[name=words]").get_attribute("value") == link.text
    assert len(set(column(browser, 2))) == 1 and browser.driver.current_url.endswith("#i1-findings")


def test_several_images(pages, browser):
    browser.open(pages("several"))
    assert browser.texts("h1") == ["Vulnerabilities in 4 images"]
    index = browser.run("return Array.from(document.querySelectorAll('.index tbody tr'), r => Array.from(r.cells, c => c.textContent))")
    assert [line[0] for line in index][1::2] == ["docker.io/library/debian:8", "scratch"] and index[0][-3:-1] == ["160", "106"]
    boxes = browser.all("[name=words]")
    assert len(boxes) == 3  # scratch has nothing to search
    boxes[1].send_keys("nothing like it")
    counts = browser.run("return Array.from(document.querySelectorAll('.image'), i => i.querySelectorAll('.findings tbody tr').length)")
    assert counts == [160, 0, 12, 0]
    browser.all(".index a")[1].click()
    assert browser.driver.current_url.endswith("#i2")


# ---- what hostile names can do ----

def test_hostile(pages, either):
    """Nothing: no element, no handler, no link that is not of the page; each text is shown as it is."""
    either.open(pages("hostile"))
    either.unfold()
    for control in (either.all(".findings thead button") + either.all("[name=unfold]")) * either.javascript:
        control.click()
    either.unfold()
    assert either.driver.title == "<script>document.title='owned'</script>: vulnerabilities"
    assert either.all("img, iframe, object, embed, base, link:not([rel=icon]), body script:not(:last-child), main style") == []
    handlers = either.run("return Array.from(document.querySelectorAll('*')).flatMap(e => e.getAttributeNames()).filter(n => n.startsWith('on') || n === 'style')")
    assert handlers == []
    targets = either.run("return Array.from(document.querySelectorAll('a'), a => a.getAttribute('href'))")
    assert all(re.match(r"#i\d+-|https://(good\.example|cwe\.mitre\.org)/", target) for target in targets), set(targets)
    assert len(rows(either)) == 40
    assert "<script>document.title='owned'</script>" in either.texts("h1")
    assert "U+202E" in either.texts(".odd") and "\u202e" not in either.run("return document.body.textContent")
    assert either.run("return document.querySelectorAll('.findings > tbody > tr').length") == 40
    assert len(either.all("main > .image > .layers > li")) == 3  # nothing ended early


def test_many(pages, browser):
    """10,000 findings are all there, found and sorted."""
    browser.open(pages("many", 10000))
    assert shown(browser) == "10000 shown"
    assert browser.run("return document.querySelectorAll('.findings tbody tr').length") == 10000
    wanted = browser.run("return document.querySelectorAll('.findings tbody tr')[9876].cells[1].textContent")
    search(browser, wanted.split()[0])
    assert wanted in rows(browser)
    search(browser, "")
    browser.all(".findings thead button")[1].click()
    assert browser.run("return document.querySelectorAll('.findings tbody').length") == 40

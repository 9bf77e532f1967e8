// Makes the tables of findings searchable and sortable. Without it the page is complete, in its first order.
"use strict";
{
    const ROWS_TOGETHER = 250; // as in src/report/html_findings.c: a browser lays out only the bodies that are seen
    const collator = new Intl.Collator("en", {numeric: true});

    // What limpid wrote and escaped for those without a script, as elements.
    function parse(markup) {
        const holder = document.createElement("template");
        holder.innerHTML = markup;
        return holder.content;
    }

    function setUp(image) {
        const table = image.querySelector(".findings");
        if (!table)
            return;
        const tools = image.querySelector(".tools");
        const nothing = image.querySelector(".nothing");
        const heads = Array.from(table.tHead.rows[0].cells).slice(0, -1); // the last is that of the details
        const rows = Array.from(table.querySelectorAll("tbody > tr"));
        const texts = new Map();
        let order = rows;
        let shown = rows;

        function textOf(row) {
            let text = texts.get(row);
            if (text === undefined)
                texts.set(row, text = Array.from(row.querySelectorAll("td:not(.more), th, .what, .origin"),
                    part => part.textContent).join("\n").toLowerCase());
            return text;
        }

        function place(list) {
            const bodies = [];
            for (let i = 0; i < list.length; i += ROWS_TOGETHER) {
                const body = document.createElement("tbody");
                body.setAttribute("role", "rowgroup");
                body.append(...list.slice(i, i + ROWS_TOGETHER));
                bodies.push(body);
            }
            table.replaceChildren(table.caption, table.tHead, ...bodies);
            table.hidden = !list.length;
            nothing.hidden = list.length > 0;
            shown = list;
        }

        function apply() {
            const words = tools.elements.words.value.toLowerCase().split(/\s+/).filter(Boolean);
            const severities = Array.from(tools.querySelectorAll("[name=severity]:checked"), box => "s" + box.value);
            const fixable = tools.elements.fixable.checked;
            const layer = tools.elements.layer ? tools.elements.layer.value : "";
            place(order.filter(row =>
                (!severities.length || severities.some(s => row.classList.contains(s))) &&
                (!fixable || row.classList.contains("fix")) &&
                (!layer || row.dataset.layer === layer) &&
                words.every(word => textOf(row).includes(word))));
            tell();
        }

        function tell() {
            tools.querySelector("output").value = shown.length === rows.length
                ? `${rows.length} shown` : `${shown.length} of ${rows.length} shown`;
        }

        function sort(head, column) {
            const before = head.getAttribute("aria-sort");
            // the worst first, the likeliest first, everything else from A on
            const up = before ? before === "descending" : column > 0 && !head.dataset.first;
            const keys = new Map(rows.map(row =>
                [row, column ? row.cells[column].textContent : row.classList[0]]));
            order = rows.slice().sort((a, b) => {
                const x = keys.get(a), y = keys.get(b);
                if (!x || !y) // what is not known stands last either way
                    return !x - !y;
                return up ? collator.compare(x, y) : collator.compare(y, x);
            });
            for (const other of heads)
                other.removeAttribute("aria-sort");
            head.setAttribute("aria-sort", up ? "ascending" : "descending");
            apply();
        }

        function unfold(button) {
            const open = button.textContent === "Unfold all";
            for (const row of shown)
                row.querySelector("details").open = open;
            button.textContent = open ? "Fold all" : "Unfold all";
        }

        heads.forEach((head, column) => {
            const button = document.createElement("button");
            button.type = "button";
            button.append(...head.childNodes);
            button.addEventListener("click", () => sort(head, column));
            head.append(button);
        });
        table.addEventListener("toggle", event => {
            for (const about of event.target.querySelectorAll("noscript"))
                about.replaceWith(parse(about.textContent));
        }, true);
        table.addEventListener("click", event => {
            const row = event.target.closest("tbody > tr");
            if (!row || event.target.closest("a, details") || String(getSelection()))
                return;
            const details = row.querySelector("details");
            details.open = !details.open;
        });
        for (const link of image.querySelectorAll("[data-find]"))
            link.addEventListener("click", () => {
                tools.reset();
                tools.elements.words.value = link.dataset.find;
                apply();
            });
        tools.addEventListener("submit", event => event.preventDefault());
        tools.addEventListener("change", apply);
        tools.elements.words.addEventListener("input", apply);
        tools.elements.unfold.addEventListener("click", event => unfold(event.target));
        tools.hidden = false;
        tell();
    }

    document.documentElement.classList.add("js");
    document.querySelectorAll(".image").forEach(setUp);
}

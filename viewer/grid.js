// SPDX-License-Identifier: GPL-3.0-or-later
// A table of any length, with a filter and sorting. A short one is all there; of a long one only the rows in sight are.
import { announce, h, later } from "./dom.js";
import { count, plural } from "./text.js";

const WHOLE = 200; // rows that are shown without a window
const SHORT = 18; // characters that are not broken into lines
const SLICE = 250; // rows whose text is made at a time
const AHEAD = 12; // rows beyond the window's edges
const COLLATOR = new Intl.Collator("en", { numeric: true });

// columns: [{ head, doc?, number?, text(row): what is searched and sorted by, cell(row): nodes or text }]
// rows: any values. label: what the table is of. href(row): where a row's first cell leads.
export class Grid {
	constructor({ label, columns, rows, href, filter = "", one = "row", many }) {
		Object.assign(this, { label, columns, rows, href, one, many });
		this.order = { column: -1, down: false };
		this.printing = false;
		this.body = h("tbody", null);
		this.table = h("table", { "aria-label": label }, this.head(), this.body);
		this.scroller = h("div", { class: "scroller" }, this.table);
		this.scroller.addEventListener("scroll", () => this.isWindowed() && this.drawWindow(), { passive: true });
		this.state = h("p", { class: "note", role: "status" });
		this.input = h("input", {
			type: "search",
			"aria-label": `Filter ${label}`,
			placeholder: "Filter",
			value: filter,
			oninput: later(() => this.apply(true)),
		});
		this.element = h("div", { class: "grid" }, rows.length > 7 ? h("div", { class: "grid-bar" }, this.input, this.state) : null, this.scroller);
		this.texts = [];
		this.apply(false);
		if (rows.length > WHOLE) this.prepareLater();
	}

	head() {
		this.headers = this.columns.map((column, at) =>
			h(
				"th",
				{ scope: "col", class: column.number ? "number" : null },
				h("button", { type: "button", title: column.doc ?? null, onclick: () => this.sort(at) }, column.head),
			),
		);
		return h("thead", null, h("tr", null, this.headers));
	}

	isWindowed() {
		return this.shown.length > WHOLE && !this.printing;
	}

	// Which rows, in which order.
	apply(byHand) {
		const wanted = this.input.value.toLowerCase().split(/\s+/).filter(Boolean);
		this.shown = wanted.length ? this.matching(wanted) : [...this.rows];
		this.arrange();
		const all = this.rows.length;
		const text = wanted.length ? `${count(this.shown.length)} of ${plural(all, this.one, this.many)}` : plural(all, this.one, this.many);
		this.state.textContent = text;
		if (byHand) announce(text);
		this.draw();
	}

	// The text of each row is made once, of a long table while nothing else happens: the way through the containers of 100,000
	// rows takes longer than a key may.
	prepare(rows) {
		const end = Math.min(this.rows.length, this.texts.length + rows);
		for (let at = this.texts.length; at < end; at++) {
			const row = this.rows[at];
			this.texts.push(
				this.columns
					.map((column) => column.text(row) ?? "")
					.join("\n")
					.toLowerCase(),
			);
		}
	}

	prepareLater() {
		globalThis.requestIdleCallback?.((deadline) => {
			if (!this.element.isConnected) return;
			while (this.texts.length < this.rows.length && deadline.timeRemaining() > 2) this.prepare(SLICE);
			if (this.texts.length < this.rows.length) this.prepareLater();
		});
	}

	matching(wanted) {
		this.prepare(this.rows.length);
		return this.rows.filter((_, at) => wanted.every((word) => this.texts[at].includes(word)));
	}

	arrange() {
		const { column, down } = this.order;
		if (column < 0) return;
		const { text, number } = this.columns[column];
		const sign = down ? -1 : 1;
		const keyed = this.shown.map((row) => [text(row) ?? "", row]);
		keyed.sort(([a], [b]) => (a === "") - (b === "") || sign * (number ? a - b : COLLATOR.compare(a, b)));
		this.shown = keyed.map(([, row]) => row);
	}

	sort(column) {
		const down = this.order.column === column && !this.order.down;
		this.order = { column, down };
		this.headers.forEach((header, at) => {
			if (at === column) header.setAttribute("aria-sort", down ? "descending" : "ascending");
			else header.removeAttribute("aria-sort");
		});
		this.apply(true);
	}

	draw() {
		const windowed = this.isWindowed();
		this.scroller.classList.toggle("windowed", windowed);
		this.table.setAttribute("aria-rowcount", this.shown.length + 1);
		if (windowed) {
			this.scroller.tabIndex = 0;
			this.scroller.setAttribute("role", "region");
			this.scroller.setAttribute("aria-label", `${this.label}, scrolls`);
			this.scroller.scrollTop = 0;
			this.from = -1;
			this.drawWindow();
			return;
		}
		for (const name of ["tabindex", "role", "aria-label"]) this.scroller.removeAttribute(name);
		this.body.replaceChildren(...this.shown.map((row, at) => this.row(row, at)));
		if (!this.shown.length) this.body.append(h("tr", null, h("td", { colspan: this.columns.length, class: "note" }, "Nothing matches.")));
	}

	// All rows of a window are of one height, which the style sheet gives: --row.
	drawWindow() {
		const height = parseFloat(getComputedStyle(this.scroller).getPropertyValue("--row")) * rem();
		const first = Math.max(0, Math.floor(this.scroller.scrollTop / height) - AHEAD);
		const from = first - (first % 4); // keeps odd rows odd, and redraws less often
		if (from === this.from) return;
		this.from = from;
		const visibleRows = Math.ceil((this.scroller.clientHeight || 800) / height) + 2 * AHEAD + 4;
		const to = Math.min(this.shown.length, from + visibleRows);
		const rows = [];
		for (let at = from; at < to; at++) rows.push(this.row(this.shown[at], at));
		this.body.replaceChildren(this.spacer(from * height), ...rows, this.spacer((this.shown.length - to) * height));
	}

	spacer(height) {
		return h("tr", { class: "spacer", "aria-hidden": "true", style: { height: `${height}px` } });
	}

	row(row, at) {
		const href = this.href?.(row);
		return h(
			"tr",
			{ "aria-rowindex": at + 2 },
			this.columns.map((column, i) => {
				let content = column.cell ? column.cell(row) : column.text(row);
				if (i === 0 && href) content = h("a", { href, class: "row" }, content ?? "—");
				const short = String(column.text(row) ?? "").length <= SHORT;
				const kind = column.number ? "number" : [column.class, short && column.class !== "where" ? "short" : null].filter(Boolean).join(" ");
				return h("td", { "data-head": column.head, class: kind || null }, content);
			}),
		);
	}

	// On paper there is no window; `limit` rows are enough there.
	print(limit) {
		this.printing = true;
		const left = this.shown.length - limit;
		this.shown = this.shown.slice(0, limit);
		this.draw();
		if (left > 0)
			this.body.append(
				h("tr", null, h("td", { colspan: this.columns.length, class: "note" }, `and ${count(left)} more, which the file shows on a screen`)),
			);
	}
}

export function rem() {
	return parseFloat(getComputedStyle(document.documentElement).fontSize);
}

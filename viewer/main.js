// SPDX-License-Identifier: GPL-3.0-or-later
// The page: where it leads, what it shows for each address behind the '#', and how it looks.
import { caseOfDocument } from "./data.js";
import { announce, append, h, later } from "./dom.js";
import { declaredProduct, overview } from "./overview.js";
import { paper } from "./print.js";
import { rowPage } from "./row.js";
import { search } from "./search.js";
import { section } from "./sections.js";
import { themeButton } from "./theme.js";
import { topicOfTable, topicsOf } from "./topics.js";
import { count, words } from "./text.js";
import { guidelines, verdictPage } from "./verdicts.js";

const KINDS = ["fail", "inconclusive", "pass", "not_applicable"];

class Page {
	constructor(model) {
		this.model = model;
		this.topics = topicsOf(model, words);
		this.main = h("main", { id: "main", tabindex: -1 });
		this.links = new Map();
		this.nav = h("nav", { id: "nav", "aria-label": "Sections" }, this.navigation());
		this.menu = h(
			"button",
			{ type: "button", class: "menu", "aria-expanded": "false", "aria-controls": "nav", onclick: () => this.openMenu() },
			"Menu",
		);
		this.search = h("input", {
			type: "search",
			id: "search",
			placeholder: "Search everything",
			"aria-label": "Search everything",
			oninput: later(() => this.goSearch(), 250),
		});
		this.theme = themeButton();
		document.body.replaceChildren(...this.frame());
		addEventListener("hashchange", () => this.show(true));
		addEventListener("beforeprint", () => this.beforePrint());
		addEventListener("afterprint", () => this.afterPrint());
		addEventListener("keydown", (event) => this.key(event));
		this.show(false);
	}

	frame() {
		const product = declaredProduct(this.model);
		const files = this.model.report.inputs.map((input) => input.name).slice(0, 2);
		const name = [product.name, product.version].filter(Boolean).join(" ") || files.join(", ") || "Assay";
		return [
			h(
				"a",
				{
					class: "skip",
					href: "#main",
					onclick: (event) => {
						event.preventDefault();
						this.main.focus();
					},
				},
				"Skip to the report",
			),
			h(
				"header",
				{ class: "top" },
				h("a", { class: "brand", href: "#overview" }, h("b", null, "Assay"), h("span", null, name)),
				this.menu,
				h("div", { role: "search" }, this.search),
				this.theme,
			),
			h("div", { class: "columns-page" }, this.nav, this.main),
			h("p", { id: "status", class: "offscreen", role: "status", "aria-live": "polite" }),
		];
	}

	navigation() {
		const link = (id, title, n) => {
			const a = h("a", { href: `#${id}` }, h("span", null, title), n ? h("span", { class: "n" }, count(n)) : null);
			this.links.set(id, a);
			return h("li", null, a);
		};
		const groups = new Map([["Verdicts", [link("overview", "Overview"), link("guidelines", "Guidelines", this.model.report.verdicts.length)]]]);
		for (const topic of this.topics) {
			const n = topic.uses ? this.model.count(topic.uses) : topic.parts.length ? this.model.count(topic.parts[0].table) : 0;
			const list = groups.get(topic.group) ?? [];
			groups.set(topic.group, list);
			list.push(link(topic.id, topic.title, topic.id === "flash" || topic.id === "services" ? 0 : n));
		}
		return [...groups].map(([title, items]) => [h("h2", null, title), h("ul", null, items)]);
	}

	openMenu(open = this.menu.getAttribute("aria-expanded") !== "true") {
		this.menu.setAttribute("aria-expanded", String(open));
		this.nav.classList.toggle("open", open);
	}

	// "#overview", "#guidelines/fail", "#verdict-3", "#accounts", "#account-3", "#search/telnet"
	resolve(hash) {
		const [name, rest = ""] = decodeURIComponent(hash.slice(1)).split(/\/(.*)/s);
		const row = /^(.+)-(\d+)$/.exec(name);
		const topic = this.topics.find((t) => t.id === name);
		if (!name || name === "overview" || name === "main") return this.view("overview", "Overview", overview(this.model));
		if (name === "guidelines") return this.view("guidelines", "Guidelines", guidelines(this.model, KINDS.includes(rest) ? rest : null));
		if (name === "search") return this.view("search", `Search: ${rest}`, search(this.model, this.topics, rest));
		if (topic) return this.topicView(topic);
		return (
			(row && this.rowView(row[1], Number(row[2]))) ??
			this.view("none", "Nothing there", [
				h("h1", { tabindex: -1 }, "Nothing there"),
				h("p", null, `This report has no place ${hash}.`),
				h("p", null, h("a", { href: "#overview" }, "Overview")),
			])
		);
	}

	view(current, title, nodes, grids = []) {
		return { current, title, nodes: [nodes].flat(Infinity).filter(Boolean), grids };
	}

	topicView(topic) {
		const { nodes, grids } = section(this.model, topic);
		return this.view(topic.id, topic.title, nodes, grids);
	}

	rowView(table, id) {
		if (table === "verdict") {
			const page = verdictPage(this.model, id);
			return page && this.view("guidelines", this.model.verdict(id).title ?? "Verdict", page);
		}
		if (!this.model.blocks.has(table)) return null;
		const topic = topicOfTable(this.topics, table) ?? this.topics[0];
		const page = rowPage(this.model, table, id, topic);
		return page && this.view(topic.id, `${words(table)} ${id}`, page);
	}

	show(byHand) {
		let view;
		try {
			view = this.resolve(location.hash);
		} catch (error) {
			if (!(error instanceof URIError)) throw error;
			view = this.resolve("#overview");
		}
		this.main.replaceChildren(...view.nodes);
		for (const grid of view.grids) grid.draw(true);
		for (const [id, link] of this.links) {
			if (id === view.current) link.setAttribute("aria-current", "page");
			else link.removeAttribute("aria-current");
		}
		document.title = append(h("title"), [`${view.title} – Assay`]).textContent;
		this.openMenu(false);
		if (!byHand) return;
		scrollTo(0, 0);
		if (document.activeElement !== this.search) (this.main.querySelector("h1") ?? this.main).focus({ preventScroll: true });
		announce(view.title);
	}

	goSearch() {
		location.hash = this.search.value ? `#search/${encodeURIComponent(this.search.value)}` : "#overview";
	}

	// '/' is where people look for a search.
	key(event) {
		if (event.key === "Escape") this.openMenu(false);
		if (event.key !== "/" || event.target.closest("input, textarea")) return;
		event.preventDefault();
		this.search.focus();
	}

	beforePrint() {
		this.beside = [...this.main.childNodes];
		this.main.replaceChildren(paper(this.model, this.topics));
	}

	afterPrint() {
		if (this.beside) this.main.replaceChildren(...this.beside);
		this.beside = null;
	}
}

const model = caseOfDocument(document);
if (model) {
	globalThis.assay = { model, page: new Page(model) }; // for whoever looks at the data in the browser's console
	requestAnimationFrame(() => performance.mark("assay-shown"));
}

// SPDX-License-Identifier: GPL-3.0-or-later
// The page: where it leads, what it shows for each address behind the '#', and how it looks.
import { caseOfDocument } from "./data.js";
import { h } from "./dom.js";
import { Frame } from "./frame.js";
import { declaredProduct, overview } from "./overview.js";
import { paper } from "./print.js";
import { rowPage } from "./row.js";
import { search } from "./search.js";
import { section } from "./sections.js";
import { topicOfTable, topicsOf } from "./topics.js";
import { words } from "./text.js";
import { guidelines, verdictPage } from "./verdicts.js";

const KINDS = ["fail", "inconclusive", "pass", "not_applicable"];

class Page extends Frame {
	constructor(model) {
		super();
		this.model = model;
		this.topics = topicsOf(model, words);
		this.build({ name: this.name(), skip: "Skip to the report", parts: "Sections", search: "Search everything" });
	}

	name() {
		const product = declaredProduct(this.model);
		const files = this.model.report.inputs.map((input) => input.name).slice(0, 2);
		return [product.name, product.version].filter(Boolean).join(" ") || files.join(", ") || "Assay";
	}

	navigation() {
		const groups = new Map([["Verdicts", [this.link("overview", "Overview"), this.link("guidelines", "Guidelines", this.model.report.verdicts.length)]]]);
		for (const topic of this.topics) {
			const n = topic.uses ? this.model.count(topic.uses) : topic.parts.length ? this.model.count(topic.parts[0].table) : 0;
			const list = groups.get(topic.group) ?? [];
			groups.set(topic.group, list);
			list.push(this.link(topic.id, topic.title, topic.id === "flash" || topic.id === "services" ? 0 : n));
		}
		return [...groups].map(([title, items]) => [h("h2", null, title), h("ul", null, items)]);
	}

	// "#overview", "#guidelines/fail", "#verdict-3", "#accounts", "#account-3", "#search/telnet"
	resolve(name, rest) {
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
				h("p", null, `This report has no place ${location.hash}.`),
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

	paper() {
		this.main.append(paper(this.model, this.topics));
	}
}

const model = caseOfDocument(document);
if (model) {
	globalThis.assay = { model, page: new Page(model) }; // for whoever looks at the data in the browser's console
	requestAnimationFrame(() => performance.mark("assay-shown"));
}

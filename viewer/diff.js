// SPDX-License-Identifier: GPL-3.0-or-later
// What changed between two cases: what `assay diff --json` writes, what got worse first.
import { append, h } from "./dom.js";
import { Frame } from "./frame.js";
import { Grid } from "./grid.js";
import { copyButtons, linkTo } from "./place.js";
import { count, plural, shellWord } from "./text.js";

const ON_PAPER = 150; // rows of a topic
const FOUND = 25; // rows of a topic that a search shows
const WORDS = { added: "new", removed: "gone", changed: "changed" };
const TONES = { added: "warn", removed: "", changed: "" };

// Each row gets its topic and its number in it, by which a link finds it.
export function readDiff(json) {
	for (const topic of json.topics) topic.rows.forEach((row, at) => Object.assign(row, { topic, at: at + 1 }));
	return json;
}

function changes(topic) {
	return topic.added + topic.removed + topic.changed;
}

function address(row) {
	return `#${row.topic.topic}-${row.at}`;
}

function tags(row) {
	return [
		h("span", { class: `tag ${row.worse ? "bad" : TONES[row.change]}` }, row.worse ? `worse: ${WORDS[row.change]}` : WORDS[row.change]),
		row.uncertain ? [" ", h("span", { class: "tag", title: "A case was not looked at whole: what seems new may have been there." }, "uncertain")] : null,
	];
}

function grid(label, rows, withTopic) {
	const column = (head, text, more = {}) => ({ head, text, ...more });
	const columns = [
		column("What", (row) => row.what, { class: "what" }),
		withTopic ? column("Topic", (row) => row.topic.title) : null,
		column("Change", (row) => [row.worse ? "worse" : null, WORDS[row.change], row.uncertain ? "uncertain" : null].filter(Boolean).join(" "), { cell: tags }),
		column("Before", (row) => row.old ?? ""),
		column("Now", (row) => row.new ?? ""),
	].filter(Boolean);
	return new Grid({ label, columns, rows, href: address, one: "change" });
}

// The worse ones first, else as they come.
function worseFirst(rows) {
	return [...rows].sort((a, b) => b.worse - a.worse || a.at - b.at);
}

function side(title, it) {
	const name = [it.product.name, it.product.version].filter(Boolean).join(" ");
	return h(
		"div",
		{ class: "side" },
		h("h2", null, title),
		h("p", { class: "lead" }, name || it.case),
		h(
			"ul",
			{ class: "plain" },
			name ? h("li", null, h("code", null, it.case)) : null,
			it.inputs.slice(0, 20).map((input) => h("li", null, input.name, " ", h("span", { class: "note" }, input.kind, input.sha256 ? `, SHA-256 ${input.sha256.slice(0, 16)}` : null))),
			it.inputs.length > 20 ? h("li", { class: "note" }, `and ${count(it.inputs.length - 20)} more`) : null,
		),
		it.incomplete.length
			? h("p", null, h("span", { class: "tag warn" }, "not looked at whole"), " ", h("span", { class: "note" }, [...new Set(it.incomplete)].join(", ")))
			: null,
	);
}

function counts(topics) {
	const number = (key) => ({ head: { worse: "Worse", added: "New", removed: "Gone", changed: "Changed" }[key], number: true, text: (t) => t[key] });
	const worse = { ...number("worse"), cell: (t) => (t.worse ? h("span", { class: "tag bad" }, count(t.worse)) : 0) };
	return new Grid({
		label: "Topics",
		columns: [{ head: "Topic", text: (t) => t.title }, worse, number("added"), number("removed"), number("changed")],
		rows: topics,
		href: (t) => `#${t.topic}`,
		one: "topic",
	});
}

function found(topic, rows) {
	const item = (row) =>
		h(
			"li",
			null,
			tags(row),
			" ",
			h("a", { href: address(row) }, row.what),
			row.old || row.new ? h("span", { class: "note" }, ` ${[row.old, row.new].filter(Boolean).join(" → ").slice(0, 300)}`) : null,
		);
	const left = rows.length - FOUND;
	return h(
		"section",
		null,
		h("h2", null, h("a", { href: `#${topic.topic}` }, topic.title), " ", h("span", { class: "note" }, count(rows.length))),
		h("ul", { class: "hits" }, rows.slice(0, FOUND).map(item)),
		left > 0 ? h("p", { class: "note" }, `and ${count(left)} more; the filter of their topic shows them`) : null,
	);
}

class Page extends Frame {
	constructor(diff) {
		super();
		this.diff = diff;
		this.topics = diff.topics.filter(changes);
		this.worse = diff.topics.flatMap((topic) => topic.rows.filter((row) => row.worse));
		this.build({ name: `${diff.old.case} → ${diff.new.case}`, skip: "Skip to what changed", parts: "Topics", search: "Search all changes" });
	}

	navigation() {
		return [
			h("h2", null, "Changes"),
			h("ul", null, this.link("overview", "What got worse", this.worse.length)),
			this.topics.length ? h("h2", null, "By topic") : null,
			this.topics.length ? h("ul", null, this.topics.map((topic) => this.link(topic.topic, topic.title, changes(topic)))) : null,
		].filter(Boolean);
	}

	// What changed whose words, states before and now, or topic have all that is searched.
	searched(text) {
		const wanted = text.toLowerCase().split(/\s+/).filter(Boolean);
		const matches = (topic, row) => {
			const all = [topic.title, row.what, WORDS[row.change], row.worse ? "worse" : "", row.old, row.new].join("\n").toLowerCase();
			return wanted.every((word) => all.includes(word));
		};
		const groups = this.topics
			.map((topic) => ({ topic, rows: wanted.length ? worseFirst(topic.rows.filter((row) => matches(topic, row))) : [] }))
			.filter(({ rows }) => rows.length);
		const total = groups.reduce((sum, { rows }) => sum + rows.length, 0);
		const nodes = [
			h("h1", { tabindex: -1 }, wanted.length ? `Search: ${text}` : "Search"),
			h("p", { class: "note" }, wanted.length ? plural(total, "match", "matches") : "Type a path, a name, a version, a state: all topics are searched."),
			groups.map(({ topic, rows }) => found(topic, rows)),
		];
		return { current: "search", title: `Search: ${text}`, nodes, grids: [] };
	}

	heading() {
		const { worse } = this.diff;
		const text = worse ? `${plural(worse, "change")} for the worse` : this.topics.length ? "Nothing got worse" : "No difference";
		return [
			h("h1", { tabindex: -1 }, text),
			h("div", { class: "sides" }, side("Before", this.diff.old), side("Now", this.diff.new)),
		];
	}

	overview() {
		const worse = this.worse.length ? grid("What got worse", this.worse, true) : null;
		const topics = this.topics.length ? counts(this.topics) : null;
		const nodes = [
			...this.heading(),
			worse ? [h("h2", null, "What got worse"), worse.element] : null,
			topics ? [h("h2", null, "All that changed"), topics.element] : null,
			h("p", { class: "note" }, `Compared by Assay ${this.diff.version}. Where a case was not looked at whole, what seems new may have been there before: it is uncertain, and not counted as worse.`),
		];
		return { current: "overview", title: "What changed", nodes, grids: [worse, topics].filter(Boolean) };
	}

	topicParts(topic) {
		const table = grid(topic.title, worseFirst(topic.rows), false);
		const text = ["worse", "added", "removed", "changed"].filter((key) => topic[key]).map((key) => `${count(topic[key])} ${WORDS[key] ?? key}`);
		return { table, lead: h("p", { class: "note" }, text.join(", ")) };
	}

	topic(topic) {
		const { table, lead } = this.topicParts(topic);
		return { current: topic.topic, title: topic.title, nodes: [h("h1", { tabindex: -1 }, topic.title), lead, table.element], grids: [table] };
	}

	row(row) {
		const fact = (name, value) => (value === null ? null : h("div", null, h("dt", null, name), h("dd", null, value)));
		const nodes = h(
			"article",
			{ class: "rowpage" },
			h("p", { class: "crumbs" }, h("a", { href: `#${row.topic.topic}` }, row.topic.title)),
			h("div", { class: "verdict-head" }, tags(row)),
			h("h1", { tabindex: -1 }, row.what),
			h("dl", { class: "facts" }, fact("Before", row.old), fact("Now", row.new)),
			copyButtons([
				["what", row.what],
				row.old ? ["before", row.old] : null,
				row.new ? ["now", row.new] : null,
				["command", this.command(row.topic)],
				["link", linkTo(address(row))],
			]),
			this.beside(row),
		);
		return { current: row.topic.topic, title: row.what, nodes: [nodes], grids: [] };
	}

	// What shows the topic on a terminal.
	command(topic) {
		return `assay diff ${shellWord(this.diff.old.case)} ${shellWord(this.diff.new.case)} --topic ${topic.topic} --verbose`;
	}

	beside(row) {
		const link = (other, label) => (other ? h("a", { href: address(other), title: other.what }, label) : null);
		const { rows } = row.topic;
		return h("nav", { class: "beside", "aria-label": "Other changes" }, link(rows[row.at - 2], "‹ Previous"), link(rows[row.at], "Next ›"));
	}

	// "#overview", "#files", "#files-3", "#search/telnet"
	resolve(name, rest) {
		if (name === "search") return this.searched(rest);
		const topic = this.topics.find((t) => t.topic === name);
		if (topic) return this.topic(topic);
		const [, id, at] = /^(.+)-(\d+)$/.exec(name) ?? [];
		const row = this.topics.find((t) => t.topic === id)?.rows[Number(at) - 1];
		return row ? this.row(row) : this.overview();
	}

	// On paper: what got worse, then the beginning of each topic.
	paper() {
		const { nodes, grids } = this.overview();
		const topics = this.topics.map((topic) => ({ topic, ...this.topicParts(topic) }));
		append(this.main, [nodes, topics.map(({ topic, table, lead }) => h("section", null, h("h2", null, topic.title), lead, table.element))]);
		for (const table of [...grids, ...topics.map(({ table }) => table)]) table.print(ON_PAPER);
	}
}

const data = document.querySelector("script[type='application/json']");
if (data) {
	const diff = readDiff(JSON.parse(data.textContent));
	globalThis.assay = { diff, page: new Page(diff) }; // for whoever looks at the data in the browser's console
	requestAnimationFrame(() => performance.mark("assay-shown"));
}

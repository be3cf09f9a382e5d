// SPDX-License-Identifier: GPL-3.0-or-later
// A search through everything: verdicts, and each row of each table.
import { h } from "./dom.js";
import { hrefOf } from "./listing.js";
import { place } from "./place.js";
import { pill } from "./verdicts.js";
import { count, plural, words } from "./text.js";

const SHOWN = 25; // rows of a table

function matching(table, wanted) {
	const found = [];
	for (let i = 0; i < table.length; i++) {
		const text = table.rows[i].join("\n").toLowerCase();
		if (wanted.every((word) => text.includes(word))) found.push(i);
	}
	return found;
}

// The columns of a row that hold one of the words, or else the first that says something.
function said(table, i, wanted) {
	const texts = table.columns.map((column) => [column, table.value(i, column)]).filter(([, value]) => typeof value === "string" && value);
	const hits = texts.filter(([, value]) => wanted.some((word) => value.toLowerCase().includes(word)));
	return (hits.length ? hits : texts)
		.slice(0, 3)
		.map(([, value]) => value.slice(0, 200))
		.join(" · ");
}

export function search(model, topics, text) {
	const wanted = text.toLowerCase().split(/\s+/).filter(Boolean);
	const nodes = [h("h1", { tabindex: -1 }, wanted.length ? `Search: ${text}` : "Search")];
	if (!wanted.length) return [...nodes, h("p", { class: "note" }, "Type a path, a name, a version, an address: all tables are searched.")];
	const verdicts = model.report.verdicts.filter((verdict) => {
		const all = JSON.stringify(verdict).toLowerCase();
		return wanted.every((word) => all.includes(word));
	});
	let total = verdicts.length;
	const groups = [];
	if (verdicts.length)
		groups.push(
			group(
				"Verdicts",
				verdicts.length,
				verdicts
					.slice(0, SHOWN)
					.map((verdict) =>
						h("li", null, pill(verdict.verdict), " ", h("a", { href: `#verdict-${verdict.id}` }, verdict.title ?? verdict.requirement)),
					),
			),
		);
	for (const name of model.names()) {
		if (!model.count(name) || name === "software_evidence") continue;
		const table = model.table(name);
		const found = matching(table, wanted);
		total += found.length;
		if (found.length)
			groups.push(
				group(
					words(name === "blob" ? "contents" : name),
					found.length,
					found.slice(0, SHOWN).map((i) => hit(model, name, table, i, wanted)),
				),
			);
	}
	return [...nodes, h("p", { class: "note" }, plural(total, "match", "matches")), ...groups];
}

function hit(model, name, table, i, wanted) {
	const blobId = name === "blob" ? table.value(i, "parent_id") : table.value(i, "blob_id");
	return h(
		"li",
		null,
		h("a", { href: hrefOf(name, table.object(i)) }, said(table, i, wanted) || `${words(name)} ${table.value(i, "id")}`),
		blobId ? h("span", { class: "note" }, " in ", place(model, blobId)) : null,
	);
}

function group(title, n, items) {
	return h(
		"section",
		null,
		h("h2", null, title, " ", h("span", { class: "note" }, count(n))),
		h("ul", { class: "hits" }, items),
		n > items.length ? h("p", { class: "note" }, `and ${count(n - items.length)} more; the filter of their section shows them`) : null,
	);
}

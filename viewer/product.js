// SPDX-License-Identifier: GPL-3.0-or-later
// What the product file brings: the inputs, what the maker declares beside what refutes it, and what its documents say.
import { h } from "./dom.js";
import { place } from "./place.js";
import { count, plural, size, words } from "./text.js";

const NO_PROBE = "Not looked at: this version has no probe for it.";

// Of a probe that ran on an input; null: none did.
function lookedAt(model, input) {
	const runs = model.report.probe_runs.filter((run) => run.input_id === input.id);
	if (!runs.length) return null;
	return { runs, open: runs.filter((run) => run.status !== "complete") };
}

// The inputs that nothing looked at.
export function unreadInputs(model) {
	return model.report.inputs.filter((input) => !lookedAt(model, input));
}

function inputItem(model, input) {
	const seen = lookedAt(model, input);
	const state = !seen
		? h("span", { class: "tag warn" }, NO_PROBE)
		: seen.open.length
			? h("a", { href: "#unseen", class: "note" }, `${plural(seen.open.length, "probe")} of ${count(seen.runs.length)} did not see everything`)
			: h("span", { class: "note" }, `${plural(seen.runs.length, "probe")}, complete`);
	const root = model.blobs.rows.findIndex((_, at) => model.blobs.value(at, "input_id") === input.id && !model.blobs.value(at, "parent_id"));
	const name = input.name ?? "unnamed";
	return h(
		"li",
		null,
		h("h2", null, root >= 0 ? h("a", { href: `#blob-${model.blobs.value(root, "id")}` }, name) : name),
		h("p", null, [input.kind, input.role?.replaceAll("-", " "), input.size === null ? null : size(input.size)].filter(Boolean).join(", "), " ", state),
		input.description && input.kind === "firmware" ? h("p", { class: "note" }, input.description) : null,
		input.sha256 ? h("p", { class: "note" }, "SHA-256 ", h("code", null, input.sha256)) : null,
	);
}

export function inputs(model) {
	return h(
		"ul",
		{ class: "plain cards" },
		model.report.inputs.map((input) => inputItem(model, input)),
	);
}

// What refutes a row: [contradiction, ...].
function refuting(model, table, ids) {
	const all = model.table("contradictions");
	return all.rows
		.map((_, at) => all.object(at))
		.filter((row) => row.declared_in === table && ids.has(row.declaration_id));
}

function observed(model, rows) {
	if (!rows.length) return null;
	return h(
		"div",
		{ class: "refuted" },
		h("span", { class: "tag bad" }, "but was observed"),
		h(
			"ul",
			{ class: "plain" },
			rows.slice(0, 20).map((row) =>
				h("li", null, row.says, " ", place(model, row.blob_id), " ", h("a", { class: "note", href: `#${row.table_name}-${row.row_id}` }, `${words(row.table_name).toLowerCase()} ${row.row_id}`)),
			),
			rows.length > 20 ? h("li", { class: "note" }, `and ${count(rows.length - 20)} more`) : null,
		),
	);
}

// The declarations by section and item: [{ section, item, rows, refuted }], what is refuted first.
export function declaredItems(model) {
	const table = model.table("declaration");
	const items = new Map();
	for (const row of table.objects()) {
		const key = `${row.section}\n${row.item ?? ""}`;
		const item = items.get(key) ?? { section: row.section, item: row.item, rows: [] };
		items.set(key, item);
		item.rows.push(row);
	}
	const list = [...items.values()];
	for (const item of list) item.refuted = refuting(model, "declaration", new Set(item.rows.map((row) => row.id)));
	return list.sort((a, b) => !a.refuted.length - !b.refuted.length || a.rows[0].id - b.rows[0].id);
}

function itemTitle({ section, item, rows }) {
	const name = item === null || item === undefined ? null : rows.find((row) => ["name", "host", "protocol", "scheme", "role"].includes(row.key))?.value;
	return [words(section), name ?? item].filter((part) => part !== null && part !== undefined).join(": ");
}

function declaredItem(model, item) {
	const keys = new Map();
	for (const row of item.rows) keys.set(row.key, [...(keys.get(row.key) ?? []), row]);
	return h(
		"li",
		{ class: item.refuted.length ? "broken" : null },
		h("h2", null, itemTitle(item)),
		h(
			"dl",
			{ class: "facts" },
			[...keys].map(([key, rows]) =>
				h(
					"div",
					null,
					h("dt", null, words(key)),
					h("dd", null, rows.map((row, i) => [i ? ", " : null, h("a", { href: `#declaration-${row.id}`, class: "quiet-link" }, row.value ?? "—")])),
				),
			),
		),
		observed(model, item.refuted),
	);
}

export function declarations(model) {
	const items = declaredItems(model);
	if (!items.length) return null;
	const broken = items.filter((item) => item.refuted.length).length;
	return [
		h(
			"p",
			null,
			broken
				? `${plural(items.length, "declaration")}; an observation refutes ${count(broken)} of them, which come first.`
				: `${plural(items.length, "declaration")}; nothing that was observed refutes one of them. That is no proof of what they say.`,
		),
		h(
			"ul",
			{ class: "plain cards" },
			items.slice(0, 300).map((item) => declaredItem(model, item)),
		),
	];
}

const STATES = { present: ["good", "says"], denied: ["warn", "denies"], absent: ["warn", "does not say"] };

function elementItem(model, row) {
	const [tone, word] = STATES[row.state] ?? ["", row.state];
	return h(
		"li",
		null,
		h("span", { class: `tag ${tone}` }, word),
		" ",
		h("a", { href: `#document_element-${row.id}` }, words(row.element), row.about ? `: ${row.about}` : null),
		row.sentence ? h("blockquote", null, row.sentence) : null,
		observed(model, refuting(model, "document_element", new Set([row.id]))),
	);
}

function documentItem(model, input, rows) {
	const there = rows.filter((row) => row.state !== "absent");
	const absent = rows.filter((row) => row.state === "absent");
	return h(
		"section",
		null,
		h("h2", null, input.name ?? "unnamed", " ", h("span", { class: "note" }, input.role?.replaceAll("-", " "))),
		there.length
			? h("ul", { class: "elements" }, there.slice(0, 200).map((row) => elementItem(model, row)))
			: h("p", { class: "note" }, "None of the elements that guidelines ask for was found in it."),
		there.length > 200 ? h("p", { class: "note" }, `and ${count(there.length - 200)} more in the table below`) : null,
		absent.length
			? h("p", null, h("span", { class: "tag warn" }, "does not say"), " ", [...new Set(absent.map((row) => words(row.element).toLowerCase()))].join(", "))
			: null,
	);
}

export function documents(model) {
	const rows = model.table("document_element").objects();
	const byInput = new Map();
	for (const row of rows) {
		const input = model.inputOf(row.blob_id);
		byInput.set(input, [...(byInput.get(input) ?? []), row]);
	}
	const given = model.report.inputs.filter((input) => input.kind === "document");
	return given.map((input) => documentItem(model, input, byInput.get(input) ?? []));
}

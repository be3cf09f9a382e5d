// SPDX-License-Identifier: GPL-3.0-or-later
// A table of the case as a grid: the columns that topics.js names, and where each row stands.
import { h } from "./dom.js";
import { Grid } from "./grid.js";
import { place, placeText } from "./place.js";
import { columnsOf, plain } from "./topics.js";
import { count, day, hex, size, words } from "./text.js";

// The rows of a table as objects, with what other tables tell of them.
export function rowsOf(model, name) {
	const rows = model.table(name).objects();
	if (name === "software") addKnown(model, rows);
	if (name === "vulnerabilities") addComponent(model, rows);
	if (name === "feeds") addAge(model, rows);
	return rows;
}

function addKnown(model, rows) {
	const flaws = model.table("vulnerabilities");
	const bySoftware = flaws.by("software_id");
	for (const row of rows) row.known = (bySoftware.get(row.id) ?? []).filter((i) => flaws.value(i, "state") === "affected").length || null;
}

// Ages depend on the day of the matching: they stand in the header.
function addAge(model, rows) {
	const ages = new Map((model.report.header?.feed_ages ?? []).map((feed) => [feed.name, feed.age_days]));
	for (const row of rows) row.age = ages.get(row.name) ?? null;
}

function addComponent(model, rows) {
	const software = model.table("software");
	for (const row of rows) {
		const at = software.find(row.software_id);
		row.component =
			at < 0 ? null : [software.value(at, "title") ?? software.value(at, "name"), software.value(at, "version")].filter(Boolean).join(" ");
	}
}

// Columns of few words that are judged, and how each word is.
const JUDGED = new Set(["severity", "state", "stated_state", "status", "grade", "outcome"]);
const TAGS = {
	critical: "bad",
	high: "bad",
	affected: "bad",
	empty: "bad",
	broken: "bad",
	invalid: "bad",
	accepted: "bad",
	medium: "warn",
	weak: "warn",
	absent: "warn",
	denied: "warn",
	under_investigation: "warn",
	fixed: "good",
	not_affected: "good",
	valid: "good",
	good: "good",
	current: "good",
	locked: "good",
	refused: "good",
};

// What a value looks like in a table.
export function cell(value, kind, name) {
	if (value === null || value === undefined || value === "") return null;
	if (kind === "bool" || typeof value === "boolean") return value ? "yes" : "no";
	if (kind === "code") return h("code", null, value);
	if (kind === "hex") return hex(value);
	if (kind === "size") return size(value);
	if (kind === "date") return day(value);
	if (kind === "day") return String(value).slice(0, 10);
	if (kind === "number") return !Number.isInteger(value) ? Number(value.toPrecision(4)) : value >= 10000 ? count(value) : value;
	if (JUDGED.has(name)) return h("span", { class: `tag ${TAGS[value] ?? ""}` }, String(value).replaceAll("_", " "));
	return value;
}

export function hrefOf(table, row) {
	return `#${table}-${row.id}`;
}

function column(table, [name, head, kind]) {
	return {
		head: head ?? words(name),
		doc: table.docs[table.at.get(name)],
		number: ["number", "hex", "size"].includes(kind),
		class: kind === "code" ? "codes" : null,
		text: (row) => plain(kind === "date" && row[name] !== null ? day(row[name]) : row[name], kind),
		cell: (row) => cell(row[name], kind, name),
	};
}

// Columns of which no row knows anything are left out.
export function listing(model, part, filter) {
	const table = model.table(part.table);
	const rows = rowsOf(model, part.table).filter(part.keep ?? (() => true));
	if (part.sort) rows.sort(part.sort);
	const known = ([name], at) => at === 0 || rows.some((row) => row[name] !== null && row[name] !== undefined && row[name] !== "");
	const columns = columnsOf(part.columns, table)
		.filter(known)
		.map((spec) => column(table, spec));
	if (part.place !== false && table.at.has("blob_id")) columns.push(whereColumn(model, part.table));
	return new Grid({ label: part.title ?? words(part.table), columns, rows, filter, href: (row) => hrefOf(part.table, row) });
}

function whereColumn(model, table) {
	const offset = (row) => (table === "entropy" || table === "partition" ? null : row.offset);
	return {
		head: "Where",
		class: "where",
		text: (row) => placeText(model, row.blob_id, row.line, offset(row)),
		cell: (row) => place(model, row.blob_id, row.line, offset(row)),
	};
}

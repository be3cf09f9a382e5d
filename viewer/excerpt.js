// SPDX-License-Identifier: GPL-3.0-or-later
// What stands in the input around the place that a row points at: lines of a text, or a dump, with the part that the row is
// about marked. A case keeps no other bytes; of a row without an excerpt (an older case) what its fact quotes is shown.
import { h } from "./dom.js";
import { count, hex, plural } from "./text.js";

const TAB = "    "; // in a line of text a tab is no surprise

const LONGEST = 2000; // characters that are shown
const LINES = 8; // of 16 bytes

// The text that a row is about, as it stands in the file.
const EXCERPTS = {
	startup: (row) => row.command,
	setting: (row) => `${row.section ? `[${row.section}] ` : ""}${row.key} = ${row.value ?? ""}`,
	account: (row) => [row.user, row.hash].filter((v) => v !== null).join(":"),
	component: (row) => row.evidence,
	weakness: (row) => row.code,
	endpoint: (row) => row.text,
	secret: (row) => [row.name, row.value].filter(Boolean).join(" = "),
	certificate: (row) => row.subject,
	updater: (row) => row.evidence,
	network: (row) => row.evidence,
	rule_match: (row) => row.data,
	kernel_option: (row) => `${row.name}=${row.value ?? ""}`,
	boot_setting: (row) => `${row.key}=${row.value ?? ""}`,
	data_store: (row) => row.evidence,
	document_element: (row) => row.sentence,
	document_date: (row) => row.sentence,
	document_contact: (row) => row.sentence,
	declaration: (row) => `${row.section}.${row.key}: ${row.value ?? ""}`,
	kernel: (row) => row.banner,
	listener: (row) => row.banner,
	header: (row) => `${row.name}: ${row.value ?? ""}`,
	leftover: (row) => row.detail,
	damage: (row) => row.what,
};

// What stands at `offset` to the letter; null where the fact does not quote so.
function bytesOf(table, row) {
	let text = null;
	if (table === "endpoint") text = row.text;
	if (table === "component" && row.evidence_kind === "banner") text = row.evidence?.replace(/ \(near ".*"\)$/s, "");
	const quoted = text && Number.isInteger(row.offset) && /^[\x20-\x7e]+$/.test(text) && !text.includes("****");
	return quoted ? text : null;
}

// Sixteen bytes a line, as xxd has them; those that are not kept are dots.
function hexLine(text, from, offset) {
	const cells = [];
	let letters = "";
	for (let at = from; at < from + 16; at++) {
		const known = at >= offset && at < offset + text.length;
		cells.push(
			known
				? text
						.charCodeAt(at - offset)
						.toString(16)
						.padStart(2, "0")
				: "··",
		);
		letters += known ? text[at - offset] : "·";
	}
	const runs = cells.map((cell, i) => [i ? (i === 8 ? "  " : " ") : "", cell === "··" ? cell : h("mark", null, cell)]);
	return h(
		"div",
		{ class: "hexline" },
		h("span", { class: "at" }, from.toString(16).padStart(8, "0")),
		h("code", null, runs),
		h("code", { class: "letters" }, letters),
	);
}

function hexDump(text, offset) {
	const first = offset - (offset % 16);
	const lines = Math.ceil((offset + text.length - first) / 16);
	return h(
		"div",
		{ class: "hexdump", role: "group", tabindex: 0, "aria-label": "Bytes" },
		Array.from({ length: Math.min(lines, LINES) }, (_, i) => hexLine(text, first + 16 * i, offset)),
		lines > LINES ? h("p", { class: "note" }, `and ${plural(lines - LINES, "more line")}`) : null,
	);
}

function quoted(table, row) {
	const bytes = bytesOf(table, row);
	if (bytes) return hexDump(bytes, row.offset);
	const value = EXCERPTS[table]?.(row);
	if (!value) return null;
	const text = String(value);
	const at = row.line ? String(row.line) : Number.isInteger(row.offset) ? hex(row.offset) : null;
	return h(
		"div",
		{ class: "excerpt" },
		at ? h("span", { class: "at", title: row.line ? "line" : "offset" }, at) : null,
		h("code", null, h("mark", null, text.slice(0, LONGEST)), text.length > LONGEST ? ` … ${count(text.length)} characters` : null),
	);
}

// A line of a text: its number, and what stands in it.
function textLine(number, parts, meant) {
	const shown = parts.map((part) => (typeof part === "string" ? part.replaceAll("\t", TAB) : part));
	return h("div", { class: `textline${meant ? " meant" : ""}` }, h("span", { class: "at" }, String(number)), h("code", null, shown));
}

function lines(x) {
	const before = x.before.split("\n");
	const after = x.after.split("\n");
	const first = x.line - before.length + 1;
	const meant = [
		x.cut_before ? "…" : null,
		before.at(-1),
		x.marked ? h("mark", null, x.marked.replaceAll("\t", TAB)) : null,
		after[0],
		x.cut_after ? "…" : null,
	];
	return h(
		"div",
		{ class: "textlines", role: "group", tabindex: 0, "aria-label": "Lines of the file" },
		before.slice(0, -1).map((text, i) => textLine(first + i, [text])),
		textLine(x.line, meant, true),
		after.slice(1).map((text, i) => textLine(x.line + 1 + i, [text])),
	);
}

function pairs(digits) {
	return digits.match(/../g) ?? [];
}

function letter(pair) {
	const code = Number.parseInt(pair, 16);
	if (pair === "**") return "*";
	return code >= 0x20 && code < 0x7f ? String.fromCharCode(code) : "·";
}

// What is marked of a row of the dump is one mark, so that it is read as one.
function marked(cells, from, to, between) {
	const join = (list) => list.map((cell, i) => (i ? between : "") + cell).join("");
	const parts = [cells.slice(0, from), cells.slice(from, to), cells.slice(to)];
	return parts.flatMap((part, i) => [
		i && part.length && parts.slice(0, i).some((p) => p.length) ? between : null,
		part.length ? (i === 1 ? h("mark", null, join(part)) : join(part)) : null,
	]);
}

function dump(x) {
	const all = [...pairs(x.before), ...pairs(x.marked), ...pairs(x.after)];
	const first = pairs(x.before).length;
	const last = first + pairs(x.marked).length;
	const rows = [];
	for (let at = 0; at < all.length; at += 16) {
		const cells = all.slice(at, at + 16);
		const from = Math.min(Math.max(first - at, 0), cells.length);
		const to = Math.min(Math.max(last - at, from), cells.length);
		rows.push(
			h(
				"div",
				{ class: "hexline" },
				h("span", { class: "at" }, (x.start + at).toString(16).padStart(8, "0")),
				h("code", { class: "bytes" }, marked(cells, from, to, " ")),
				h("code", { class: "letters" }, marked(cells.map(letter), from, to, "")),
			),
		);
	}
	return h("div", { class: "hexdump", role: "group", tabindex: 0, "aria-label": "Bytes of the file" }, rows);
}

// Where it stands: the way through the containers, line and offset.
function caption(model, x) {
	const parts = [model.path(x.blob_id), x.line ? `line ${x.line}` : null, `offset ${hex(x.offset)}`, x.redacted ? "credentials hidden" : null];
	return h("figcaption", { class: "note" }, parts.filter(Boolean).join(", "));
}

// What is derived has no place of its own: that of a component that shows it.
function shownBy(model, table, row) {
	const software = { software: row.id, vulnerabilities: row.software_id }[table];
	if (software === undefined) return null;
	const links = model.table("software_evidence");
	for (const i of links.by("software_id").get(software) ?? []) {
		const id = links.value(i, "component_id");
		const x = model.excerpt("component", id);
		if (x) return { id, x };
	}
	return null;
}

// brief: without what the place says already.
export function excerpt(model, table, row, { brief } = {}) {
	const shown = shownBy(model, table, row);
	if (shown)
		return h(
			"figure",
			{ class: "quote" },
			h("p", { class: "note" }, "What shows it: ", h("a", { href: `#component-${shown.id}` }, `component ${shown.id}`)),
			shown.x.form === "text" ? lines(shown.x) : dump(shown.x),
			caption(model, shown.x),
		);
	const x = model.excerpt(table, row.id);
	if (!x) return brief ? null : quoted(table, row);
	return h("figure", { class: "quote" }, x.form === "text" ? lines(x) : dump(x), brief ? null : caption(model, x));
}

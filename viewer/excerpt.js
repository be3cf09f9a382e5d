// SPDX-License-Identifier: GPL-3.0-or-later
// What a row of evidence quotes of the input. A case file keeps no bytes but those that a fact is made of.
import { h } from "./dom.js";
import { count, hex, plural } from "./text.js";

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

export function excerpt(table, row) {
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

// SPDX-License-Identifier: GPL-3.0-or-later
// Rows of evidence: what each says, where it stands, and how to get at it.
import { h } from "./dom.js";
import { excerpt } from "./excerpt.js";
import { bytesCommand, copyButtons, place, sqlCommand } from "./place.js";
import { count } from "./text.js";

// A row of evidence: what it says, where, and the text that it is about. brief: that only when isQuoted, and no buttons.
function evidenceItem(model, row, { brief, isQuoted } = {}) {
	const names = model.names();
	const table = names.includes(row.table) ? row.table : names.find((name) => model.sqlName(name) === row.table);
	const data = table && (!brief || isQuoted) ? model.table(table) : null;
	const at = data ? data.find(row.row_id) : -1;
	return h(
		"li",
		{ class: `evidence ${row.role === "declared" ? "word" : ""}` },
		h("p", null, row.role === "declared" ? h("span", { class: "tag warn" }, "word") : null, " ", row.says),
		h(
			"p",
			{ class: "at" },
			place(model, row.blob_id, row.line, row.offset),
			" ",
			table ? h("a", { class: "note", href: `#${table}-${row.row_id}` }, `${row.table} ${row.row_id}`) : `${row.table} ${row.row_id}`,
		),
		at >= 0 ? excerpt(model, table, data.object(at), { brief }) : null,
		brief
			? null
			: copyButtons([
					row.path ? ["path", row.line ? `${row.path}:${row.line}` : row.path] : null,
					row.blob_id ? ["dd command", bytesCommand(model, row.blob_id, row.offset ?? undefined)] : null,
					["SQL", sqlCommand(model, row.table, row.row_id)],
				]),
	);
}

// The first rows of some, of which in brief the first `excerpts` quote the input; `total` there were in all, of which a case may keep fewer.
export function evidenceItems(model, evidence, total, limit, options) {
	const rows = evidence.slice(0, limit);
	const all = Math.max(total ?? 0, evidence.length);
	if (!rows.length) return null;
	return h(
		"ul",
		{ class: "evidences" },
		rows.map((row, i) => evidenceItem(model, row, { ...options, isQuoted: i < (options?.excerpts ?? 0) })),
		all > rows.length ? h("li", { class: "note" }, `and ${count(all - rows.length)} more`) : null,
	);
}

export function evidenceList(model, verdict, limit, options) {
	return evidenceItems(model, verdict.evidence, verdict.evidence_total, limit, options);
}

// SPDX-License-Identifier: GPL-3.0-or-later
// Verdicts: guideline by guideline, finding by finding, and why each is what it is.
import { h, later } from "./dom.js";
import { bytesCommand, caseFile, copyButtons, linkTo, place, sqlCommand } from "./place.js";
import { legend, stackedBar, VERDICTS, verdictKind, verdictParts } from "./pictures.js";
import { excerpt } from "./excerpt.js";
import { count, plural, shellWord, words } from "./text.js";

const SEVERITIES = ["critical", "high", "medium", "low"];
const EVIDENCE_SHOWN = 100;

const BASES = {
	evidence: "Decided by what was observed.",
	declaration: "Decided by a declaration of the maker, which is what the requirement asks for.",
	declared: "The maker declares it; nothing that was observed confirms it, so it counts as not verified.",
	none: "Not decided.",
};

export function severityRank(verdict) {
	const at = SEVERITIES.indexOf(verdict.severity);
	return at < 0 ? SEVERITIES.length : at;
}

export function severityTag(severity) {
	if (!severity) return null;
	const tone = ["critical", "high"].includes(severity) ? "bad" : severity === "medium" ? "warn" : "";
	return h("span", { class: `tag ${tone}` }, severity);
}

export function pill(word) {
	const kind = verdictKind(word);
	return h("span", { class: `pill ${kind.key}` }, h("span", { "aria-hidden": "true" }, kind.mark), ` ${kind.word}`);
}

// What the verdicts of a pack rest on, in numbers.
export function basisParts(verdicts) {
	const of = (verdict) => {
		if (verdict.basis === "declaration" || verdict.basis === "declared") return "word";
		return verdict.verdict === "INCONCLUSIVE" ? "open" : "evidence";
	};
	const n = { evidence: 0, word: 0, open: 0 };
	for (const verdict of verdicts) n[of(verdict)]++;
	return [
		{ label: "decided by evidence", n: n.evidence, tone: "evidence", mark: "" },
		{ label: "by the maker’s word", n: n.word, tone: "word", mark: "" },
		{ label: "not decided", n: n.open, tone: "open", mark: "" },
	];
}

export function packPicture(model, pack, withKey) {
	const verdicts = model.report.verdicts.filter((verdict) => verdict.pack === pack.pack);
	const parts = verdictParts(pack, (kind) => `#guidelines/${kind.key}`);
	const basis = basisParts(verdicts);
	return h("div", { class: "pack" },
		h("div", { class: "pack-head" }, h("h3", null, pack.title ?? pack.pack), h("span", { class: "note" }, plural(verdicts.length, "requirement"))),
		stackedBar("Verdicts", parts), legend(parts),
		stackedBar("Decided by", basis), withKey ? legend(basis) : null);
}

// ---- lists ----

export function verdictRow(model, verdict) {
	return h("li", { class: `verdict ${verdictKind(verdict.verdict).key}`, id: `list-${verdict.id}` },
		h("div", { class: "verdict-head" }, pill(verdict.verdict), severityTag(verdict.severity)),
		h("a", { class: "row", href: `#verdict-${verdict.id}` }, verdict.title ?? verdict.requirement),
		verdict.summary ? h("p", null, verdict.summary) : null,
		verdict.verdict === "INCONCLUSIVE" && verdict.settles ? h("p", { class: "note" }, `Settled by: ${verdict.settles}`) : null);
}

function bySection(verdicts) {
	const sections = new Map();
	for (const verdict of verdicts) {
		const key = verdict.section ?? "";
		const list = sections.get(key);
		if (list) list.push(verdict);
		else sections.set(key, [verdict]);
	}
	return sections;
}

// All packs with their verdicts; `kind` is the key of one kind, or nothing.
export function guidelines(model, kind) {
	const list = h("div", null);
	const state = h("p", { class: "note", role: "status" });
	const input = h("input", { type: "search", "aria-label": "Filter verdicts", placeholder: "Filter verdicts", oninput: later(() => fill()) });
	const fill = () => {
		const wanted = input.value.toLowerCase().split(/\s+/).filter(Boolean);
		const shown = model.report.verdicts.filter((verdict) => (!kind || verdictKind(verdict.verdict).key === kind) &&
			wanted.every((word) => JSON.stringify(verdict).toLowerCase().includes(word)));
		state.textContent = `${count(shown.length)} of ${plural(model.report.verdicts.length, "verdict")}`;
		list.replaceChildren(...model.report.summary.packs.map((pack) => packList(model, pack, shown)));
	};
	fill();
	return [
		h("h1", { tabindex: -1 }, "Guidelines"),
		h("nav", { class: "kinds", "aria-label": "Kinds of verdicts" },
			[{ key: "", title: "All" }, ...VERDICTS].map((k) => h("a", {
				href: k.key ? `#guidelines/${k.key}` : "#guidelines", "aria-current": (kind ?? "") === k.key ? "page" : null,
			}, k.title))),
		h("div", { class: "grid-bar" }, input, state), list,
	];
}

function packList(model, pack, shown) {
	const verdicts = shown.filter((verdict) => verdict.pack === pack.pack);
	return h("section", null, h("h2", null, pack.title ?? pack.pack, " ", h("span", { class: "note" }, pack.version ? `version ${pack.version}` : null)),
		stackedBar("Verdicts", verdictParts(pack)), legend(verdictParts(pack)),
		verdicts.length ? [...bySection(verdicts)].map(([section, rows]) => [section ? h("h3", null, section) : null,
			h("ul", { class: "verdicts" }, rows.map((verdict) => verdictRow(model, verdict)))])
			: h("p", { class: "note" }, "None of this kind."));
}

// ---- one verdict ----

// A row of evidence: what it says, where, and the text that it is about.
export function evidenceItem(model, row, { brief } = {}) {
	const names = model.names();
	const table = names.includes(row.table) ? row.table : names.find((name) => model.sqlName(name) === row.table);
	const data = table && !brief ? model.table(table) : null;
	const at = data ? data.find(row.row_id) : -1;
	return h("li", { class: `evidence ${row.role === "declared" ? "word" : ""}` },
		h("p", null, row.role === "declared" ? h("span", { class: "tag warn" }, "word") : null, " ", row.says),
		h("p", { class: "at" }, place(model, row.blob_id, row.line, row.offset), " ",
			table ? h("a", { class: "note", href: `#${table}-${row.row_id}` }, `${row.table} ${row.row_id}`) : `${row.table} ${row.row_id}`),
		at >= 0 ? excerpt(table, data.object(at)) : null,
		brief ? null : copyButtons([
			row.path ? ["path", row.line ? `${row.path}:${row.line}` : row.path] : null,
			row.blob_id ? ["dd command", bytesCommand(model, row.blob_id, row.offset ?? undefined)] : null,
			["SQL", sqlCommand(model, row.table, row.row_id)]]));
}

export function evidenceList(model, verdict, limit, options) {
	const rows = verdict.evidence.slice(0, limit);
	const all = Math.max(verdict.evidence_total ?? 0, verdict.evidence.length);
	if (!rows.length) return null;
	return h("ul", { class: "evidences" }, rows.map((row) => evidenceItem(model, row, options)),
		all > rows.length ? h("li", { class: "note" }, `and ${count(all - rows.length)} more`) : null);
}

export function remedy(verdict) {
	if (!verdict.remedy && !verdict.remedy_command) return null;
	return h("div", { class: "remedy" }, h("span", { class: "label" }, "What fixes it"), h("p", null, verdict.remedy ?? ""),
		verdict.remedy_command ? h("p", null, h("code", null, verdict.remedy_command)) : null);
}

function measures(verdict) {
	if (!verdict.measures?.length) return null;
	return h("dl", { class: "facts" }, verdict.measures.map((m) => h("div", null, h("dt", null, m.title ?? m.name),
		h("dd", null, m.value === null || m.value === undefined ? h("span", { class: "note" }, "not measured")
			: [h("b", null, count(m.value)), ` ${m.unit ?? ""}`], m.formula ? h("span", { class: "note" }, ` ${m.formula}`) : null))));
}

function queries(verdict) {
	if (!verdict.queries?.length) return h("p", { class: "note" }, "The query is in the guideline’s pack; the command above prints it.");
	return verdict.queries.map((q) => h("details", { open: q.role === verdict.evidence[0]?.role }, h("summary", null, `Query: ${words(q.role)}`),
		h("pre", { tabindex: 0 }, q.sql.trim().split("\n").map((line) => h("code", { class: "line" }, line || " "))),
		copyButtons([["query", q.sql]])));
}

// The requirement, the query and the rows.
function why(model, verdict) {
	const references = (verdict.references ?? []).map((r) => `${r.standard ?? ""} ${r.id ?? ""}`.trim()).filter(Boolean);
	const explain = `assay explain ${shellWord(verdict.requirement ?? "")}`;
	const rows = [["Requirement", h("code", null, verdict.requirement)], ["Guideline", [verdict.pack, verdict.section].filter(Boolean).join(", ")],
		["Why it matters", verdict.because], ["Rests on", verdict.basis ? BASES[verdict.basis] ?? verdict.basis : null],
		["Missing", verdict.missing], ["Settled by", verdict.settles], ["Left out because", verdict.excluded],
		["Severity was", verdict.severity_was], ["Severity changed because", verdict.severity_reason],
		["See also", references.join("; ")], ["Explained by", h("code", null, explain)]];
	return h("section", { class: "why", "aria-labelledby": "why" }, h("h2", { id: "why" }, "Why this verdict"),
		h("dl", { class: "facts" }, rows.filter(([, value]) => value && value.length !== 0).map(([name, value]) => h("div", null, h("dt", null, name), h("dd", null, value)))),
		copyButtons([["explain command", explain], ["SQL", `sqlite3 ${shellWord(caseFile(model))} "SELECT * FROM evidence WHERE verdict_id = ${verdict.id}"`], ["link", linkTo(`#verdict-${verdict.id}`)]]),
		queries(verdict));
}

export function verdictPage(model, id) {
	const verdict = model.verdict(id);
	if (!verdict) return null;
	const list = model.report.verdicts;
	const at = list.indexOf(verdict);
	const beside = (other, label) => other ? h("a", { href: `#verdict-${other.id}`, title: other.title }, label) : null;
	const total = Math.max(verdict.evidence_total ?? 0, verdict.evidence.length);
	return h("article", { class: "rowpage" },
		h("p", { class: "crumbs" }, h("a", { href: "#guidelines" }, "Guidelines"), " › ", verdict.pack, verdict.section ? ` › ${verdict.section}` : null),
		h("div", { class: "verdict-head" }, pill(verdict.verdict), severityTag(verdict.severity)),
		h("h1", { tabindex: -1 }, verdict.title ?? verdict.requirement),
		verdict.summary ? h("p", { class: "lead" }, verdict.summary) : null,
		verdict.verdict === "FAIL" ? remedy(verdict) : null,
		measures(verdict),
		total ? h("h2", null, `Evidence: ${plural(total, "row")}`) : null,
		evidenceList(model, verdict, EVIDENCE_SHOWN),
		total ? h("p", { class: "note" }, "The case file keeps what a fact quotes, not the bytes around it: a dd command shows them in the image.") : null,
		why(model, verdict),
		h("nav", { class: "beside", "aria-label": "Other verdicts" }, beside(list[at - 1], "‹ Previous"), beside(list[at + 1], "Next ›")));
}

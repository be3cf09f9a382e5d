// SPDX-License-Identifier: GPL-3.0-or-later
// Verdicts: guideline by guideline, finding by finding, and why each is what it is.
import { h, later } from "./dom.js";
import { caseFile, copyButtons, linkTo } from "./place.js";
import { legend, stackedBar, VERDICTS, verdictKind, verdictParts } from "./pictures.js";
import { evidenceList } from "./evidence.js";
import { measures } from "./measures.js";
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

// What rests on a word is never shown as if it had been seen.
export function wordTag(verdict) {
	const word = { declaration: "by declaration", declared: "declared, not verified" }[verdict.basis];
	return word ? h("span", { class: "tag" }, word) : null;
}

// What the verdicts of a pack rest on, in numbers: as the report counts them, or from the verdicts themselves.
export function basisParts(pack, verdicts) {
	const n = pack.coverage
		? {
				evidence: pack.coverage.by_evidence,
				word: pack.coverage.by_declaration + pack.coverage.declared_only,
				open: pack.coverage.not_decided,
			}
		: {
				evidence: verdicts.filter((v) => ["FAIL", "PASS"].includes(v.verdict)).length,
				word: 0,
				open: verdicts.filter((v) => verdictKind(v.verdict).key === "inconclusive").length,
			};
	return [
		{ label: "decided by evidence", n: n.evidence, tone: "evidence" },
		{ label: "by the maker’s word", n: n.word, tone: "word" },
		{ label: "not decided", n: n.open, tone: "open" },
	];
}

// What the colours of the second bar mean, once for many guidelines.
export function basisKey() {
	return h(
		"p",
		{ class: "basis-key note" },
		h("span", { class: "evidence" }, h("span", { class: "swatch", "aria-hidden": "true" }), " decided by evidence"),
		h("span", { class: "word" }, h("span", { class: "swatch", "aria-hidden": "true" }), " by the maker’s word"),
	);
}

// A line of the first screen: the guideline, how it stands, and what that rests on. What there is none of is in the bar's name only.
// brief: one of many.
export function packPicture(model, pack, brief) {
	const verdicts = model.report.verdicts.filter((verdict) => verdict.pack === pack.pack);
	const parts = verdictParts(pack, (kind) => `#guidelines/${kind.key}`);
	const basis = basisParts(pack, verdicts);
	return h(
		"div",
		{ class: "pack" },
		h(
			"div",
			{ class: "pack-head" },
			h("h3", null, pack.title ?? pack.pack),
			" ",
			h("span", { class: "note" }, brief ? `${count(basis[0].n)} of ${count(verdicts.length)} by evidence` : plural(verdicts.length, "requirement")),
		),
		h("div", { class: "pack-bars" }, stackedBar("Verdicts", parts), stackedBar("Decided by", basis)),
		h(
			"div",
			{ class: "pack-keys" },
			legend(parts.filter((part) => part.n)),
			brief ? null : legend(basis.filter((part) => part.n && part.tone !== "open")),
		),
	);
}

// ---- lists ----

export function verdictRow(model, verdict) {
	return h(
		"li",
		{ class: `verdict ${verdictKind(verdict.verdict).key}`, id: `list-${verdict.id}` },
		h("div", { class: "verdict-head" }, pill(verdict.verdict), severityTag(verdict.severity), wordTag(verdict)),
		h("a", { class: "row", href: `#verdict-${verdict.id}` }, verdict.title ?? verdict.requirement),
		verdict.summary ? h("p", null, verdict.summary) : null,
		verdict.verdict === "INCONCLUSIVE" && verdict.settles ? h("p", { class: "note" }, `Settled by: ${verdict.settles}`) : null,
	);
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
		const shown = model.report.verdicts.filter(
			(verdict) =>
				(!kind || verdictKind(verdict.verdict).key === kind) && wanted.every((word) => JSON.stringify(verdict).toLowerCase().includes(word)),
		);
		state.textContent = `${count(shown.length)} of ${plural(model.report.verdicts.length, "verdict")}`;
		list.replaceChildren(...model.report.summary.packs.map((pack) => packList(model, pack, shown)));
	};
	fill();
	return [
		h("h1", { tabindex: -1 }, "Guidelines"),
		h(
			"nav",
			{ class: "kinds", "aria-label": "Kinds of verdicts" },
			[{ key: "", title: "All" }, ...VERDICTS].map((k) =>
				h(
					"a",
					{
						href: k.key ? `#guidelines/${k.key}` : "#guidelines",
						"aria-current": (kind ?? "") === k.key ? "page" : null,
					},
					k.title,
				),
			),
		),
		h("div", { class: "grid-bar" }, input, state),
		list,
	];
}

function packList(model, pack, shown) {
	const verdicts = shown.filter((verdict) => verdict.pack === pack.pack);
	return h(
		"section",
		null,
		h("h2", null, pack.title ?? pack.pack, " ", h("span", { class: "note" }, pack.version ? `version ${pack.version}` : null)),
		stackedBar("Verdicts", verdictParts(pack)),
		legend(verdictParts(pack)),
		verdicts.length
			? [...bySection(verdicts)].map(([section, rows]) => [
					section ? h("h3", null, section) : null,
					h(
						"ul",
						{ class: "verdicts" },
						rows.map((verdict) => verdictRow(model, verdict)),
					),
				])
			: h("p", { class: "note" }, "None of this kind."),
	);
}

// ---- one verdict ----

export function remedy(verdict) {
	if (!verdict.remedy && !verdict.remedy_command) return null;
	return h(
		"div",
		{ class: "remedy" },
		h("span", { class: "label" }, "What fixes it"),
		h("p", null, verdict.remedy ?? ""),
		verdict.remedy_command ? h("p", null, h("code", null, verdict.remedy_command)) : null,
	);
}

function queries(verdict) {
	if (!verdict.queries?.length) return h("p", { class: "note" }, "The query is in the guideline’s pack; the command above prints it.");
	return verdict.queries.map((q) =>
		h(
			"details",
			{ open: q.role === verdict.evidence[0]?.role },
			h("summary", null, `Query: ${words(q.role)}`),
			h(
				"pre",
				{ tabindex: 0 },
				q.sql
					.trim()
					.split("\n")
					.map((line) => h("code", { class: "line" }, line || " ")),
			),
			copyButtons([["query", q.sql]]),
		),
	);
}

// The requirement, the query and the rows.
function why(model, verdict) {
	const references = (verdict.references ?? []).map((r) => `${r.standard ?? ""} ${r.id ?? ""}`.trim()).filter(Boolean);
	const explain = `assay explain ${shellWord(verdict.requirement ?? "")}`;
	const rows = [
		["Requirement", h("code", null, verdict.requirement)],
		["Guideline", [verdict.pack, verdict.section].filter(Boolean).join(", ")],
		["Why it matters", verdict.because],
		["It is about", verdict.about === "declaration" ? "the maker’s declaration itself" : null],
		["Judged as", verdict.origin && verdict.origin !== verdict.requirement ? h("code", null, verdict.origin) : null],
		["Rests on", verdict.basis ? (BASES[verdict.basis] ?? verdict.basis) : null],
		["Missing", verdict.missing],
		["Settled by", verdict.settles],
		["Left out because", verdict.excluded],
		["Severity was", verdict.severity_was],
		["Severity changed because", verdict.severity_reason],
		["See also", references.join("; ")],
		["Explained by", h("code", null, explain)],
	];
	return h(
		"section",
		{ class: "why", "aria-labelledby": "why" },
		h("h2", { id: "why" }, "Why this verdict"),
		h(
			"dl",
			{ class: "facts" },
			rows.filter(([, value]) => value && value.length !== 0).map(([name, value]) => h("div", null, h("dt", null, name), h("dd", null, value))),
		),
		copyButtons([
			["explain command", explain],
			["SQL", `sqlite3 ${shellWord(caseFile(model))} "SELECT * FROM evidence WHERE verdict_id = ${verdict.id}"`],
			["link", linkTo(`#verdict-${verdict.id}`)],
		]),
		queries(verdict),
	);
}

export function verdictPage(model, id) {
	const verdict = model.verdict(id);
	if (!verdict) return null;
	const list = model.report.verdicts;
	const at = list.indexOf(verdict);
	const beside = (other, label) => (other ? h("a", { href: `#verdict-${other.id}`, title: other.title }, label) : null);
	const total = Math.max(verdict.evidence_total ?? 0, verdict.evidence.length);
	return h(
		"article",
		{ class: "rowpage" },
		h("p", { class: "crumbs" }, h("a", { href: "#guidelines" }, "Guidelines"), " › ", verdict.pack, verdict.section ? ` › ${verdict.section}` : null),
		h("div", { class: "verdict-head" }, pill(verdict.verdict), severityTag(verdict.severity), wordTag(verdict)),
		h("h1", { tabindex: -1 }, verdict.title ?? verdict.requirement),
		verdict.summary ? h("p", { class: "lead" }, verdict.summary) : null,
		verdict.verdict === "FAIL" ? remedy(verdict) : null,
		measures(model, verdict),
		total ? h("h2", null, `Evidence: ${plural(total, "row")}`) : null,
		evidenceList(model, verdict, EVIDENCE_SHOWN),
		total ? h("p", { class: "note" }, "The case file keeps the bytes around these places: a dd command shows more of them in the image.") : null,
		why(model, verdict),
		h("nav", { class: "beside", "aria-label": "Other verdicts" }, beside(list[at - 1], "‹ Previous"), beside(list[at + 1], "Next ›")),
	);
}

// SPDX-License-Identifier: GPL-3.0-or-later
// The first screen: the product, how it stands with each guideline, and what matters most.
import { h } from "./dom.js";
import { evidenceList } from "./evidence.js";
import { unreadInputs } from "./product.js";
import { basisKey, packPicture, pill, remedy, severityRank, severityTag } from "./verdicts.js";
import { count, plural, size, words } from "./text.js";

const MOST = 5;
const FEW = 2; // guidelines that have a line each; more stand beside each other, so that findings begin on the first screen

// What the product file says that the product is: { name, maker, model, version, category ... }, empty without one.
export function declaredProduct(model) {
	const product = {};
	const table = model.table("declaration");
	for (let i = 0; i < table.length; i++)
		if (table.value(i, "section") === "product" && table.value(i, "value")) product[table.value(i, "key")] ??= table.value(i, "value");
	return product;
}

function identity(rows) {
	return h(
		"dl",
		{ class: "identity" },
		rows.filter(([, value]) => value).map(([name, value]) => h("div", null, h("dt", null, name), h("dd", null, value))),
	);
}

function inputHead(input, heading) {
	const bytes = input.size === null ? null : input.size < 1024 ? size(input.size) : `${size(input.size)} (${count(input.size)} bytes)`;
	return [
		heading,
		input.description ? h("p", { class: "lead" }, input.description) : null,
		identity([
			["Size", bytes],
			["SHA-256", input.sha256 ? h("code", null, input.sha256) : null],
		]),
	];
}

export function productHead(model) {
	const { inputs, header } = model.report;
	const product = declaredProduct(model);
	const images = inputs.filter((input) => input.kind === "firmware");
	const shown = images.length ? images : inputs.slice(0, 1);
	const when = header?.finished_at?.replace("T", " at ").replace("Z", " UTC");
	const name = (input) => input.name ?? "unnamed";
	return h(
		"header",
		{ class: "product" },
		product.name ? h("h1", { tabindex: -1 }, product.name) : null,
		product.name ? identity(["maker", "model", "version", "category", "released"].map((key) => [words(key), product[key]])) : null,
		shown.map((input, i) => inputHead(input, i || product.name ? h("h2", null, name(input)) : h("h1", { tabindex: -1 }, name(input)))),
		inputs.length > shown.length ? h("p", { class: "note" }, plural(inputs.length - shown.length, "further input"), ": ", others(inputs, shown)) : null,
		unreadNote(model),
		when ? h("p", { class: "note" }, `Assessed on ${when} by Assay ${header.version ?? ""}`) : null,
	);
}

// What was given, and nothing looked at.
function unreadNote(model) {
	const unread = unreadInputs(model);
	if (!unread.length) return null;
	return h(
		"p",
		null,
		h("span", { class: "tag warn" }, "not looked at"),
		" ",
		unread.slice(0, 20).map((input, i) => `${i ? ", " : ""}${input.name ?? "unnamed"} (${input.kind})`),
		": this version has no probe for it. ",
		h("a", { href: "#inputs" }, "All inputs"),
	);
}

function others(inputs, shown) {
	return inputs
		.filter((input) => !shown.includes(input))
		.slice(0, 20)
		.map((input, i) => `${i ? ", " : ""}${input.name ?? "unnamed"} (${input.kind})`);
}

// What two failures of one finding have in common: the rows that they rest on, as src/report/findings.c has it. Without rows
// it is the rule, and without a rule nothing.
function groundsOf(verdict) {
	const rows = verdict.evidence.filter((row) => row.role === "fails");
	const grounds = [...new Set(rows.map((row) => `${row.table} ${row.row_id}`))].sort();
	if (!rows.length) return verdict.origin ? `by ${verdict.origin}` : `verdict ${verdict.id}`;
	return [...grounds, (verdict.evidence_total ?? 0) > rows.length ? `of ${verdict.evidence_total}` : ""].join("\n");
}

// The findings, the most severe first: [{ verdict, also: the others that fail by equal evidence }].
export function findingsOf(model) {
	const fails = model.report.verdicts
		.map((verdict, at) => [verdict, at])
		.filter(([verdict]) => verdict.verdict === "FAIL")
		.sort(([a, i], [b, k]) => severityRank(a) - severityRank(b) || i - k);
	const findings = new Map();
	for (const [verdict] of fails) {
		const grounds = groundsOf(verdict);
		const finding = findings.get(grounds);
		if (finding) finding.also.push(verdict);
		else findings.set(grounds, { verdict, also: [] });
	}
	return [...findings.values()];
}

// What else fixes a finding: what those that fail with it ask for beyond its own remedy, each text once.
function otherRemedies({ verdict, also }) {
	const told = new Set([verdict.remedy]);
	return also.filter((other) => other.remedy && !told.has(other.remedy) && told.add(other.remedy));
}

function alsoFails(finding) {
	const { also } = finding;
	if (!also.length) return null;
	const others = otherRemedies(finding);
	return [
		h(
			"p",
			{ class: "also" },
			h("span", { class: "label" }, "Also fails: "),
			also.map((verdict, i) => [i ? ", " : null, h("a", { href: `#verdict-${verdict.id}`, title: verdict.title }, verdict.requirement)]),
		),
		others.length
			? h(
					"details",
					null,
					h("summary", null, plural(others.length, "further remedy", "further remedies")),
					h("ul", { class: "plain" }, others.map((other) => h("li", null, h("code", null, other.requirement), ": ", other.remedy))),
				)
			: null,
	];
}

function finding(model, found) {
	const { verdict } = found;
	return h(
		"li",
		{ class: "finding" },
		h("div", { class: "verdict-head" }, pill(verdict.verdict), severityTag(verdict.severity)),
		h("h3", null, h("a", { href: `#verdict-${verdict.id}` }, verdict.title ?? verdict.requirement)),
		evidenceList(model, verdict, 2, { brief: true, excerpts: 1 }),
		remedy(verdict),
		alsoFails(found),
	);
}

// Numbers that say what kind of product it is; each leads to its section.
function numbers(model) {
	const { software } = model.report.summary;
	const accounts = model.table("account");
	const guessed = accounts.rows.filter((_, i) => accounts.value(i, "password") || accounts.value(i, "state") === "empty").length;
	const exposed = model.table("services").rows.filter((_, i) => model.table("services").value(i, "exposed")).length;
	const matched = software?.vulnerabilities !== null && software?.vulnerabilities !== undefined;
	const components = software?.components ?? model.count("component");
	const s = (n) => (n === 1 ? "" : "s");
	const tiles = [
		["services", exposed, `service${s(exposed)} a network reaches`],
		["accounts", guessed, `account${s(guessed)} with a known or empty password`],
		[
			"vulnerabilities",
			matched ? software.vulnerabilities : null,
			matched ? `known ${software.vulnerabilities === 1 ? "vulnerability applies" : "vulnerabilities apply"}, ${count(software.exploited ?? 0)} known to be exploited` : "vulnerabilities: not matched with feeds",
		],
		["components", components, `component${s(components)}`],
		["keys", model.count("private_key"), `private key${s(model.count("private_key"))} in every copy`],
		["contents", model.count("blob"), `piece${s(model.count("blob"))} unpacked`],
		["unseen", model.count("damage"), `place${s(model.count("damage"))} that could not be read`],
	];
	return h(
		"ul",
		{ class: "tiles" },
		tiles.map(([id, n, label]) => h("li", null, h("a", { href: `#${id}` }, h("b", null, n === null ? "–" : count(n)), h("span", null, label)))),
	);
}

// What would decide more, by what decides most.
function settles(model) {
	const groups = new Map();
	for (const verdict of model.report.verdicts) {
		if (verdict.verdict !== "INCONCLUSIVE" || !verdict.settles) continue;
		groups.set(verdict.settles, (groups.get(verdict.settles) ?? 0) + 1);
	}
	const ordered = [...groups].sort(([, a], [, b]) => b - a);
	if (!ordered.length) return null;
	return h(
		"section",
		null,
		h("h2", null, "What would decide more"),
		h(
			"ul",
			{ class: "settles" },
			ordered.slice(0, 12).map(([text, n]) => h("li", null, h("b", { class: "number" }, count(n)), h("span", null, text))),
		),
		ordered.length > 12 ? h("p", { class: "note" }, `and ${plural(ordered.length - 12, "further input")}`) : null,
		h("p", { class: "note" }, h("a", { href: "#guidelines/inconclusive" }, "All that is inconclusive")),
	);
}

export function overview(model) {
	const { packs } = model.report.summary;
	const all = findingsOf(model);
	const findings = all.slice(0, MOST);
	return [
		productHead(model),
		h(
			"section",
			{ "aria-labelledby": "standing" },
			h("h2", { id: "standing" }, "How it stands with the guidelines"),
			packs.length > FEW ? basisKey() : null,
			packs.length
				? h(
						"div",
						{ class: packs.length > FEW ? "packs many" : "packs" },
						packs.map((pack) => packPicture(model, pack, packs.length > FEW)),
					)
				: h("p", { class: "note" }, "It was not judged."),
		),
		h(
			"section",
			{ "aria-labelledby": "foremost" },
			h("h2", { id: "foremost" }, findings.length ? "What matters most" : "Nothing failed"),
			findings.length
				? h(
						"ol",
						{ class: "findings" },
						findings.map((found) => finding(model, found)),
					)
				: h("p", { class: "note" }, "No requirement was found to be broken. What is inconclusive was not shown to be kept."),
			all.length > findings.length
				? h("p", { class: "note" }, h("a", { href: "#guidelines/fail" }, `All ${count(all.length)} findings, guideline by guideline`))
				: null,
		),
		h("section", { "aria-labelledby": "inside" }, h("h2", { id: "inside" }, "In numbers"), numbers(model)),
		settles(model),
	];
}

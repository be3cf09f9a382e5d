// SPDX-License-Identifier: GPL-3.0-or-later
// The first screen: the product, how it stands with each guideline, and what matters most.
import { h } from "./dom.js";
import { evidenceList } from "./evidence.js";
import { unreadInputs } from "./product.js";
import { packPicture, pill, remedy, severityRank, severityTag } from "./verdicts.js";
import { count, plural, size, words } from "./text.js";

const MOST = 5;

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

// The findings that matter most: the most severe first; one of those that say the same in several guidelines.
export function foremost(model, most = MOST) {
	const fails = model.report.verdicts.filter((verdict) => verdict.verdict === "FAIL");
	const ordered = fails
		.map((verdict, at) => [verdict, at])
		.sort(([a, i], [b, k]) => severityRank(a) - severityRank(b) || i - k)
		.map(([verdict]) => verdict);
	const said = new Set();
	return ordered
		.filter((verdict) => {
			const key = verdict.summary ?? verdict.requirement;
			return !said.has(key) && said.add(key);
		})
		.slice(0, most);
}

function finding(model, verdict) {
	return h(
		"li",
		{ class: "finding" },
		h("div", { class: "verdict-head" }, pill(verdict.verdict), severityTag(verdict.severity)),
		h("h3", null, h("a", { href: `#verdict-${verdict.id}` }, verdict.title ?? verdict.requirement)),
		evidenceList(model, verdict, 2, { brief: true, excerpts: 1 }),
		remedy(verdict),
	);
}

// Numbers that say what kind of product it is; each leads to its section.
function numbers(model) {
	const { software } = model.report.summary;
	const accounts = model.table("account");
	const guessed = accounts.rows.filter((_, i) => accounts.value(i, "password") || accounts.value(i, "state") === "empty").length;
	const exposed = model.table("services").rows.filter((_, i) => model.table("services").value(i, "exposed")).length;
	const matched = software?.vulnerabilities !== null && software?.vulnerabilities !== undefined;
	const tiles = [
		["services", exposed, exposed === 1 ? "service a network reaches" : "services a network reaches"],
		["accounts", guessed, "accounts with a known or empty password"],
		[
			"vulnerabilities",
			matched ? software.vulnerabilities : null,
			matched ? `known vulnerabilities apply, ${count(software.exploited ?? 0)} known to be exploited` : "vulnerabilities: not matched with feeds",
		],
		["components", software?.components ?? model.count("component"), "components"],
		["keys", model.count("private_key"), "private keys in every copy"],
		["contents", model.count("blob"), "pieces unpacked"],
		["unseen", model.count("damage"), "places that could not be read"],
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
	const findings = foremost(model);
	return [
		productHead(model),
		h(
			"section",
			{ "aria-labelledby": "standing" },
			h("h2", { id: "standing" }, "How it stands with the guidelines"),
			packs.length
				? h(
						"div",
						{ class: "packs" },
						packs.map((pack) => packPicture(model, pack, true)),
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
						findings.map((verdict) => finding(model, verdict)),
					)
				: h("p", { class: "note" }, "No requirement was found to be broken. What is inconclusive was not shown to be kept."),
		),
		h("section", { "aria-labelledby": "inside" }, h("h2", { id: "inside" }, "In numbers"), numbers(model)),
		settles(model),
	];
}

// SPDX-License-Identifier: GPL-3.0-or-later
// What was not looked at, and why: inputs without a probe, probes that did not run, those that did not see everything, and
// bytes that nothing recognised.
import { h } from "./dom.js";
import { place } from "./place.js";
import { unreadInputs } from "./product.js";
import { count, plural, size } from "./text.js";

const SHOWN = 50;

// The kind of input at which the probes of a family look, in words.
const LOOKS_AT = {
	app: "a mobile app",
	capture: "a network capture",
	device: "a live device",
	document: "a document",
	product: "a product file",
	sbom: "a bill of materials",
	site: "a web site",
};

function rows(label, heads, body) {
	return h(
		"div",
		{ class: "grid" },
		h(
			"div",
			{ class: "scroller", tabindex: 0, role: "region", "aria-label": `${label}, scrolls` }, // its cells hold no link to go to
			h(
				"table",
				{ "aria-label": label },
				h("thead", null, h("tr", null, heads.map((head) => h("th", { scope: "col", class: head.number ? "number" : null }, head.text)))),
				h(
					"tbody",
					null,
					body.map((cells) => h("tr", null, cells.map((cell, i) => h("td", { "data-head": heads[i].text, class: heads[i].number ? "number" : null }, cell)))),
				),
			),
		),
	);
}

// The probes for which requirements wait, the most awaited first: [probe, [verdict, ...]]. The judge writes of each that is
// missing "NAME has not run".
function waitedFor(model) {
	const ran = new Set(model.report.probe_runs.map((run) => run.probe));
	const probes = new Map();
	for (const verdict of model.report.verdicts)
		for (const [, probe] of (verdict.missing ?? "").matchAll(/\b([a-z][\w-]*\.[\w-]+) has not run\b/g)) {
			if (ran.has(probe)) continue;
			const list = probes.get(probe) ?? [];
			probes.set(probe, list);
			if (list.at(-1) !== verdict) list.push(verdict);
		}
	return [...probes].sort(([, a], [, b]) => b.length - a.length);
}

function whyNot(model, probe) {
	const [family] = probe.split(".");
	if (family === "feeds") return "The components were not matched with feeds of known vulnerabilities.";
	if (!LOOKS_AT[family]) return "It had nothing to look at.";
	const given = model.report.inputs.some((input) => input.kind === family);
	return given ? "What it looks at was given, but this version has no such probe." : `It looks at ${LOOKS_AT[family]}, and none was given.`;
}

function notRun(model) {
	const probes = waitedFor(model);
	if (!probes.length) return null;
	return [
		h("h2", null, "Probes that did not run, and why"),
		rows(
			"Probes that did not run",
			[{ text: "Probe" }, { text: "Why" }, { text: "Requirements that wait", number: true }],
			probes.map(([probe, verdicts]) => [
				h("code", null, probe),
				whyNot(model, probe),
				h("a", { href: `#search/${encodeURIComponent(`${probe} has not run`)}` }, count(verdicts.length)),
			]),
		),
	];
}

function inputsWithout(model) {
	const unread = unreadInputs(model);
	if (!unread.length) return null;
	return [
		h("h2", null, "Inputs that nothing looked at"),
		h(
			"ul",
			{ class: "plain" },
			unread.slice(0, SHOWN).map((input) => h("li", null, input.name ?? "unnamed", h("span", { class: "note" }, ` ${input.kind}: this version has no probe for it`))),
			unread.length > SHOWN ? h("li", { class: "note" }, `and ${count(unread.length - SHOWN)} more`) : null,
		),
	];
}

// Pieces of an image whose content no format explains. Ordinary files are none: what a program reads from them is its own.
function unknownPieces(model) {
	const { blobs } = model;
	const found = blobs.rows
		.map((_, at) => at)
		.filter((at) => ["unknown", "high-entropy"].includes(blobs.value(at, "format")) && blobs.value(at, "kind") !== "file")
		.sort((a, b) => (blobs.value(b, "size") ?? 0) - (blobs.value(a, "size") ?? 0));
	if (!found.length) return null;
	return [
		h("h2", null, "Content that nothing recognised"),
		h("p", { class: "note" }, `${plural(found.length, "piece")}: of no format that this version knows, or encrypted.`),
		h(
			"ul",
			{ class: "plain" },
			found.slice(0, SHOWN).map((at) => h("li", null, place(model, blobs.value(at, "id")), h("span", { class: "note" }, ` ${size(blobs.value(at, "size") ?? 0)}`))),
			found.length > SHOWN ? h("li", { class: "note" }, `and ${count(found.length - SHOWN)} more in the tree of contents`) : null,
		),
	];
}

function summary(model, open) {
	const runs = model.report.probe_runs.length;
	if (!runs) return "No probe ran.";
	return open.length ? `${plural(runs, "probe")} ran; ${count(open.length)} of them did not see everything.` : `${plural(runs, "probe")} ran, each to its end.`;
}

export function unseen(model) {
	const times = new Map((model.report.header?.times ?? []).map((t) => [t.probe_run_id, t.seconds]));
	const open = model.report.probe_runs.filter((run) => run.status !== "complete");
	const runs = [...open, ...model.report.probe_runs.filter((run) => run.status === "complete")];
	return [
		h("p", null, summary(model, open)),
		inputsWithout(model),
		notRun(model),
		unknownPieces(model),
		h("h2", null, "Probes that ran"),
		rows(
			"Probes",
			[{ text: "Probe" }, { text: "Status" }, { text: "Detail" }, { text: "Seconds", number: true }],
			runs.map((run) => [
				h("code", null, run.probe),
				h("span", { class: `tag ${run.status === "complete" ? "good" : "warn"}` }, run.status),
				run.detail,
				times.get(run.id)?.toFixed(2),
			]),
		),
	];
}

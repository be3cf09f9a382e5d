// SPDX-License-Identifier: GPL-3.0-or-later
// On paper: the first screen, every verdict with its evidence, and the beginning of every table.
import { append, h } from "./dom.js";
import { evidenceList } from "./evidence.js";
import { overview } from "./overview.js";
import { section } from "./sections.js";
import { VERDICTS, verdictKind } from "./pictures.js";
import { pill, remedy, severityRank, severityTag, wordTag } from "./verdicts.js";

const EVIDENCE = 20; // rows of a verdict
const EXCERPTS = 3; // of them, where it fails
const ROWS = 150; // rows of a table

function verdict(model, v) {
	const kind = verdictKind(v.verdict).key;
	return h(
		"div",
		{ class: `verdict ${kind}` },
		h("div", { class: "verdict-head" }, pill(v.verdict), severityTag(v.severity), wordTag(v), h("code", null, v.requirement)),
		h("h4", null, v.title ?? v.requirement),
		v.summary ? h("p", null, v.summary) : null,
		evidenceList(model, v, EVIDENCE, { brief: true, excerpts: kind === "fail" ? EXCERPTS : 0 }),
		kind === "fail" ? remedy(v) : null,
		kind === "inconclusive" && v.missing ? h("p", null, h("span", { class: "label" }, "Missing "), v.missing) : null,
		kind === "inconclusive" && v.settles ? h("p", null, h("span", { class: "label" }, "Settled by "), v.settles) : null,
	);
}

function verdicts(model) {
	return model.report.summary.packs.map((pack) =>
		h(
			"section",
			null,
			h("h2", null, pack.title ?? pack.pack),
			VERDICTS.map((kind) => {
				const list = model.report.verdicts
					.filter((v) => v.pack === pack.pack && verdictKind(v.verdict) === kind)
					.sort((a, b) => severityRank(a) - severityRank(b) || a.id - b.id);
				return list.length ? [h("h3", null, kind.title), list.map((v) => verdict(model, v))] : null;
			}),
		),
	);
}

function sections(model, topics) {
	return topics
		.filter((topic) => topic.picture !== "tree")
		.map((topic) => {
			const { nodes, grids } = section(model, topic);
			if (!grids.length && !topic.picture) return null;
			for (const grid of grids) grid.print?.(ROWS);
			return h("section", null, nodes);
		});
}

// Everything at once; the page shows it in place of the view while it is printed.
export function paper(model, topics) {
	return append(h("div", { class: "paper" }), [overview(model), verdicts(model), sections(model, topics)]);
}

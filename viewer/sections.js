// SPDX-License-Identifier: GPL-3.0-or-later
// The sections of the case: a picture where one says more, and its tables.
import { bootPicture } from "./boot.js";
import { h } from "./dom.js";
import { hardeningGrid, hardeningPicture } from "./hardening.js";
import { listing } from "./listing.js";
import { declarations, documents, inputs } from "./product.js";
import { bars, flashPicture, regionsOf, timeLine } from "./pictures.js";
import { Tree } from "./tree.js";
import { unseen } from "./unseen.js";
import { count, hex, size } from "./text.js";

function roots(model) {
	return model.blobs.by("parent_id").get(null) ?? [];
}

function flash(model) {
	const shown = roots(model).filter((root) => regionsOf(model, model.blobs.value(root, "id")).length);
	if (!shown.length) return h("p", { class: "note" }, "The input has no parts at known places.");
	return shown.map((root) => {
		const regions = regionsOf(model, model.blobs.value(root, "id"));
		return [
			h("h2", null, model.name(root)),
			flashPicture(model, root),
			h(
				"ol",
				{ class: "regions" },
				regions
					.slice(0, 200)
					.map((region) =>
						h(
							"li",
							{ class: region.depth ? "inside" : null, style: { "--depth": region.depth } },
							h("span", { class: "number" }, hex(region.from)),
							h("a", { href: `#blob-${region.id}` }, h("code", null, region.name)),
							h("span", null, region.format),
							h("span", { class: "number note" }, size(region.size)),
						),
					),
			),
			regions.length > 200 ? h("p", { class: "note" }, `and ${count(regions.length - 200)} more in the tree of contents`) : null,
		];
	});
}

function endpoints(model) {
	const table = model.table("endpoint");
	const schemes = new Map();
	for (let i = 0; i < table.length; i++) {
		if (table.value(i, "noise")) continue;
		const name = table.value(i, "scheme") ?? table.value(i, "kind") ?? "other";
		const group = schemes.get(name) ?? { name, n: 0, clear: 0, encrypted: 0 };
		schemes.set(name, group);
		group.n++;
		if (table.value(i, "encrypted") === false) group.clear++;
		if (table.value(i, "encrypted") === true) group.encrypted++;
	}
	if (!schemes.size) return null;
	return bars(
		"Addresses by scheme",
		[...schemes.values()]
			.sort((a, b) => b.n - a.n)
			.map((group) => ({
				name: group.name,
				n: group.n,
				tone: group.clear ? "bad" : group.encrypted ? "good" : "",
				note: group.clear ? "in the clear" : group.encrypted ? "encrypted" : "",
			})),
	);
}

function keys(model) {
	const at = Date.parse(model.report.header?.finished_at ?? "") / 1000;
	return timeLine(model.table("certificate").objects(), Number.isFinite(at) ? at : Date.now() / 1000);
}

function vulnerabilities(model) {
	const s = model.report.summary.software ?? {};
	if (s.vulnerabilities === null || s.vulnerabilities === undefined)
		return h(
			"p",
			null,
			"The components were not matched with known vulnerabilities. ",
			h("code", null, "assay feed update"),
			" fetches the feeds, ",
			h("code", null, "assay vulns"),
			" matches the case file.",
		);
	const one = s.vulnerabilities === 1;
	return [
		h(
			"p",
			null,
			h("b", null, count(s.vulnerabilities)),
			` known ${one ? "vulnerability applies" : "vulnerabilities apply"}, `,
			h("b", null, count(s.exploited ?? 0)),
			" known to be exploited, ",
			h("b", null, count(s.severe_and_reachable ?? 0)),
			" critical or high in what boot starts. ",
			`${count(s.fixed ?? 0)} fixed, ${count(s.not_affected ?? 0)} that do not apply, ${count(s.under_investigation ?? 0)} under investigation.`,
			s.stated_otherwise ? ` Of ${count(s.stated_otherwise)} of them somebody states something else; they are counted as they were matched.` : null,
			s.chance_30_days > 0 && s.vulnerabilities
				? [
						" The chance that at least one of them is exploited somewhere within 30 days is ",
						h("b", null, `${(100 * s.chance_30_days).toFixed(1)} %`),
						" (EPSS; taken as independent of each other and of this product).",
					]
				: null,
		),
		h(
			"p",
			{ class: "note" },
			"Priority orders them: threat (exploited, EPSS) and harm (CVSS), by how far what boot starts exposes the component and by how sure the match is.",
		),
	];
}

const PICTURES = {
	inputs,
	declarations,
	documents,
	flash,
	endpoints,
	vulnerabilities,
	unseen,
	timeline: keys,
	boot: bootPicture,
	hardening: hardeningPicture,
	tree: (model) => new Tree(model),
};

// Shown: nodes, and the grids and trees among them, which want to know when they are in the page.
export function section(model, topic) {
	const nodes = [h("h1", { tabindex: -1 }, topic.title)];
	const grids = [];
	const picture = PICTURES[topic.picture]?.(model);
	if (picture instanceof Tree) {
		nodes.push(
			h("p", { class: "note" }, "Everything that was unpacked. Arrow keys move and open, Enter shows a file, the space bar what holds others."),
			picture.element,
		);
		grids.push(picture);
	} else if (picture) {
		nodes.push(picture);
	}
	if (topic.picture === "hardening" && model.count("elf")) addGrid(nodes, grids, hardeningGrid(model), "Object by object, the least protected first");
	for (const part of topic.parts) {
		const table = model.table(part.table);
		if (!table.length && part.only) continue;
		const grid = listing(model, part);
		if (!grid.rows.length) nodes.push(part.title ? h("h2", null, part.title) : null, h("p", { class: "note" }, part.nothing ?? "Nothing was found."));
		else addGrid(nodes, grids, grid, part.title, table.doc);
	}
	return { nodes: nodes.flat(Infinity).filter(Boolean), grids };
}

function addGrid(nodes, grids, grid, title, doc) {
	if (title) nodes.push(h("h2", null, title));
	if (doc)
		nodes.push(
			h(
				"p",
				{ class: "note" },
				doc.split("`").map((text, i) => (i % 2 ? h("code", null, text) : text)),
				doc.endsWith(".") ? null : ".",
			),
		);
	nodes.push(grid.element);
	grids.push(grid);
}

// SPDX-License-Identifier: GPL-3.0-or-later
// Numbers of a requirement: how each is made, where its thresholds are and who set them, where the product stands among
// others. A number alone decides nothing; a threshold that is crossed does.
import { h } from "./dom.js";
import { evidenceItems } from "./evidence.js";
import { count, plural } from "./text.js";

const ROWS = 20;

function number(value) {
	return Number.isInteger(value) ? count(value) : String(Number(value.toPrecision(6)));
}

function threshold(t) {
	const above = t.above !== null && t.above !== undefined;
	return h(
		"li",
		null,
		h("span", { class: `tag ${t.crossed ? "bad" : ""}` }, `${t.gives ?? "FAIL"} ${above ? "above" : "below"} ${number(above ? t.above : t.below)}`),
		" ",
		t.crossed ? "crossed. " : null,
		h("span", { class: "note" }, t.source),
	);
}

function standing(model, verdict, measure) {
	const row = (model.report.header?.standing ?? []).find(
		(s) => s.measure === measure.name && (s.requirement === verdict.requirement || s.requirement === verdict.origin),
	);
	if (!row?.products) return null;
	return h(
		"p",
		{ class: "note" },
		`Of ${plural(row.products, "other product")} that were measured here, ${count(row.lower)} have less, ${count(row.equal)} as much, ${count(row.higher)} more.`,
	);
}

/* "1 host", "1 byte per day": units are in the plural, and their first word is what is counted. */
function unitOf(m) {
	const unit = m.unit ?? "";
	const one = (whole, stem, end) => (stem.length < 2 ? whole : stem + (end === "ies" ? "y" : ""));
	return m.value === 1 ? unit.replace(/^(\S+?)(ies|(?<=ss|x|ch|sh)es|(?<![su])s)(?= |$)/, one) : unit;
}

function measure(model, verdict, m) {
	const known = m.value !== null && m.value !== undefined;
	return h(
		"div",
		{ class: "measure" },
		h("h3", null, m.title ?? m.name),
		h(
			"p",
			null,
			known ? [h("b", { class: "value" }, number(m.value)), ` ${unitOf(m)}`] : h("span", { class: "note" }, `Not measured. ${m.missing ?? ""}`),
			known && m.better ? h("span", { class: "note" }, `, ${m.better} is better`) : null,
		),
		m.formula ? h("p", { class: "note" }, m.formula) : null,
		standing(model, verdict, m),
		m.thresholds?.length ? h("ul", { class: "plain" }, m.thresholds.map(threshold)) : null,
		m.evidence?.length
			? h(
					"details",
					null,
					h("summary", null, `Rows behind it: ${count(Math.max(m.evidence_total ?? 0, m.evidence.length))}`),
					evidenceItems(model, m.evidence, m.evidence_total, ROWS),
				)
			: null,
	);
}

export function measures(model, verdict) {
	if (!verdict.measures?.length) return null;
	return h(
		"section",
		null,
		h("h2", null, "Measured"),
		verdict.measures.map((m) => measure(model, verdict, m)),
	);
}

// SPDX-License-Identifier: GPL-3.0-or-later
// Small pictures of numbers: each is readable without its colours, and has its numbers in words beside it.
import { h } from "./dom.js";
import { count, day, hex, plural, size } from "./text.js";

export const VERDICTS = [
	{ key: "fail", word: "FAIL", title: "Fails", mark: "✕" },
	{ key: "inconclusive", word: "INCONCLUSIVE", title: "Inconclusive", mark: "?" },
	{ key: "pass", word: "PASS", title: "Passes", mark: "✓" },
	{ key: "not_applicable", word: "NOT APPLICABLE", title: "Not applicable", mark: "–" },
];

export function verdictKind(word) {
	return VERDICTS.find((kind) => kind.word === word) ?? VERDICTS[1];
}

// One bar of parts: [{ label, n, tone, href? }]. Parts of nothing are left out of the bar, not of the key.
export function stackedBar(label, parts) {
	const all = parts.reduce((sum, part) => sum + part.n, 0);
	const words = parts.map((part) => `${count(part.n)} ${part.label}`).join(", ");
	return h(
		"div",
		{ class: "bar", role: "img", "aria-label": `${label}: ${words}` },
		parts
			.filter((part) => part.n)
			.map((part) =>
				h("span", {
					class: `part ${part.tone}`,
					title: `${count(part.n)} ${part.label}`,
					style: { "flex-grow": part.n / all },
				}),
			),
	);
}

export function legend(parts) {
	if (!parts.length) return null;
	return h(
		"ul",
		{ class: "legend" },
		parts.map((part) =>
			h(
				"li",
				{ class: part.tone },
				h("span", { class: "swatch", "aria-hidden": "true" }, part.mark ?? ""),
				part.href ? h("a", { href: part.href }, h("b", null, count(part.n)), ` ${part.label}`) : [h("b", null, count(part.n)), ` ${part.label}`],
			),
		),
	);
}

export function verdictParts(counts, href) {
	return VERDICTS.map((kind) => ({
		label: kind.title.toLowerCase(),
		n: counts[kind.key] ?? 0,
		tone: kind.key,
		mark: kind.mark,
		href: href?.(kind),
	}));
}

// Horizontal bars with names: [{ name, n, tone?, note? }].
export function bars(label, rows) {
	const most = Math.max(1, ...rows.map((row) => row.n));
	return h(
		"dl",
		{ class: "bars", "aria-label": label },
		rows.map((row) =>
			h(
				"div",
				null,
				h("dt", null, row.name),
				h(
					"dd",
					null,
					h("span", { class: `fill ${row.tone ?? ""}`, "aria-hidden": "true", style: { width: `${(100 * row.n) / most}%` } }),
					h("b", null, count(row.n)),
					row.note ? h("span", { class: "note" }, row.note) : null,
				),
			),
		),
	);
}

// ---- flash ----

const BITS = [
	["low", 2500],
	["data", 6500],
	["dense", 7600],
	["full", Infinity],
];

function density(millibits) {
	return BITS.find(([, below]) => millibits < below)[0];
}

const LANE = 1000; // parts of a lane
const DEEPEST = 3; // lanes of parts within parts

// What lies in an input at a known place, with what lies in that, in the order of places. A part within a part counts from
// the beginning of the input; what is packed has no place there.
export function regionsOf(model, rootId, from = 0, depth = 0) {
	const { blobs } = model;
	const regions = model
		.children(rootId)
		.filter((row) => blobs.value(row, "kind") === "region")
		.map((row) => ({
			id: blobs.value(row, "id"),
			name: model.name(row),
			format: blobs.value(row, "format") ?? "data",
			from: blobs.value(row, "offset"),
			size: blobs.value(row, "size") ?? 0,
			depth,
		}))
		.filter((region) => Number.isInteger(region.from) && region.size > 0)
		.sort((a, b) => a.from - b.from || b.size - a.size);
	return regions.flatMap((region) => {
		region.from += from;
		return [region, ...(depth + 1 < DEEPEST ? regionsOf(model, region.id, region.from, depth + 1) : [])];
	});
}

function tone(format) {
	if (["padding", "empty"].includes(format)) return "pad";
	if (["unknown", "data", "high-entropy"].includes(format)) return "unknown";
	return "known";
}

const NARROW = 0.08; // of a lane: less than a finger is wide on a small screen

// One part of a lane, a link; `percent` places bytes. One that a finger does not hit is left out of the order of tabs: the
// list below the picture has it too.
function regionLink(region, percent, all) {
	const words = `${region.name}: ${region.format}, ${size(region.size)} at ${hex(region.from)}`;
	const style = { left: percent(region.from), width: percent(region.size) };
	return h(
		"a",
		{
			class: `region ${tone(region.format)}`,
			href: `#blob-${region.id}`,
			title: words,
			"aria-label": words,
			tabindex: region.size / all < NARROW ? -1 : null,
			style,
		},
		region.size / all > 0.06 ? [h("b", null, region.format), h("span", null, size(region.size))] : null,
	);
}

// For a mouse each stretch leads to its row; the table below the picture has the same as links.
function entropyStrip(stretches, percent, all) {
	const bars = stretches.map((stretch) => {
		const millibits = stretch.millibits ?? 0;
		const style = { left: percent(stretch.offset ?? 0), width: percent(stretch.size ?? 0), height: `${Math.max(6, millibits / 80)}%` };
		const onclick = () => {
			location.hash = `#entropy-${stretch.id}`;
		};
		return h("span", { class: density(millibits), title: stretchWords(stretch), style, onclick });
	});
	return h("div", { class: "lane strip", role: "img", "aria-label": stripWords(stretches, all) }, bars);
}

// The input to scale: what it holds, each part a link, and below it how dense its bytes are.
export function flashPicture(model, root) {
	const all = model.blobs.value(root, "size") || 1;
	const id = model.blobs.value(root, "id");
	const percent = (n) => `${(100 * n) / all}%`;
	const regions = regionsOf(model, id);
	const entropy = model.table("entropy");
	const stretches = (entropy.by("blob_id").get(id) ?? []).map((i) => entropy.object(i));
	const lane = (depth) => regions.filter((region) => region.depth === depth).slice(0, LANE);
	const lanes = Array.from({ length: DEEPEST }, (_, depth) => lane(depth)).filter((parts) => parts.length);
	const ticks = [0, 0.25, 0.5, 0.75, 1].map((part) => h("span", null, hex(Math.round(all * part))));
	const strip = "The strip has bits of information a byte: low is text, code or padding, full is encrypted or packed.";
	return h(
		"figure",
		{ class: "flash" },
		lanes.map((parts, depth) =>
			h(
				"div",
				{ class: depth ? "lane inner" : "lane" },
				parts.map((region) => regionLink(region, percent, all)),
			),
		),
		stretches.length ? entropyStrip(stretches, percent, all) : null,
		h("div", { class: "ticks", "aria-hidden": "true" }, ticks),
		h(
			"figcaption",
			{ class: "note" },
			"To scale: what lies in the input, and in the lanes below what lies in that. ",
			stretches.length ? strip : null,
		),
	);
}

function stretchWords(stretch) {
	const bits = ((stretch.millibits ?? 0) / 1000).toFixed(2);
	return `${hex(stretch.offset ?? 0)}, ${size(stretch.size ?? 0)}: ${stretch.kind ?? ""}, ${bits} bits a byte${stretch.detail ? `; ${stretch.detail}` : ""}`;
}

function stripWords(stretches, all) {
	const dense = stretches.filter((s) => (s.millibits ?? 0) >= 7600).reduce((sum, s) => sum + (s.size ?? 0), 0);
	return `Entropy: ${plural(stretches.length, "stretch", "stretches")}, ${Math.round((100 * dense) / all)} % of the bytes dense`;
}

// ---- certificates ----

// Validity of certificates on one scale, with the day of the assessment.
export function timeLine(certificates, today) {
	const rows = certificates.filter((c) => c.not_before !== null && c.not_after !== null && c.not_after > c.not_before);
	if (!rows.length) return null;
	const year = 365.2425 * 86400;
	const from = Math.min(today, ...rows.map((c) => c.not_before)) - year / 2;
	const to = Math.min(Math.max(today, ...rows.map((c) => c.not_after)), from + 120 * year) + year / 2;
	const percent = (t) => (100 * (Math.min(Math.max(t, from), to) - from)) / (to - from);
	const shown = rows.slice(0, 60);
	return h(
		"figure",
		{ class: "timeline" },
		h(
			"ol",
			{ "aria-label": "Validity of certificates" },
			shown.map((c) => {
				const state = c.not_after < today ? "over" : c.weak ? "weak" : "good";
				const words = state === "over" ? "expired" : state === "weak" ? c.weak : "valid";
				return h(
					"li",
					null,
					h("a", { href: `#certificate-${c.id}` }, c.subject || "no subject"),
					h("span", { class: "note" }, `${day(c.not_before)} – ${day(c.not_after)}, ${words}`),
					h(
						"span",
						{ class: "span", "aria-hidden": "true" },
						h("i", { class: state, style: { left: `${percent(c.not_before)}%`, width: `${percent(c.not_after) - percent(c.not_before)}%` } }),
						h("i", { class: "today", style: { left: `${percent(today)}%` } }),
					),
				);
			}),
		),
		h(
			"figcaption",
			{ class: "note" },
			`The line is the day of the assessment, ${day(today)}.`,
			rows.length > shown.length ? ` The first ${shown.length} of ${count(rows.length)}.` : null,
		),
	);
}

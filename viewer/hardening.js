// SPDX-License-Identifier: GPL-3.0-or-later
// Binary hardening as a heat map: a row an object, a column a protection; the least protected first.
import { h } from "./dom.js";
import { Grid } from "./grid.js";
import { place, placeText } from "./place.js";
import { stackedBar } from "./pictures.js";
import { count } from "./text.js";

// How good a value is: 1 all there, 0.5 partly, 0 not, null unknown or not for this kind.
const yes = (value) => (value === null || value === undefined ? null : value ? 1 : 0);
const RELRO = { full: 1, partial: 0.5, none: 0 };
const PROTECTIONS = [
	{ column: "pie", name: "PIE", doc: "Position-independent executable", grade: yes },
	{ column: "nx", name: "NX", doc: "Stack not executable", grade: yes },
	{ column: "relro", name: "RELRO", doc: "Relocations read-only: full, partial, none", grade: (v) => RELRO[v] ?? null },
	{ column: "canary", name: "Canary", doc: "Stack canary", grade: yes },
	{ column: "fortify", name: "Fortify", doc: "Fortified libc calls", grade: yes },
	{ column: "stripped", name: "Stripped", doc: "Symbols stripped", grade: yes },
];
const SHADES = { 1: ["on", "✓"], 0.5: ["half", "~"], 0: ["off", "✕"] };

function objects(model) {
	return model
		.table("elf")
		.objects()
		.filter((elf) => elf.type === "executable" || elf.type === "shared-library");
}

function score(elf) {
	return PROTECTIONS.slice(0, 5).reduce((sum, p) => sum + (p.grade(elf[p.column]) ?? 1), 0);
}

function shade(protection, elf) {
	const grade = protection.grade(elf[protection.column]);
	const [tone, mark] = SHADES[grade] ?? ["na", ""];
	const word = protection.column === "relro" ? (elf.relro ?? "unknown") : grade === null ? "unknown" : grade ? "yes" : "no";
	return h("span", { class: `heat ${tone}` }, h("span", { "aria-hidden": "true" }, mark || "·"), h("span", { class: "offscreen" }, word));
}

// Each protection: how many objects have it of those of which it is known.
function totals(elfs) {
	return h(
		"dl",
		{ class: "totals" },
		PROTECTIONS.map((p) => {
			const grades = elfs.map((elf) => p.grade(elf[p.column])).filter((grade) => grade !== null);
			const have = grades.filter((grade) => grade === 1).length;
			const half = grades.filter((grade) => grade === 0.5).length;
			if (!grades.length) return null;
			return h(
				"div",
				null,
				h("dt", null, p.doc),
				h(
					"dd",
					null,
					h("span", { class: "number" }, `${count(have)} of ${count(grades.length)}`),
					stackedBar(p.doc, [
						{ label: "have it", n: have, tone: "pass" },
						{ label: "in part", n: half, tone: "inconclusive" },
						{ label: "have it not", n: grades.length - have - half, tone: "fail" },
					]),
				),
			);
		}),
	);
}

export function hardeningGrid(model, filter) {
	const elfs = objects(model).sort((a, b) => score(a) - score(b) || a.id - b.id);
	const where = {
		head: "Object",
		class: "where",
		text: (elf) => placeText(model, elf.blob_id),
		cell: (elf) => place(model, elf.blob_id),
	};
	const heat = PROTECTIONS.map((p) => ({
		head: p.name,
		doc: p.doc,
		class: "heats",
		text: (elf) => (p.column === "relro" ? elf.relro : elf[p.column] === null ? "" : elf[p.column] ? "yes" : "no"),
		cell: (elf) => shade(p, elf),
	}));
	const more = [
		["type", "Type"],
		["machine", "Machine"],
		["dangerous", "Risky imports"],
	].map(([column, head]) => ({
		head,
		text: (elf) => elf[column],
		cell: (elf) => (column === "dangerous" && elf[column] ? h("code", null, elf[column]) : elf[column]),
	}));
	return new Grid({ label: "Hardening, object by object", columns: [where, ...heat, ...more], rows: elfs, filter, one: "object" });
}

export function hardeningPicture(model) {
	const elfs = objects(model);
	return elfs.length ? totals(elfs) : h("p", { class: "note" }, "No programs were found.");
}

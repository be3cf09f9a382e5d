// SPDX-License-Identifier: GPL-3.0-or-later
// One row of any table by itself: all its columns, where it stands, what points at it, and how to get at it.
import { h } from "./dom.js";
import { excerpt } from "./excerpt.js";
import { cell, hrefOf } from "./listing.js";
import { bytesCommand, copyButtons, linkTo, place, sqlCommand } from "./place.js";
import { verdictKind } from "./pictures.js";
import { count, day, hex, permissions, plural, size, words } from "./text.js";

const DATES = new Set(["not_before", "not_after", "mtime", "built"]);
const PLACES = new Set(["blob_id", "parent_id", "program_id", "file_id"]);
const CODE = new Set(["command", "expanded", "code", "evidence", "value", "hash", "text", "sha256", "fingerprint", "purl", "cvss_vector", "der"]);

// What is known of a value: how it is written, or another way to say it.
function shown(model, name, value) {
	if (PLACES.has(name)) return place(model, value) ?? String(value);
	if (name === "mode") return `${permissions(value)} (${value.toString(8)})`;
	if (DATES.has(name)) return `${day(value)} (${value})`;
	if (name === "offset" || name === "start") return `${hex(value)} (${count(value)})`;
	if (name === "size") return value < 1024 ? size(value) : `${size(value)} (${count(value)} bytes)`;
	if (name === "software_id") return h("a", { href: `#software-${value}` }, `software ${value}`);
	if (name === "component_id") return h("a", { href: `#component-${value}` }, `component ${value}`);
	if (name === "startup_id") return h("a", { href: `#startup-${value}` }, `startup ${value}`);
	return cell(value, CODE.has(name) ? "code" : "text", name);
}

// table: its name; id: of the row. null when there is no such row.
export function rowPage(model, table, id, topic) {
	const data = model.table(table);
	const at = data.find(id);
	if (at < 0) return null;
	const row = data.object(at);
	const blobId = table === "blob" ? row.id : row.blob_id;
	const offset = table === "entropy" || table !== "blob" ? (row.offset ?? undefined) : undefined;
	return h(
		"article",
		{ class: "rowpage" },
		h("p", { class: "crumbs" }, h("a", { href: `#${topic.id}` }, topic.title), " › ", `${words(table)} ${id}`),
		h("h1", { tabindex: -1 }, title(model, table, row)),
		blobId ? h("p", null, trail(model, blobId)) : null,
		excerpt(model, table, row),
		blobId
			? copyButtons([
					["path", model.path(blobId)],
					["dd command", bytesCommand(model, blobId, offset, row.size && table === "entropy" ? row.size : undefined)],
					["SQL", sqlCommand(model, table, id)],
					["link", linkTo(`#${table}-${id}`)],
				])
			: copyButtons([["SQL", sqlCommand(model, table, id)]]),
		about(model, table, id),
		h("h2", null, "All that is known"),
		h(
			"dl",
			{ class: "facts" },
			data.columns.map((name, i) =>
				name === "id" || row[name] === null
					? null
					: h("div", null, h("dt", { title: data.docs[i] ?? null }, words(name)), h("dd", null, shown(model, name, row[name]))),
			),
		),
		unknown(data, row),
		table === "blob" ? blobParts(model, row) : null,
	);
}

// What a column is for stands in its title; that it is not known is said once for all.
function unknown(data, row) {
	const names = data.columns.filter((name) => row[name] === null);
	return names.length
		? h("p", { class: "note" }, "Not known, or not of this kind: ", names.map((name) => words(name).toLowerCase()).join(", "), ".")
		: null;
}

function title(model, table, row) {
	if (table === "blob") return row.path ?? `blob ${row.id}`;
	const text =
		row.title ?? row.name ?? row.user ?? row.subject ?? row.command ?? row.program ?? row.text ?? row.key ?? row.what ?? row.type ?? row.kind;
	return text ? String(text).slice(0, 200) : `${words(table)} ${row.id}`;
}

// The way through the containers, each a link.
function trail(model, blobId) {
	return h(
		"span",
		{ class: "trail" },
		model
			.chain(blobId)
			.map((row, i) => [i ? " › " : null, h("a", { href: `#blob-${model.blobs.value(row, "id")}` }, h("code", null, model.name(row)))]),
	);
}

function about(model, table, id) {
	const verdicts = model.verdictsAbout(table, id);
	if (!verdicts.length) return null;
	return h(
		"section",
		null,
		h("h2", null, "Verdicts that rest on it"),
		h(
			"ul",
			{ class: "plain" },
			verdicts.map((verdict) => {
				const kind = verdictKind(verdict.verdict);
				return h(
					"li",
					null,
					h("span", { class: `pill ${kind.key}` }, verdict.verdict),
					" ",
					h("a", { href: `#verdict-${verdict.id}` }, verdict.title ?? verdict.requirement),
				);
			}),
		),
	);
}

// What is inside of a blob, and every fact about it.
function blobParts(model, blob) {
	const children = model.children(blob.id);
	const facts = model
		.names()
		.filter((name) => name !== "blob" && model.count(name))
		.map((name) => [name, model.table(name)])
		.filter(([, table]) => table.at.has("blob_id"))
		.map(([name, table]) => [name, table, table.by("blob_id").get(blob.id) ?? []])
		.filter(([, , rows]) => rows.length);
	return [
		facts.length
			? [
					h("h2", null, "Facts about it"),
					h(
						"ul",
						{ class: "plain" },
						facts.flatMap(([name, table, rows]) =>
							rows
								.slice(0, 50)
								.map((i) => h("li", null, h("a", { href: hrefOf(name, table.object(i)) }, `${words(name)}: ${title(model, name, table.object(i))}`))),
						),
					),
				]
			: null,
		children.length
			? [
					h("h2", null, `Inside: ${plural(children.length, "entry", "entries")}`),
					h(
						"ul",
						{ class: "plain columns" },
						children
							.slice(0, 500)
							.map((row) =>
								h(
									"li",
									null,
									h("a", { href: `#blob-${model.blobs.value(row, "id")}` }, h("code", null, model.name(row))),
									" ",
									h("span", { class: "note" }, model.blobs.value(row, "format") ?? model.blobs.value(row, "kind")),
								),
							),
					),
					children.length > 500 ? h("p", { class: "note" }, `and ${count(children.length - 500)} more in the tree of contents`) : null,
				]
			: null,
	];
}

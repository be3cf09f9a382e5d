// SPDX-License-Identifier: GPL-3.0-or-later
// What starts at boot as a picture: who starts what, as which user, what listens, how hardened it is.
import { h } from "./dom.js";
import { plural } from "./text.js";

const PROTECTIONS = [
	["pie", "PIE", (v) => v],
	["nx", "NX", (v) => v],
	["relro", "RELRO", (v) => (v === "full" ? true : v === "partial" ? null : false)],
	["canary", "canary", (v) => v],
	["fortify", "fortify", (v) => v],
];

// startup and services -> [{ mechanism, files: [{ blobId, entries: [{ start, service }] }] }], what is started first.
export function bootTree(model) {
	const services = new Map(
		model
			.table("services")
			.objects()
			.map((s) => [s.id, s]),
	);
	const mechanisms = new Map();
	for (const start of model.table("startup").objects()) {
		if (start.enabled === false) continue;
		const files = mechanisms.get(start.mechanism ?? "unknown") ?? new Map();
		mechanisms.set(start.mechanism ?? "unknown", files);
		const entries = files.get(start.blob_id) ?? [];
		files.set(start.blob_id, entries);
		entries.push({ start, service: services.get(start.id) });
	}
	return [...mechanisms].map(([mechanism, files]) => ({
		mechanism,
		files: [...files].map(([blobId, entries]) => ({ blobId, entries })),
	}));
}

function shields(service) {
	const known = PROTECTIONS.filter(([column]) => service[column] !== null && service[column] !== undefined);
	if (!known.length) return null;
	return h(
		"span",
		{ class: "shields" },
		known.map(([column, name, grade]) => {
			const good = grade(service[column]);
			const state = good === null ? "half" : good ? "on" : "off";
			return h(
				"span",
				{ class: `shield ${state}`, title: `${name}: ${column === "relro" ? service[column] : good ? "yes" : "no"}` },
				h("span", { "aria-hidden": "true" }, good === null ? "~" : good ? "✓" : "✕"),
				` ${name}`,
			);
		}),
	);
}

function program({ start, service }) {
	const user = service?.user ?? start.user;
	const ports = service?.ports ?? start.ports;
	const listens = service && (service.listens || (service.listens === null && ports));
	return h(
		"li",
		{ class: listens ? "listens" : null },
		h("a", { href: `#startup-${start.id}` }, h("code", null, service?.name ?? start.program ?? start.command ?? "?")),
		h(
			"span",
			{ class: "chips" },
			listens ? h("span", { class: service.exposed ? "tag bad" : "tag" }, ports ? `listens on ${ports}` : "listens") : null,
			user ? h("span", { class: user === "root" ? "tag warn" : "tag" }, `as ${user}`) : null,
			service?.tls ? h("span", { class: "tag good" }, `TLS: ${service.tls}`) : null,
			service ? shields(service) : null,
		),
		start.command && start.command !== (service?.name ?? start.program) ? h("code", { class: "command" }, start.command) : null,
	);
}

function file(model, { blobId, entries }) {
	const stays = entries.filter((entry) => entry.service);
	const ends = entries.filter((entry) => !entry.service);
	const row = model.blobs.find(blobId);
	return h(
		"li",
		null,
		h("a", { class: "starter", href: `#blob-${blobId}` }, h("code", null, row < 0 ? `blob ${blobId}` : model.name(row))),
		stays.length ? h("ul", { class: "programs" }, stays.map(program)) : null,
		ends.length
			? h(
					"details",
					null,
					h("summary", null, `${stays.length ? "and " : ""}${plural(ends.length, "command")} that end, or are scripts`),
					h("ul", { class: "programs" }, ends.map(program)),
				)
			: null,
	);
}

export function bootPicture(model) {
	const tree = bootTree(model);
	if (!tree.length) return null;
	return h(
		"ol",
		{ class: "boot", "aria-label": "Who starts what" },
		tree.map(({ mechanism, files }) =>
			h(
				"li",
				null,
				h("span", { class: "mechanism" }, mechanism),
				h(
					"ul",
					{ class: "starters" },
					files.map((f) => file(model, f)),
				),
			),
		),
	);
}

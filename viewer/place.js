// SPDX-License-Identifier: GPL-3.0-or-later
// Where something stands, and how to get at it: the way through the containers, and what is copied for a shell.
import { announce, h } from "./dom.js";
import { hex, shellWord } from "./text.js";

// A link to a blob, line or offset behind it; before it in a softer voice what it lies in, but no more than the next
// container: the whole way is its title, and on its page.
export function place(model, blobId, line, offset) {
	const chain = blobId ? model.chain(blobId) : [];
	if (!chain.length) return null;
	const several = model.report.inputs.length > 1;
	const outer = chain.slice(several || chain.length === 1 ? 0 : 1, -1).map((row) => model.name(row));
	return h(
		"span",
		{ class: "place", title: model.path(blobId) },
		outer.length ? h("span", { class: "via" }, outer.length > 1 ? "… › " : null, `${outer.at(-1)} › `) : null,
		h("a", { href: `#blob-${blobId}` }, h("code", null, model.name(chain.at(-1)), line ? `:${line}` : null)),
		!line && offset ? h("span", { class: "note" }, ` at ${hex(offset)}`) : null,
	);
}

export function placeText(model, blobId, line, offset) {
	return `${model.path(blobId)}${line ? `:${line}` : offset ? ` at ${hex(offset)}` : ""}`;
}

export function caseFile(model) {
	return `${model.report.inputs[0]?.name ?? "case"}.assay`;
}

// A command that shows the bytes of a blob, or of a piece of it. Where its bytes do not stand in the input as they are,
// a command that unpacks them first (--extract puts what is inside of a container into a folder of its name with ".d"),
// or, for what is no file, one that assesses it by itself.
export function bytesCommand(model, blobId, offset, length) {
	const input = model.inputOf(blobId);
	const locations = model.report.header?.locations ?? [];
	const image = shellWord(locations.find((l) => l.input_id === input?.id)?.location ?? input?.name ?? "image");
	const chain = model.chain(blobId);
	const start = model.offsetInInput(blobId);
	const n = length ?? (offset ? 256 : model.blobs.value(chain.at(-1), "size")) ?? 256;
	if (start !== null) return dd(image, start + (offset ?? 0), n);
	if (model.blobs.value(chain.at(-1), "kind") !== "file") return `assay ${shellWord(caseFile(model))} --blob ${blobId}`;
	const names = chain.slice(1).map((row) => model.name(row).replace(/^\/+/, ""));
	return `assay ${image} --quiet --extract files; ${dd(shellWord(`files/${names.join(".d/")}`), offset ?? 0, n)}`;
}

function dd(file, at, n) {
	return `dd if=${file} iflag=skip_bytes,count_bytes skip=${at} count=${n} status=none | xxd -o ${at}`;
}

export function sqlCommand(model, table, id) {
	return `sqlite3 ${shellWord(caseFile(model))} "SELECT * FROM ${model.sqlName(table)} WHERE id = ${id}"`;
}

export function linkTo(hash) {
	return String(new URL(hash, location.href));
}

// Buttons that copy; each says that it did.
export function copyButtons(items) {
	return h(
		"div",
		{ class: "copies", role: "group", "aria-label": "Copy" },
		items.filter(Boolean).map(([label, text, what]) =>
			h(
				"button",
				{
					type: "button",
					class: "quiet",
					title: text,
					onclick: (event) => copy(event.currentTarget, text, what ?? label),
				},
				`Copy ${label}`,
			),
		),
	);
}

async function copy(button, text, what) {
	let done = true;
	try {
		await navigator.clipboard.writeText(text);
	} catch {
		done = copyBySelection(text);
	}
	const label = button.textContent;
	button.textContent = done ? "Copied" : "Copying is not allowed here";
	announce(done ? `Copied: ${what}` : "Copying is not allowed here");
	setTimeout(() => {
		button.textContent = label;
	}, 1500);
}

// For pages to which a browser gives no clipboard.
function copyBySelection(text) {
	const area = h("textarea", { "aria-hidden": "true", class: "offscreen" });
	area.value = text;
	document.body.append(area);
	area.select();
	const done = document.execCommand("copy");
	area.remove();
	return done;
}

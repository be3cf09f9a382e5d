// SPDX-License-Identifier: GPL-3.0-or-later
// The tree of everything that was unpacked. Files of a file system come as a flat list of paths; a folder that has a row
// of its own is that row, others are made of the paths. Only rows in sight are in the page.
import { announce, h, later } from "./dom.js";
import { rem } from "./grid.js";
import { count, hex, permissions, plural, size } from "./text.js";

const AHEAD = 10;

class Node {
	constructor(name, row, parent) {
		Object.assign(this, { name, row, parent, open: false, made: null });
		this.level = parent ? parent.level + 1 : 1;
	}
}

export class Tree {
	constructor(model) {
		this.model = model;
		this.roots = (model.blobs.by("parent_id").get(null) ?? []).map((row) => new Node(model.name(row), row, null));
		for (const root of this.roots) this.openDown(root, 3);
		this.list = h("div", { class: "tree", role: "tree", "aria-label": "Contents", tabindex: 0 });
		this.list.addEventListener("scroll", () => this.draw(), { passive: true });
		this.list.addEventListener("keydown", (event) => this.key(event));
		this.input = h("input", {
			type: "search",
			"aria-label": "Filter contents",
			placeholder: "Filter by name or format",
			oninput: later(() => this.apply()),
		});
		this.state = h("p", { class: "note", role: "status" });
		this.element = h("div", { class: "grid" }, h("div", { class: "grid-bar" }, this.input, this.state), this.list);
		this.current = 0;
		this.apply();
	}

	// The nodes below a node; made when it is first opened.
	below(node) {
		node.made ??= node.row === null ? [] : this.make(node);
		return node.made;
	}

	make(node) {
		const { model } = this;
		const id = model.blobs.value(node.row, "id");
		const folders = new Map();
		const made = [];
		for (const row of model.children(id)) {
			const path = model.name(row);
			if (!path.startsWith("/")) {
				made.push(new Node(path, row, node));
				continue;
			}
			const parts = path.split("/").filter(Boolean);
			let parent = node;
			let prefix = "";
			for (const part of parts.slice(0, -1)) {
				prefix += `/${part}`;
				parent = this.folder(folders, prefix, part, parent, node, made);
			}
			prefix += `/${parts.at(-1) ?? ""}`;
			this.place(folders, prefix, parts.at(-1) ?? "/", row, parent, node, made);
		}
		return made;
	}

	folder(folders, prefix, name, parent, container, made) {
		let folder = folders.get(prefix);
		if (!folder) {
			folder = new Node(name, null, parent);
			folder.made = [];
			folders.set(prefix, folder);
			(parent === container ? made : parent.made).push(folder);
		}
		return folder;
	}

	place(folders, prefix, name, row, parent, container, made) {
		if (this.model.blobs.value(row, "kind") === "directory") {
			this.folder(folders, prefix, name, parent, container, made).row = row;
			return;
		}
		(parent === container ? made : parent.made).push(new Node(name, row, parent));
	}

	openDown(node, levels) {
		const below = levels ? this.below(node) : [];
		node.open = below.length > 0 && below.length <= 64;
		if (node.open) for (const child of below) this.openDown(child, levels - 1);
	}

	isParent(node) {
		return node.made ? node.made.length > 0 : this.model.children(this.model.blobs.value(node.row, "id")).length > 0;
	}

	// The nodes that are there to be seen, in order: those below open ones, or those that the filter lets through.
	apply() {
		const wanted = this.input.value.toLowerCase().trim();
		this.nodes = wanted ? this.matching(wanted) : this.unfolded();
		const all = this.model.blobs.length;
		this.state.textContent = wanted ? `${count(this.nodes.length)} of ${plural(all, "entry", "entries")}` : plural(all, "entry", "entries");
		this.from = -1;
		this.draw();
	}

	unfolded() {
		const nodes = [];
		const visit = (list) => {
			list.forEach((node, at) => {
				nodes.push({ node, at: at + 1, of: list.length });
				if (node.open) visit(this.below(node));
			});
		};
		visit(this.roots);
		return nodes;
	}

	matching(wanted) {
		const { blobs } = this.model;
		const nodes = [];
		for (let row = 0; row < blobs.length; row++) {
			const name = this.model.name(row);
			if (!`${name}\n${blobs.value(row, "format") ?? ""}`.toLowerCase().includes(wanted)) continue;
			nodes.push({ node: new Node(name, row, null), at: nodes.length + 1, of: 0 });
		}
		for (const entry of nodes) {
			entry.of = nodes.length;
			entry.node.made = [];
		}
		return nodes;
	}

	draw(force) {
		const height = parseFloat(getComputedStyle(this.list).getPropertyValue("--row")) * rem() || 32;
		const from = Math.max(0, Math.floor(this.list.scrollTop / height) - AHEAD);
		if (from === this.from && !force) return;
		this.from = from;
		const to = Math.min(this.nodes.length, from + Math.ceil((this.list.clientHeight || 700) / height) + 2 * AHEAD);
		const rows = [h("div", { role: "none", style: { height: `${from * height}px` } })];
		for (let i = from; i < to; i++) rows.push(this.row(i));
		rows.push(h("div", { role: "none", style: { height: `${(this.nodes.length - to) * height}px` } }));
		this.list.replaceChildren(...rows);
		this.list.setAttribute("aria-activedescendant", `node-${this.current}`);
	}

	row(i) {
		const { node, at, of } = this.nodes[i];
		const parent = this.isParent(node);
		return h(
			"div",
			{
				class: `node${i === this.current ? " current" : ""}`,
				role: "treeitem",
				id: `node-${i}`,
				"aria-level": node.level,
				"aria-posinset": at,
				"aria-setsize": of,
				"aria-selected": String(i === this.current),
				"aria-expanded": parent ? String(node.open) : null,
				style: { "--level": node.level - 1 },
				onclick: () => this.choose(i, true),
			},
			h("span", { class: "twist", "aria-hidden": "true" }, parent ? (node.open ? "▾" : "▸") : ""),
			h("code", null, node.row === null ? `${node.name}/` : node.name),
			h("span", { class: "note" }, this.facts(node)),
		);
	}

	facts(node) {
		if (node.row === null) return "";
		const { blobs } = this.model;
		const value = (column) => blobs.value(node.row, column);
		const kind = value("kind");
		const mode = value("mode");
		const facts = [kind === "file" || kind === "region" || kind === "stream" || kind === "input" ? value("format") : kind];
		if (value("link_target")) facts.push(`→ ${value("link_target")}`);
		if (value("same_as")) facts.push(`the same file as ${value("same_as")}`);
		if (kind === "region" && value("offset") !== null) facts.push(`at ${hex(value("offset"))}`);
		if (value("size") && kind !== "directory") facts.push(size(value("size")));
		if (mode !== null && mode & 0o6000 && kind === "file") facts.push(`set-id ${permissions(mode)}`);
		if (mode !== null && mode & 0o002 && kind === "file") facts.push("world-writable");
		return facts.filter(Boolean).join(" · ");
	}

	// A click or Enter opens what holds others, and shows what does not.
	choose(i, act) {
		this.current = Math.max(0, Math.min(i, this.nodes.length - 1));
		const { node } = this.nodes[this.current] ?? {};
		if (act && node && this.isParent(node)) this.toggle(node, !node.open);
		else if (act && node && node.row !== null) location.hash = `#blob-${this.model.blobs.value(node.row, "id")}`;
		this.draw(true);
		this.reveal();
	}

	toggle(node, open) {
		if (open) this.below(node);
		node.open = open;
		this.apply();
		announce(`${node.name} ${open ? `opened, ${plural(node.made.length, "entry", "entries")}` : "closed"}`);
	}

	reveal() {
		const height = parseFloat(getComputedStyle(this.list).getPropertyValue("--row")) * rem();
		const top = this.current * height;
		if (top < this.list.scrollTop) this.list.scrollTop = top;
		else if (top + height > this.list.scrollTop + this.list.clientHeight) this.list.scrollTop = top + height - this.list.clientHeight;
	}

	// As the tree pattern of the ARIA Authoring Practices has it; a space shows an entry, also one that holds others.
	key(event) {
		const { node } = this.nodes[this.current] ?? {};
		const page = Math.max(1, Math.floor(this.list.clientHeight / 32) - 1);
		const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity };
		if (!node || event.ctrlKey || event.metaKey || event.altKey) return;
		if (event.key in steps) this.choose(this.current + steps[event.key], false);
		else if (event.key === "Enter") this.choose(this.current, true);
		else if (event.key === " " && node.row !== null) location.hash = `#blob-${this.model.blobs.value(node.row, "id")}`;
		else if (event.key === "ArrowRight" && this.isParent(node) && !node.open) this.toggle(node, true);
		else if (event.key === "ArrowLeft" && node.open) this.toggle(node, false);
		else if (event.key === "ArrowLeft")
			this.choose(
				this.nodes.findIndex((entry) => entry.node === node.parent),
				false,
			);
		else return;
		event.preventDefault();
	}
}

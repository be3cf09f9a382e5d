// SPDX-License-Identifier: GPL-3.0-or-later
// The case: what `assay report --json` writes. In a report file each table is a block of its own, columns and rows
// apart, which is parsed when it is asked for; from a server it may come as one JSON object.

// What is not a fact table has other names in SQL.
const SQL_NAMES = {
	verdicts: "verdict",
	services: "service_shown",
	vulnerabilities: "vulnerability",
	feeds: "feed_source",
	sbom_differences: "sbom_difference",
	statements: "statement",
	contradictions: "contradiction_shown",
	inputs: "input",
	probe_runs: "probe_run",
};

export class Table {
	constructor(name, { columns = [], rows = [], doc = "", docs = [] }) {
		this.name = name;
		this.columns = columns;
		this.rows = rows;
		this.doc = doc;
		this.docs = docs;
		this.at = new Map(columns.map((column, i) => [column, i]));
	}

	get length() {
		return this.rows.length;
	}

	// A value of row i; undefined where the table lacks the column.
	value(i, column) {
		const at = this.at.get(column);
		return at === undefined ? undefined : this.rows[i][at];
	}

	object(i) {
		return Object.fromEntries(this.columns.map((column, at) => [column, this.rows[i][at]]));
	}

	objects() {
		return this.rows.map((_, i) => this.object(i));
	}

	// The row with that id; -1: none.
	find(id) {
		if (!this.ids) this.ids = new Map(this.rows.map((_, i) => [this.value(i, "id"), i]));
		return this.ids.get(id) ?? -1;
	}

	// The rows by the value of a column: value -> [row, ...].
	by(column) {
		this.groups ??= new Map();
		if (!this.groups.has(column)) this.groups.set(column, this.group(column));
		return this.groups.get(column);
	}

	group(column) {
		const groups = new Map();
		for (let i = 0; i < this.rows.length; i++) {
			const key = this.value(i, column);
			const rows = groups.get(key);
			if (rows) rows.push(i);
			else groups.set(key, [i]);
		}
		return groups;
	}
}

export class Case {
	// report: header, inputs, probe_runs, summary, verdicts. blocks: Map of name -> { rows: how many, parse() }.
	constructor(report, blocks) {
		this.report = report;
		this.blocks = blocks;
		this.tables = new Map();
	}

	// Tables to look through. Excerpts are shown with the rows that they belong to.
	names() {
		return [...this.blocks.keys()].filter((name) => name !== "excerpt");
	}

	// What is kept of the bytes around the place that a row points at; null: nothing.
	excerpt(table, id) {
		const excerpts = this.table("excerpt");
		const name = this.sqlName(table);
		const at = (excerpts.by("row_id").get(id) ?? []).find((i) => excerpts.value(i, "table_name") === name);
		return at === undefined || excerpts.value(at, "marked") === null ? null : excerpts.object(at);
	}

	// How many rows a table has, without parsing it.
	count(name) {
		return this.blocks.get(name)?.rows ?? 0;
	}

	table(name) {
		let table = this.tables.get(name);
		if (!table) {
			table = new Table(name, this.blocks.get(name)?.parse() ?? {});
			this.tables.set(name, table);
		}
		return table;
	}

	get blobs() {
		return this.table("blob");
	}

	verdict(id) {
		return this.report.verdicts.find((verdict) => verdict.id === id);
	}

	sqlName(name) {
		return SQL_NAMES[name] ?? name;
	}

	// The rows from the input down to a blob. A case file may be anybody's: it ends where it would go in circles.
	chain(blobId) {
		const chain = [];
		let row = this.blobs.find(blobId);
		while (row >= 0 && chain.length < 64) {
			chain.unshift(row);
			const parent = this.blobs.value(row, "parent_id");
			row = parent === null || parent === undefined ? -1 : this.blobs.find(parent);
		}
		return chain;
	}

	name(row) {
		return this.blobs.value(row, "path") ?? `blob ${this.blobs.value(row, "id")}`;
	}

	// "router.trx > 0x120000.squashfs > /etc/shadow"
	path(blobId) {
		this.paths ??= new Map();
		let path = this.paths.get(blobId);
		if (path === undefined) {
			path = this.chain(blobId)
				.map((row) => this.name(row))
				.join(" > ");
			this.paths.set(blobId, path);
		}
		return path;
	}

	children(blobId) {
		return this.blobs.by("parent_id").get(blobId) ?? [];
	}

	inputOf(blobId) {
		const [root] = this.chain(blobId);
		const id = root === undefined ? undefined : this.blobs.value(root, "input_id");
		return this.report.inputs.find((input) => input.id === id) ?? this.report.inputs[0];
	}

	// Where a blob begins in the input itself; null where something in between is packed or in pieces. Only regions lie in
	// their container as they are: a file's offset may be that of its packed blocks.
	offsetInInput(blobId) {
		const chain = this.chain(blobId);
		let offset = 0;
		for (const row of chain.slice(1)) {
			const within = this.blobs.value(row, "offset");
			if (!Number.isInteger(within) || this.blobs.value(row, "kind") !== "region") return null;
			offset += within;
		}
		return chain.length ? offset : null;
	}

	// The verdicts that point at a row: table and id -> [verdict, ...].
	verdictsAbout(table, id) {
		if (!this.cited) {
			this.cited = new Map();
			for (const verdict of this.report.verdicts)
				for (const row of verdict.evidence) {
					const key = `${row.table} ${row.row_id}`;
					const list = this.cited.get(key);
					if (!list) this.cited.set(key, [verdict]);
					else if (!list.includes(verdict)) list.push(verdict);
				}
		}
		return this.cited.get(`${this.sqlName(table)} ${id}`) ?? [];
	}
}

// The blocks of a report file.
export function caseOfDocument(document) {
	const blocks = new Map();
	let report = null;
	for (const script of document.querySelectorAll("script[type='application/json']")) {
		const name = script.dataset.table;
		if (name) blocks.set(name, { rows: Number(script.dataset.rows), parse: () => JSON.parse(script.textContent) });
		else report = JSON.parse(script.textContent);
	}
	return report && new Case(report, blocks);
}

// The whole JSON report as one object.
export function caseOfReport(json) {
	const { facts, blobs, schema_version, header, inputs, probe_runs, summary, verdicts, ...lists } = json;
	const blocks = new Map();
	for (const [name, rows] of [...Object.entries(lists), ...Object.entries(facts), ["blob", blobs]])
		if (Array.isArray(rows)) blocks.set(name, { rows: rows.length, parse: () => columnsAndRows(rows) });
	return new Case({ schema_version, header, inputs, probe_runs, summary, verdicts }, blocks);
}

function columnsAndRows(objects) {
	const columns = Object.keys(objects[0] ?? {});
	return { columns, rows: objects.map((object) => columns.map((column) => object[column])) };
}

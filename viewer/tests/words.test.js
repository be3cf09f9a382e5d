// SPDX-License-Identifier: GPL-3.0-or-later
// Values as words. References: the shell itself for quoting, Unicode's names for what is hidden, chmod(1) for modes.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { Case, caseOfReport, Table } from "../data.js";
import { day, permissions, plural, shellWord, size, visible } from "../text.js";

test("what hides, reorders or breaks a line is made visible", () => {
	assert.equal(visible("a\u202eb"), "a⟨U+202E⟩b");
	assert.equal(visible("\u2066x\u2069"), "⟨U+2066⟩x⟨U+2069⟩");
	assert.equal(visible("a\nb\tc\r"), "a\\nb\\tc\\r");
	assert.equal(visible("\u0000\u001b[31m\u0085\u200b\ufeff"), "⟨U+0000⟩⟨U+001B⟩[31m⟨U+0085⟩⟨U+200B⟩⟨U+FEFF⟩");
	assert.equal(visible("\u{e0041}\ud800"), "⟨U+E0041⟩⟨U+D800⟩");
	for (const plain of ["Grüße", "日本語", "🔒", "<b>&amp;\"'", "e\u0301"]) assert.equal(visible(plain), plain);
	assert.equal(visible(12), "12");
});

test("sizes as the terminal has them", () => {
	const rows = [
		[0, "0 bytes"],
		[1, "1 byte"],
		[1023, "1,023 bytes"],
		[1024, "1.0 KiB"],
		[102400, "100 KiB"],
		[1048575, "1.0 MiB"],
		[6008832, "5.7 MiB"],
		[123456789012, "115 GiB"],
	];
	for (const [bytes, text] of rows) assert.equal(size(bytes), text);
	assert.equal(plural(1, "entry", "entries"), "1 entry");
	assert.equal(plural(100000, "row"), "100,000 rows");
});

test("modes and days", () => {
	assert.equal(permissions(0o4755), "rwsr-xr-x");
	assert.equal(permissions(0o2644), "rw-r-Sr--");
	assert.equal(permissions(0o1777), "rwxrwxrwt");
	assert.equal(permissions(0o1776), "rwxrwxrwT");
	assert.equal(day(1458000000), "2016-03-15");
	assert.equal(day(1e20), "100000000000000000000");
});

test("a word for the shell comes out of it as it went in", () => {
	for (const text of [
		"plain",
		"-rf",
		"a b",
		"it's",
		"$(reboot)`x`",
		"back\\slash",
		"line\nfeed",
		"esc\u001b[2J'q'\\",
		"bidi\u202e",
		"",
		"*?[a]",
		"~",
		"Grüße",
	]) {
		const word = shellWord(text);
		assert.equal(execFileSync("bash", ["-c", `printf %s ${word}`], { encoding: "utf8", env: { LC_ALL: "C.UTF-8", PATH: process.env.PATH } }), text);
		assert.doesNotMatch(word, /[\u0000-\u001f\u202e]/);
	}
});

const BLOBS = {
	columns: ["id", "input_id", "parent_id", "path", "kind", "offset", "size"],
	rows: [
		[1, 1, null, "router.bin", "input", null, 1000],
		[2, 1, 1, "0x10.squashfs", "region", 16, 900],
		[3, 1, 2, "/etc/shadow", "file", 96, 50],
		[4, 1, 2, "0x5.dtb", "region", 5, 10],
		[7, 1, 8, "loop", "region", 0, 1],
		[8, 1, 7, "loop", "region", 0, 1],
	],
};

function model() {
	const report = {
		inputs: [{ id: 1, name: "router.bin", kind: "firmware" }],
		verdicts: [],
		header: { locations: [{ input_id: 1, location: "in/router.bin" }] },
	};
	return new Case(report, new Map([["blob", { rows: 6, parse: () => BLOBS }]]));
}

test("the way through the containers, and where that is in the input", () => {
	const m = model();
	assert.equal(m.path(3), "router.bin > 0x10.squashfs > /etc/shadow");
	assert.equal(m.path(99), "");
	assert.equal(m.offsetInInput(4), 21);
	assert.equal(m.offsetInInput(3), null, "a file's blocks may be packed");
	assert.ok(m.chain(7).length <= 64, "a circle ends");
	assert.equal(m.inputOf(3).name, "router.bin");
});

test("tables find rows by id and by column", () => {
	const table = new Table("blob", BLOBS);
	assert.equal(table.find(4), 3);
	assert.equal(table.find(99), -1);
	assert.deepEqual(table.by("parent_id").get(2), [2, 3]);
	assert.equal(table.value(0, "no such column"), undefined);
	const other = caseOfReport({
		schema_version: 1,
		inputs: [],
		verdicts: [],
		software: [{ id: 1, name: "a" }],
		facts: { account: [] },
		blobs: table.objects(),
	});
	assert.deepEqual(other.table("blob").rows, BLOBS.rows);
	assert.equal(other.count("software"), 1);
	assert.equal(other.count("account"), 0);
});

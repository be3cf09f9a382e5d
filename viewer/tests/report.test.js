// SPDX-License-Identifier: GPL-3.0-or-later
// The report in a browser: what it shows, to whom, and what it does not let happen.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { changed, go, open, places, sample } from "./browser.js";

const CONTROLS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]/;

// The blocks of the page put together again as --json has them.
function together() {
	const { model } = globalThis.assay;
	const { report } = model;
	const lists = {},
		facts = {};
	for (const name of [...model.names(), "excerpt"]) {
		const objects = model.table(name).objects();
		const count = model.count(name);
		if (count !== objects.length) throw new Error(`${name}: ${count} rows announced, ${objects.length} there`);
		(["software", "software_evidence", "vulnerabilities", "feeds", "sbom_differences", "statements", "services", "contradictions"].includes(name) ? lists : facts)[
			name
		] = objects;
	}
	const { blob, ...others } = facts;
	return { ...report, ...lists, facts: others, blobs: blob };
}

for (const name of ["router", "hostile"])
	test(`${name}: the page has the data of the JSON report, no more and no less`, async () => {
		const { page, context } = await open(name);
		assert.deepEqual(await page.evaluate(together), JSON.parse(readFileSync(sample(name, "json"), "utf8")));
		await context.close();
	});

for (const name of ["router", "hostile"])
	test(`${name}: every place opens without a fault, and strings stay strings`, async () => {
		const { page, context, faults } = await open(name);
		const scripts = await page.evaluate(() => document.scripts.length);
		for (const place of await places(page)) {
			await go(page, place);
			const seen = await page.evaluate(() => ({
				title: document.querySelector("main h1")?.textContent ?? "",
				text: document.body.innerText,
				page: document.title,
				scripts: document.scripts.length,
				strangers: document.querySelectorAll("main b > *, main script, main img, main iframe, main form, main [onclick], main [style*='url']").length,
				out: [...document.querySelectorAll("[href]")].filter((a) => !a.getAttribute("href").startsWith("#")).length,
			}));
			assert.notEqual(seen.title, "", place);
			assert.doesNotMatch(seen.text, CONTROLS, place);
			assert.doesNotMatch(seen.page, CONTROLS, place);
			assert.equal(seen.title === "Nothing there", place === "#nowhere", place);
			assert.deepEqual([seen.scripts, seen.strangers, seen.out], [0, 0, 0], place);
		}
		assert.ok(scripts >= 0);
		assert.deepEqual(faults, []);
		await context.close();
	});

test("hostile strings are read as what they are", async () => {
	const { page, context } = await open("hostile");
	assert.match(await page.textContent("h1"), /^<b>⟨U\+001B⟩\[31m"evil\\nname\.bin$/);
	await go(page, "#verdict-1");
	assert.match(await page.textContent("main"), /<script>alert\(1\)<\/script>"'&⟨U\+202E⟩/);
	await context.close();
});

test("the policy lets the page make no markup of strings, run no other script and call nobody", async () => {
	const { page, context } = await open("router");
	const tries = await page.evaluate(async () => {
		const attempt = async (act) => {
			try {
				await act();
				return "done";
			} catch (error) {
				return error.name;
			}
		};
		globalThis.ran = false;
		await new Promise((resolve) => setTimeout(resolve)); // out of the debugger, to which the policy does not apply
		return {
			innerHTML: await attempt(() => {
				document.createElement("div").innerHTML = "<b>x</b>";
			}),
			script: await attempt(() => {
				const s = document.createElement("script");
				s.text = "ran = true";
				document.body.append(s);
			}),
			eval: await attempt(() => (0, eval)("ran = true")),
			fetch: await attempt(() => fetch("https://192.0.2.1/")),
			ran: globalThis.ran,
		};
	});
	assert.deepEqual(tries, { innerHTML: "TypeError", script: "TypeError", eval: "EvalError", fetch: "TypeError", ran: false });
	await context.close();
});

test("the first screen says what matters", async () => {
	const { page, context } = await open("router");
	const text = await page.innerText("main");
	for (const said of [
		"router-mipsel.trx",
		"TRX > uImage kernel (Linux 3.18.23) + squashfs xz, 69 files, mipsel",
		"5.7 MiB (6,008,832 bytes)",
		"6 fails",
		"5 inconclusive",
		"decided by evidence",
		"No default or guessable password gives access",
		'root has the password "admin" (Mirai list)',
		"Ship without a password",
		"/etc/shadow:1",
		"A network capture of the device at work.",
	])
		assert.ok(text.includes(said), said);
	assert.equal(await page.locator(".finding").count(), 5);
	assert.match(await page.locator(".bar").first().getAttribute("aria-label"), /^Verdicts: 6 fails, 5 inconclusive, 2 passes, 1 not applicable$/);
	await context.close();
});

test("what fails by equal rows is one finding, with all that it violates; further remedies are there", async () => {
	const name = changed("router", "equal", (head) => {
		const [first] = head.verdicts.filter((v) => v.verdict === "FAIL");
		const row = (n, says) => ({ ...first.evidence[0], role: "fails", row_id: n, says });
		const fail = (id, rows, more) => ({ ...first, id, verdict: "FAIL", requirement: `own.${id}`, origin: `rule.${id}`, evidence: rows, evidence_total: rows.length, ...more });
		head.verdicts = [
			fail(1, [row(1, "a"), row(2, "b")], { severity: "low", title: "The lesser", remedy: "Another <b>remedy</b>" }),
			fail(2, [row(2, "c"), row(1, "d"), row(1, "d")], { severity: "critical", title: "The greater", remedy: "One remedy" }),
			fail(3, [row(1, "a")], { severity: "medium", title: "By other rows" }),
			fail(4, [row(2, "b"), row(1, "a")], { severity: "medium", remedy: "One remedy" }),
			fail(5, [row(2, "b"), row(1, "a")], { severity: "high", title: "More rows than are kept", evidence_total: 900 }),
			fail(6, [], { origin: null, title: "Without rows" }),
			fail(7, [], { origin: null, title: "Without rows either" }),
		];
	});
	const { page, context, faults } = await open(name);
	const shown = await page.locator(".finding").allInnerTexts();
	assert.equal(shown.length, 5);
	assert.match(shown.join("\n"), /The greater[^]*Also fails: own\.4, own\.1[^]*1 further remedy/);
	assert.equal(shown.filter((text) => text.includes("Also fails")).length, 1);
	for (const title of ["By other rows", "More rows than are kept", "Without rows", "Without rows either"]) assert.ok(shown.some((text) => text.includes(title)), title);
	await page.locator(".finding summary").click();
	assert.match(await page.locator(".finding details").innerText(), /own\.1: Another <b>remedy<\/b>/);
	await page.getByRole("link", { name: "own.4" }).click();
	await page.waitForFunction(() => location.hash === "#verdict-4");
	assert.deepEqual(faults, []);
	await context.close();
});

test("what was not looked at, and why", async () => {
	const name = changed(
		"router",
		"unseen",
		(head) => {
			head.inputs.push({ id: 70, kind: "site", name: "<b>www.example</b>", size: null, sha256: null, role: "support", description: null });
			const open = head.verdicts.filter((v) => v.verdict === "INCONCLUSIVE");
			open[0].missing = "site.tls has not run; device.ports has not run";
			open[1].missing = "device.ports has not run";
			open[2].missing = "sbom.read has not run; firmware.unpack is not complete";
		},
		{ blob: [{ kind: "input", input_id: 1, path: "a" }, { kind: "region", input_id: 1, parent_id: 1, path: "0x10", format: "unknown", offset: 16, size: 4096 }] },
	);
	const { page, context, faults } = await open(name);
	await go(page, "#unseen");
	const text = await page.innerText("main");
	for (const said of ["<b>www.example</b> site: this version has no probe for it", "Content that nothing recognised", "0x10", "firmware.unpack"]) assert.ok(text.includes(said), said);
	const rows = await page.locator("table[aria-label='Probes that did not run'] tbody tr").allInnerTexts();
	assert.deepEqual(
		rows.map((row) => row.split(/\s*\t\s*/)),
		[
			["device.ports", "It looks at a live device, and none was given.", "2"],
			["site.tls", "What it looks at was given, but this version has no such probe.", "1"],
			["sbom.read", "It looks at a bill of materials, and none was given.", "1"],
		],
	);
	await page.locator("main tbody a").first().click();
	await page.waitForFunction(() => document.querySelector("main h1").textContent === "Search: device.ports has not run");
	assert.match(await page.innerText("main"), /2 matches/);
	assert.deepEqual(faults, []);
	await context.close();
});

test("the parts of the flash lead to their pages, and the stretches of its strip to their rows", async () => {
	const entropy = [0, 1, 2].map((n) => ({ blob_id: 1, offset: n * 2_000_000, size: 2_000_000, kind: "data", millibits: 7990 }));
	const { page, context } = await open(changed("router", "strip", () => {}, { entropy }));
	await go(page, "#flash");
	const region = await page.locator(".region").first().getAttribute("href");
	await page.locator(".region").first().click();
	await page.waitForFunction((hash) => location.hash === hash, region);
	await go(page, "#flash");
	await page.locator(".strip span").last().click();
	await page.waitForFunction(() => location.hash === "#entropy-3");
	assert.notEqual(await page.innerText("main h1"), "Nothing there");
	await context.close();
});

test("sections show what they are for", async () => {
	const { page, context } = await open("router");
	const said = {
		"#accounts": ["root", "admin", "Mirai", "/etc/shadow"],
		"#boot": ["telnetd -F -E /bin/ash", "inittab", "listens on 23", "NX"],
		"#services": ["telnetd", "/etc/inittab:4"],
		"#components": ["Dropbear", "2022.83", "2.90-1~deb12u1", "1.34.1"],
		"#vulnerabilities": ["CVE-2016-5195", "94.8 %", "not affected", "Built without it.", "187"],
		"#keys": ["CN=router.local,O=Example", "RSA of 1024 bits, SHA-1 signature", "2035-01-01"],
		"#endpoints": ["http://update.example.net/fw", "in the clear"],
		"#hardening": ["Stack not executable", "/usr/sbin/telnetd"],
		"#scripts": ["curl -k $URL"],
		"#unseen": ["does not decompress", "firmware.unpack", "partial"],
		"#flash": ["0x120000.squashfs", "squashfs"],
		"#contents": ["98 entries", "squashfs"],
		"#settings": ["wpa_passphrase", "corr****ry"],
	};
	for (const [place, words] of Object.entries(said)) {
		await go(page, place);
		const text = await page.innerText("main");
		for (const word of words) assert.ok(text.includes(word), `${place}: ${word}`);
		assert.ok(!text.includes("correct horse battery"), place);
	}
	await context.close();
});

test("a verdict says why: the requirement, the rows, and what is copied for a shell", async () => {
	const { page, context } = await open("router", { permissions: ["clipboard-read", "clipboard-write"] });
	await go(page, "#verdict-1");
	const text = await page.innerText("main");
	for (const said of ["Why this verdict", "passwords.no-default", "assay explain", "ETSI EN 303 645", "assay provision"])
		assert.ok(text.includes(said), said);
	await page.getByRole("button", { name: "Copy SQL" }).first().click();
	assert.equal(await page.evaluate(() => navigator.clipboard.readText()), 'sqlite3 router-mipsel.trx.assay "SELECT * FROM account WHERE id = 1"');
	assert.equal(await page.textContent("#status"), "Copied: SQL");
	await page.getByRole("link", { name: "account 1", exact: true }).click();
	await page.waitForFunction(() => location.hash === "#account-1");
	assert.match(await page.innerText("main"), /Verdicts that rest on it/);
	await context.close();
});

test("what rests on a word is shown as such; numbers with their thresholds; queries as text", async () => {
	const name = changed("router", "measured", (head) => {
		Object.assign(head.summary.packs[0], {
			coverage: {
				requirements: 14,
				by_evidence: 7,
				by_declaration: 1,
				declared_only: 2,
				not_decided: 3,
				not_applicable: 1,
				evidence_share: 0.5385,
				word_share: 0.2308,
				next_inputs: [],
			},
		});
		head.header.standing = [{ requirement: head.verdicts[0].requirement, measure: "exposed", products: 12, lower: 9, equal: 1, higher: 2 }];
		Object.assign(head.verdicts[0], {
			basis: "evidence",
			about: "product",
			origin: "other.requirement",
			queries: [{ role: "fails", sql: "SELECT id, 'x<b>' AS says\nFROM account" }],
			measures: [
				{
					id: 1,
					name: "exposed",
					title: "Open <i>ports</i>",
					unit: "ports",
					formula: "count",
					better: "lower",
					missing: null,
					value: 3.25,
					evidence_total: 1,
					thresholds: [{ gives: "FAIL", above: 2, below: null, source: "Somebody, 2024", crossed: true }],
					evidence: [head.verdicts[0].evidence[0]],
				},
				{
					id: 2,
					name: "none",
					title: "Nothing",
					unit: null,
					formula: null,
					better: null,
					missing: "It was not seen.",
					value: null,
					evidence_total: 0,
					thresholds: [],
					evidence: [],
				},
			],
		});
		Object.assign(head.verdicts.at(-1), { basis: "declared" });
	});
	const { page, context, faults } = await open(name);
	assert.match(
		await page.locator(".pack .bar").nth(1).getAttribute("aria-label"),
		/^Decided by: 7 decided by evidence, 3 by the maker’s word, 3 not decided$/,
	);
	await go(page, "#verdict-1");
	const text = await page.innerText("main");
	for (const said of [
		"Open <i>ports</i>",
		"3.25 ports",
		"lower is better",
		"FAIL above 2",
		"crossed",
		"Somebody, 2024",
		"Of 12 other products that were measured here, 9 have less",
		"Not measured. It was not seen.",
		"other.requirement",
		"SELECT id, 'x<b>' AS says",
		"Decided by what was observed.",
	])
		assert.ok(text.includes(said), said);
	assert.equal(await page.locator("main i, main pre b").count(), 0);
	await go(page, "#guidelines");
	assert.match(await page.innerText("main"), /declared, not verified/);
	assert.deepEqual(faults, []);
	await context.close();
});

test("the product is what its product file says; a table that no section names has one of its own", async () => {
	const product = Object.entries({ name: "<b>Camera</b> 3", maker: "ACME", model: "C-3", version: "1.4" });
	const declarations = product.map(([key, value]) => ({ blob_id: 1, line: 2, section: "product", key, value }));
	const elements = [{ blob_id: 1, line: 7, element: "retention", state: "present", value: "30 days", sentence: "We keep it for 30 days." }];
	const name = changed("router", "declared", () => {}, { declaration: declarations, document_element: elements, release: [{ version: "1.3" }] });
	const { page, context, faults } = await open(name);
	assert.equal(await page.textContent("h1"), "<b>Camera</b> 3");
	for (const said of ["ACME", "C-3", "1.4", "router-mipsel.trx"]) assert.ok((await page.innerText(".product")).includes(said), said);
	await page.getByRole("link", { name: /^Releases/ }).click();
	await page.waitForFunction(() => location.hash === "#table-release");
	assert.match(await page.innerText("main"), /1\.3/);
	await go(page, "#documents");
	for (const said of ["retention", "30 days", "We keep it for 30 days."]) assert.ok((await page.innerText("main")).includes(said), said);
	await go(page, "#document_element-1");
	assert.match(await page.innerText("main"), /We keep it for 30 days\./);
	assert.deepEqual(faults, []);
	await context.close();
});

test("search finds rows of any table, filters and sorting order them", async () => {
	const { page, context } = await open("router");
	await page.keyboard.press("/");
	await page.keyboard.type("telnetd");
	await page.waitForFunction(() => location.hash === "#search/telnetd");
	assert.match(await page.innerText("main"), /Startup/);
	assert.equal(await page.evaluate(() => document.activeElement.id), "search");
	await go(page, "#hardening");
	await page.getByRole("searchbox", { name: /^Filter/ }).fill("dropbear");
	await page.waitForFunction(() => document.querySelectorAll("tbody tr").length < 10);
	assert.match(await page.innerText("tbody"), /dropbear/);
	await go(page, "#components");
	await page.getByRole("button", { name: "Component", exact: true }).first().click();
	assert.equal(await page.locator("th[aria-sort=ascending]").count(), 1);
	const names = await page.locator("table").first().locator("tbody tr td:first-child").allInnerTexts();
	assert.deepEqual(
		names,
		[...names].sort((a, b) => a.localeCompare(b, "en")),
	);
	await context.close();
});

test("the keyboard goes everywhere", async () => {
	const { page, context } = await open("router");
	await page.keyboard.press("Tab");
	assert.equal(await page.evaluate(() => document.activeElement.className), "skip");
	await page.keyboard.press("Enter");
	assert.equal(await page.evaluate(() => document.activeElement.id), "main");
	await go(page, "#contents");
	await page.locator("[role=tree]").focus();
	const current = () => page.evaluate(() => document.querySelector("[aria-selected=true] code").textContent);
	const start = await current();
	await page.keyboard.press("ArrowDown");
	assert.notEqual(await current(), start);
	await page.keyboard.press("Home");
	assert.equal(await current(), start);
	const before = await page.locator("[role=treeitem]").count();
	await page.keyboard.press("ArrowLeft");
	assert.equal(await page.locator("[role=treeitem]").count(), 1);
	await page.keyboard.press("ArrowRight");
	assert.equal(await page.locator("[role=treeitem]").count(), before);
	await context.close();
});

test("the theme can be chosen, and narrow pages have a menu", async () => {
	const { page, context } = await open("router", { viewport: { width: 360, height: 740 }, colorScheme: "light" });
	const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
	const light = await ground();
	await page.getByRole("button", { name: "Theme: system" }).click();
	await page.getByRole("button", { name: "Theme: light" }).click();
	assert.equal(await page.getByRole("button", { name: "Theme: dark" }).count(), 1);
	assert.notEqual(await ground(), light);
	assert.equal(await page.locator("#nav").isVisible(), false);
	await page.getByRole("button", { name: "Menu" }).click();
	await page.getByRole("link", { name: /^Accounts/ }).click();
	await page.waitForFunction(() => location.hash === "#accounts");
	assert.equal(await page.locator("#nav").isVisible(), false);
	await context.close();
});

test("without scripts the essentials are there", async () => {
	for (const name of ["router", "hostile"]) {
		const { page, context, faults } = await open(name, { javaScriptEnabled: false });
		const text = await page.innerText("body");
		for (const said of [
			"Fails",
			"Inconclusive",
			"What was looked at, and what was not",
			"firmware.unpack is partial",
			"/etc/shadow:1",
			"Ship without a password",
			"Settled by",
			"With scripts the report shows",
		])
			assert.ok(text.includes(said), `${name}: ${said}`);
		assert.ok(!text.includes('"columns"'), "the data are not shown");
		assert.doesNotMatch(text, CONTROLS);
		assert.equal(await page.locator("main.static").count(), 1);
		assert.deepEqual(faults, []);
		await context.close();
	}
});

test("100,000 blobs are shown a window at a time", async () => {
	const { page, context, faults } = await open("large");
	await go(page, "#contents");
	await page.locator("[role=tree]").focus();
	for (let i = 0; i < 3; i++) await page.keyboard.press("ArrowDown");
	await page.keyboard.press("ArrowRight");
	await page.keyboard.press("End");
	assert.ok((await page.locator("[role=treeitem]").count()) < 100);
	assert.equal(await page.getAttribute("[role=treeitem][aria-selected=true]", "aria-setsize"), "1000");
	await page.getByRole("searchbox", { name: "Filter contents" }).fill("file-99999.txt");
	await page.waitForFunction(() => / of 100,001 entries/.test(document.querySelector(".grid-bar p").textContent));
	await go(page, "#blob-70000");
	assert.match(await page.innerText("main h1"), /^\/usr\/share\/data\//);
	assert.ok((await page.evaluate(() => document.querySelectorAll("*").length)) < 3000);
	assert.deepEqual(faults, []);
	await context.close();
});

// What is marked in the page, and the text of its lines.
function quotes() {
	return [...document.querySelectorAll("figure.quote")].map((figure) => ({
		marks: [...figure.querySelectorAll("mark")].map((mark) => mark.textContent),
		lines: [...figure.querySelectorAll(".textline, .hexline")].map((line) => [...line.children].map((part) => part.textContent)),
		caption: figure.querySelector("figcaption")?.textContent ?? null,
		elements: [...new Set([...figure.querySelectorAll("*")].map((element) => element.localName))].sort(),
	}));
}

test("excerpts: lines with what is meant marked, where it stands, what surrounds it", async () => {
	const { page, context, faults } = await open("router");
	await go(page, "#startup-1");
	const [quote] = await page.evaluate(quotes);
	assert.deepEqual(quote.marks, ["/usr/sbin/telnetd -F -E /bin/ash"]);
	assert.deepEqual(quote.lines, [
		["3", "# boot"],
		["4", "/usr/sbin/telnetd -F -E /bin/ash # end"],
		["5", "    sync <b>"],
	]);
	assert.match(quote.caption, /^router-mipsel\.trx > .* > \/etc\/inittab, line 4, offset 0x6c$/);
	assert.deepEqual(faults, []);
	await context.close();
});

test("excerpts: a dump with its bytes marked, credentials hidden", async () => {
	const { page, context, faults } = await open("router");
	await go(page, "#private_key-1");
	const [quote] = await page.evaluate(quotes);
	assert.deepEqual(quote.marks, ["4d 49 49 3c", "MII<"]);
	assert.deepEqual(quote.lines[0], ["00000010", "30 31 32 33 34 35 36 37 38 39 61 62 63 64 65 66", "0123456789abcdef"]);
	assert.deepEqual(quote.lines[1], ["00000020", `4d 49 49 3c${" **".repeat(12)}`, `MII<${"*".repeat(12)}`]);
	assert.match(quote.caption, /offset 0x20, credentials hidden$/);
	assert.deepEqual(faults, []);
	await context.close();
});

test("excerpts: hostile ones are text, and those that were never cut are not shown", async () => {
	const { page, context, faults } = await open("hostile");
	const rows = await page.evaluate(() => globalThis.assay.model.table("excerpt").objects());
	assert.ok(rows.some((row) => row.marked === null) && rows.some((row) => row.after?.includes("<script>")));
	for (const row of rows) {
		await go(page, `#${row.table_name}-${row.row_id}`);
		const shown = await page.evaluate(quotes);
		assert.equal(shown.length, row.marked === null ? 0 : 1, JSON.stringify(row));
		for (const quote of shown) {
			assert.deepEqual(quote.elements.filter((name) => !["code", "div", "figcaption", "mark", "span"].includes(name)), []);
			assert.ok(!quote.lines.flat().some((text) => CONTROLS.test(text)));
		}
	}
	assert.deepEqual(faults, []);
	await context.close();
});

test("excerpts: the first screen, readers without scripts and paper have them", async () => {
	const { page, context } = await open("router");
	await go(page, "#overview");
	assert.ok((await page.evaluate(quotes)).some((quote) => quote.marks.includes("/usr/sbin/telnetd -F -E /bin/ash")));
	await context.close();
	const plain = await open("router", { javaScriptEnabled: false });
	const marked = await plain.page.locator("article.fail pre.quote mark").allTextContents();
	assert.ok(marked.includes("/usr/sbin/telnetd -F -E /bin/ash"), String(marked));
	await plain.context.close();
});

test("what is one is in the singular: numbers and measures", async () => {
	const measured = { value: 1, formula: "f", better: null, missing: null, thresholds: [], evidence_total: 0, evidence: [] };
	const name = changed("router", "one", (head) => {
		Object.assign(head.summary.software, { components: 1, vulnerabilities: 1, exploited: 1 });
		head.verdicts[0].measures = ["hosts", "bytes per day", "libraries", "addresses", "status"].map((unit, i) => ({ ...measured, id: i + 1, name: `m${i}`, title: `m${i}`, unit }));
	});
	const { page, context } = await open(name);
	const tiles = await page.locator("ul.tiles li").allTextContents();
	assert.ok(tiles.includes("1component") && tiles.includes("1known vulnerability applies, 1 known to be exploited"), tiles.join("|"));
	assert.ok(tiles.every((text) => !/^1[a-z ]*(accounts|components|keys|pieces|places|services)\b/.test(text)), tiles.join("|"));
	await go(page, "#verdict-1");
	const text = await page.locator("main").innerText();
	for (const words of ["1 host\n", "1 byte per day\n", "1 library\n", "1 address\n", "1 status\n"]) assert.ok(`${text}\n`.includes(words), `${words}: ${text}`);
	await context.close();
});

// SPDX-License-Identifier: GPL-3.0-or-later
// What a product file brings: inputs that nothing looked at, declarations beside what refutes them, documents.
import assert from "node:assert/strict";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { changed, folder, go, isChecked, open, places, sticksOut, violations } from "./browser.js";

const HOSTILE = "<img src=x onerror=alert(1)>";

function made() {
	return changed(
		"router",
		"product",
		(report) => {
			report.inputs.push({ id: 50, kind: "site", name: "www.example", size: null, sha256: null, role: "support", description: null });
		},
		{
			declaration: [
				{ section: "product", key: "name", value: "Lamp", line: 2 },
				{ section: "product", key: "version", value: "1.4", line: 3 },
				{ section: "services", item: 1, key: "name", value: HOSTILE, line: 9 },
				{ section: "updates", key: "signed", value: "yes", line: 12 },
			],
			contradictions: [
				{ topic: "updates", declared_in: "declaration", declaration_id: 4, table_name: "updater", row_id: 1, says: `installs without a signature ${HOSTILE}` },
			],
		},
	);
}

test("declarations: what is refuted comes first, with what was observed beside it", async () => {
	const { page, context, faults } = await open(made());
	assert.equal(await page.innerText(".brand span"), "Lamp 1.4");
	assert.match(await page.innerText("main"), /not looked at www\.example \(site\): this version has no probe for it/);
	await go(page, "#inputs");
	assert.match(await page.innerText("main"), /www\.example\s+site, support\s+Not looked at: this version has no probe for it\./);
	await go(page, "#declarations");
	const cards = await page.locator(".cards > li").allInnerTexts();
	assert.equal(cards.length, 3);
	assert.match(cards[0], /^Updates[^]*Signed\s+yes[^]*but was observed[^]*installs without a signature <img/);
	assert.ok(!cards[1].includes("observed") && !cards[2].includes("observed"));
	assert.equal(await page.locator("main img").count(), 0);
	for (const width of [360, 800]) {
		await page.setViewportSize({ width, height: 900 });
		assert.deepEqual(await page.evaluate(sticksOut), []);
	}
	assert.deepEqual(faults, []);
	await context.close();
});

// Every section of a product full, of what people and attackers write: long words, markup, signs that turn the line.
function full() {
	const evil = `${HOSTILE}\u202e${"long".repeat(60)}`;
	const element = (state, about, sentence) => ({ blob_id: 2, line: 7, element: "data-collected", state, about, value: about, section: "Privacy", sentence });
	return changed(
		"router",
		"full-product",
		(head) => {
			head.inputs.push({ id: 50, kind: "site", name: evil, size: null, sha256: null, role: "support", description: null });
			head.inputs.push({ id: 51, kind: "document", name: "privacy.html", size: 812, sha256: "00".repeat(32), role: "privacy-notice", description: "a notice" });
			head.probe_runs.push({ id: 900, input_id: 51, probe: "document.read", status: "partial", detail: evil });
			const measure = (id, value, thresholds) => ({
				id,
				name: `m${id}`,
				title: `Open ports ${evil}`,
				unit: "ports",
				formula: evil,
				better: "lower",
				missing: value === null ? evil : null,
				value,
				evidence_total: 1,
				thresholds,
				evidence: [{ ...head.verdicts[0].evidence[0], says: evil }],
			});
			head.verdicts.forEach((verdict, i) => {
				verdict.measures = [
					measure(3 * i + 1, 3.25, [{ gives: "FAIL", above: 2, below: null, source: evil, crossed: true }]),
					measure(3 * i + 2, null, []),
					measure(3 * i + 3, 7, [{ gives: "PASS", above: null, below: 9, source: "Somebody, 2024", crossed: false }]),
				];
				Object.assign(verdict, { missing: "site.tls has not run", excluded: evil, severity_was: "low", severity_reason: evil, basis: "declared", about: "declaration" });
				verdict.queries = [{ role: "fails", sql: `SELECT id, '${evil}' AS says\nFROM account` }];
			});
			head.header.standing = [{ requirement: head.verdicts[0].requirement, measure: "m1", products: 12, lower: 9, equal: 1, higher: 2 }];
		},
		{
			declaration: [
				...Object.entries({ name: "Lamp", maker: evil, model: "L-1", version: "1.4", category: "light", released: "2026-01-31" }).map(([key, value]) => ({ blob_id: 2, line: 2, section: "product", key, value })),
				...[1, 2, 3].flatMap((item) => ["name", "port", "protocol", "purpose"].map((key) => ({ blob_id: 2, section: "services", item, key, value: `${key} ${evil}`, line: 9 }))),
				{ blob_id: 2, section: "updates", key: "signed", value: "yes", line: 12 },
				{ blob_id: 2, section: "support", key: "end", value: null, line: 13 },
			],
			contradictions: [
				{ topic: "updates", declared_in: "declaration", declaration_id: 19, table_name: "updater", row_id: 1, says: evil, blob_id: 6 },
				{ topic: "services", declared_in: "declaration", declaration_id: 8, table_name: "startup", row_id: 1, says: evil, blob_id: 6 },
				{ topic: "privacy", declared_in: "document_element", declaration_id: 2, table_name: "endpoint", row_id: 1, says: evil, blob_id: 6 },
			],
			document: [{ blob_id: 2, format: "html", title: evil, language: "en", words: 400 }],
			document_section: [{ blob_id: 2, line: 3, title: evil, level: 1 }],
			document_element: [element("present", "usage", evil), element("denied", "location", evil), element("absent", null, null)],
			document_date: [{ blob_id: 2, line: 4, text: evil, kind: "updated", date: "2026-01-01" }],
			document_contact: [{ blob_id: 2, line: 5, kind: "email", value: evil }],
			document_link: [{ blob_id: 2, line: 6, url: `javascript:alert(1)//${evil}`, text: evil }],
			release: [{ blob_id: 2, line: 16, version: evil, location: "a.bin", status: "complete" }],
			entropy: Array.from({ length: 40 }, (_, n) => ({ blob_id: 1, offset: n * 150_000, size: 150_000, kind: "data", millibits: n * 200, detail: evil })),
		},
	);
}

for (const [theme, width] of [
	["light", 1280],
	["dark", 360],
	["light", 800],
	["dark", 1280],
])
	test(`a product with every section full: ${theme}, ${width} pixels: pictures, nothing sticks out${isChecked(theme, width) ? ", axe-core finds nothing" : ""}`, async () => {
		const { page, context, faults } = await open(full(), { viewport: { width, height: 900 }, colorScheme: theme, bypassCSP: true });
		const tables = ["declaration", "contradictions", "document", "document_section", "document_element", "document_date", "document_contact", "document_link", "release"];
		const empty = await page.evaluate((names) => names.filter((name) => !globalThis.assay.model.count(name)), tables);
		assert.deepEqual(empty, []);
		const rows = new Set(tables.map((name) => `#${name}-1`));
		for (const place of (await places(page)).filter((place) => !/-\d+$/.test(place) || rows.has(place) || place === "#verdict-1")) {
			await go(page, place);
			assert.notEqual(await page.evaluate(() => document.querySelector("main h1")?.textContent ?? ""), "", place);
			assert.deepEqual(await page.evaluate(sticksOut), [], place);
			assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), place);
			assert.equal(await page.locator("main img, main i > *, main a[href^=javascript]").count(), 0, place);
			if (["#overview", "#inputs", "#declarations", "#documents", "#unseen", "#verdict-1"].includes(place)) {
				const path = join(folder, `full-product-${place.slice(1)}-${theme}-${width}.png`);
				await page.screenshot({ path, fullPage: true });
				assert.ok(statSync(path).size > 5000, place);
			}
			if (isChecked(theme, width)) assert.deepEqual(await violations(page), [], place);
		}
		assert.deepEqual(faults, []);
		await context.close();
	});

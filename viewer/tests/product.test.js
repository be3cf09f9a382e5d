// SPDX-License-Identifier: GPL-3.0-or-later
// What a product file brings: inputs that nothing looked at, declarations beside what refutes them, documents.
import assert from "node:assert/strict";
import { test } from "node:test";
import { changed, go, open, sticksOut } from "./browser.js";

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

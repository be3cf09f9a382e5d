// SPDX-License-Identifier: GPL-3.0-or-later
// What changed between two cases, in a browser: the data of the JSON, what got worse first, strings as text, no fault.
import assert from "node:assert/strict";
import { readFileSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { test } from "node:test";
import { folder, go, open, sample, sticksOut } from "./browser.js";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const CONTROLS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]/;

// Every topic that has changes, and one row of each.
function places(page) {
	return page.evaluate(() => ["#overview", ...globalThis.assay.page.topics.flatMap((t) => [`#${t.topic}`, `#${t.topic}-1`]), "#nowhere"]);
}

test("the page has the data of the JSON, no more and no less", async () => {
	const { page, context } = await open("changes");
	const data = await page.evaluate(() => {
		const { topics, ...rest } = globalThis.assay.diff;
		return { ...rest, topics: topics.map((t) => ({ ...t, rows: t.rows.map(({ topic, at, ...row }) => row) })) };
	});
	assert.deepEqual(data, JSON.parse(readFileSync(sample("changes", "json"), "utf8")));
	await context.close();
});

test("what got worse comes first, with its counts", async () => {
	const { page, context } = await open("changes");
	const json = JSON.parse(readFileSync(sample("changes", "json"), "utf8"));
	assert.equal(await page.innerText("main h1"), `${json.worse} changes for the worse`);
	const worse = page.locator("table[aria-label='What got worse'] tbody tr");
	assert.equal(await worse.count(), json.worse);
	const hardening = json.topics.find((t) => t.topic === "hardening");
	assert.ok(hardening.worse > 0 && hardening.worse < hardening.rows.length, "the sample has both");
	await go(page, "#hardening");
	const tags = await page.locator("table[aria-label='Hardening of programs'] tbody td:nth-child(2) .tag:first-child").allInnerTexts();
	assert.deepEqual(
		tags.map((text) => text.startsWith("worse")),
		hardening.rows.map((_, at) => at < hardening.worse),
	);
	const [one] = hardening.rows.filter((row) => row.worse);
	await page.fill("main input[type=search]", one.what);
	await page.waitForFunction(() => document.querySelector("main [role=status]").textContent.startsWith("1 of "));
	await page.click("main tbody a");
	await page.waitForFunction((what) => document.querySelector("main h1").textContent === what, one.what);
	await context.close();
});

test("every place opens without a fault, and strings stay strings", async () => {
	const { page, context, faults } = await open("changes");
	for (const place of await places(page)) {
		await go(page, place);
		const seen = await page.evaluate(() => ({
			text: document.body.innerText,
			title: document.title,
			strangers: document.querySelectorAll("main img, main script, main b, main iframe, main form, .brand b > *, main [onclick]").length,
			out: [...document.querySelectorAll("[href]")].filter((a) => !a.getAttribute("href").startsWith("#")).length,
		}));
		assert.doesNotMatch(seen.text, CONTROLS, place);
		assert.doesNotMatch(seen.title, CONTROLS, place);
		assert.deepEqual([seen.strangers, seen.out], [0, 0], place);
	}
	await go(page, "#files");
	assert.match(await page.innerText("main"), /<img src=x onerror=alert\(1\)>/);
	assert.deepEqual(faults, []);
	await context.close();
});

test("100,000 files that are new: only those in sight are in the page", async () => {
	const { page, context, faults } = await open("changes-large");
	await go(page, "#files");
	assert.match(await page.innerText("main"), /10\d,\d{3} new/);
	assert.ok((await page.locator("main tbody tr").count()) < 200);
	await page.evaluate(() => {
		const box = document.querySelector(".windowed");
		box.scrollTop = box.scrollHeight;
	});
	const last = await page.evaluate(() => globalThis.assay.diff.topics.find((t) => t.topic === "files").rows.at(-1).what);
	await page.waitForFunction((wanted) => document.querySelector("main tbody").innerText.includes(wanted), last);
	assert.deepEqual(faults, []);
	await context.close();
});

test("what is essential is there without scripts", async () => {
	const { page, context } = await open("changes", { javaScriptEnabled: false });
	const text = await page.locator("main").innerText();
	assert.ok(text.indexOf("What got worse") < text.indexOf("Hardening of programs"));
	for (const said of ["router-1.3.assay → router-1.4<b>.assay", "PASS → FAIL", "not looked at whole", "<img src=x onerror=alert(1)>", "/etc/passwd"])
		assert.ok(text.includes(said), said);
	await context.close();
});

test("on paper are all topics", async () => {
	const { page, context, faults } = await open("changes", { colorScheme: "dark" });
	await page.emulateMedia({ media: "print" });
	await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
	const text = await page.innerText("main");
	for (const said of ["What got worse", "Files", "Private keys", "/etc/passwd"]) assert.ok(text.includes(said), said);
	await page.evaluate(() => dispatchEvent(new Event("afterprint")));
	assert.equal(await page.locator("main h2", { hasText: "Private keys" }).count(), 0);
	assert.deepEqual(faults, []);
	await context.close();
});

for (const theme of ["light", "dark"])
	for (const width of [360, 800, 1280])
		test(`changes: ${theme}, ${width} pixels: a picture, nothing sticks out, axe-core finds nothing`, async () => {
			const { page, context } = await open("changes", { viewport: { width, height: 900 }, colorScheme: theme, bypassCSP: true });
			await page.evaluate(axe);
			for (const place of await places(page)) {
				await go(page, place);
				assert.deepEqual(await page.evaluate(sticksOut), [], place);
				if (["#overview", "#hardening"].includes(place)) {
					const path = join(folder, `changes-${place.slice(1)}-${theme}-${width}.png`);
					await page.screenshot({ path, fullPage: true });
					assert.ok(statSync(path).size > 5000, place);
				}
				const found = await page.evaluate(() => globalThis.axe.run({ runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }));
				assert.deepEqual(
					found.violations.map((v) => `${v.id}: ${v.nodes[0].html.slice(0, 160)} ${v.nodes[0].failureSummary}`),
					[],
					place,
				);
			}
			await context.close();
		});

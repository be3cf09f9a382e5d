// SPDX-License-Identifier: GPL-3.0-or-later
// How the report looks: pictures in both themes and at three widths, for people to look at, and what a program can see in
// them: nothing sticks out. axe-core finds no violation of WCAG 2.2 AA; on paper everything is there.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { folder, go, open, places, sticksOut, violations } from "./browser.js";

// The layout is the width's alone: the dark theme need not be seen at all of them.
const LOOKS = [360, 800, 1280].map((width) => ["light", width]).concat([360, 1280].map((width) => ["dark", width]));
const PICTURED = [
	"#overview",
	"#guidelines",
	"#verdict-1",
	"#flash",
	"#contents",
	"#boot",
	"#components",
	"#vulnerabilities",
	"#keys",
	"#hardening",
	"#accounts",
	"#blob-6",
];

for (const [theme, width] of LOOKS)
	test(`pictures: ${theme}, ${width} pixels`, async () => {
		const { page, context, faults } = await open("router", { viewport: { width, height: 900 }, colorScheme: theme });
		for (const place of PICTURED) {
			await go(page, place);
			assert.deepEqual(await page.evaluate(sticksOut), [], place);
			assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), place);
			const path = join(folder, `${place.slice(1)}-${theme}-${width}.png`);
			await page.screenshot({ path, fullPage: true });
			assert.ok(statSync(path).size > 5000, place);
		}
		assert.deepEqual(faults, []);
		await context.close();
	});

for (const [name, theme, width] of [
	["router", "light", 1280],
	["router", "dark", 360],
	["hostile", "dark", 1280],
])
	test(`axe-core: ${name}, ${theme}, ${width} pixels`, async () => {
		const { page, context } = await open(name, { viewport: { width, height: 900 }, colorScheme: theme, bypassCSP: true });
		// Pages of rows are alike: one set of them will do.
		const all = (await places(page)).filter((place) => (name === "router" && theme === "light") || !/-\d+$/.test(place) || place === "#verdict-1");
		for (const place of all) {
			await go(page, place);
			assert.deepEqual(await violations(page), [], place);
		}
		await context.close();
	});

test("axe-core: without scripts", async () => {
	const { page, context } = await open("router", { bypassCSP: true, colorScheme: "light" });
	const html = readFileSync(new URL(page.url()), "utf8").replace(/<script[\s\S]*?<\/script>/g, "");
	await page.setContent(html);
	assert.deepEqual(await violations(page, {}), []);
	await context.close();
});

function textOf(path) {
	try {
		return execFileSync("pdftotext", ["-layout", path, "-"], { encoding: "utf8" });
	} catch (error) {
		if (error.code !== "ENOENT") throw error;
		return null;
	}
}

test("on paper is every verdict, and the beginning of every table", async (t) => {
	const { page, context, faults } = await open("router", { colorScheme: "dark" });
	await go(page, "#hardening");
	const pdf = await page.pdf({ format: "A4", preferCSSPageSize: true, printBackground: true });
	const path = join(folder, "router.pdf");
	writeFileSync(path, pdf);
	assert.equal(await page.locator(".paper").count(), 0, "the page is as it was");
	assert.match(await page.innerText("main h1"), /Hardening/);
	assert.deepEqual(faults, []);
	await context.close();
	const text = textOf(path);
	if (text === null) return t.skip("pdftotext (poppler-utils) is not there");
	for (const said of [
		"router-mipsel.trx",
		"No default or guessable password gives access",
		"root has the password",
		"Ship without a password",
		"Settled by",
		"CVE-2016-5195",
		"telnetd",
		"CN=router.local",
		"Stack not executable",
	])
		assert.ok(text.includes(said), said);
	assert.ok(!text.includes("Search everything"));
});

// SPDX-License-Identifier: GPL-3.0-or-later
// What changed between two cases, in a browser: the data of the JSON, what got worse first, strings as text, no fault.
import assert from "node:assert/strict";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { folder, go, isChecked, open, sample, sticksOut, violations } from "./browser.js";

const CONTROLS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]/;

// Every topic that has changes, and one row of each.
function places(page) {
	return page.evaluate(() => ["#overview", ...globalThis.assay.page.topics.flatMap((t) => [`#${t.topic}`, `#${t.topic}-1`]), "#search/e", "#nowhere"]);
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

test("every topic is in the sample that fills them", () => {
	const json = JSON.parse(readFileSync(sample("changes-all", "json"), "utf8"));
	assert.ok(json.topics.length >= 18);
	assert.deepEqual(json.topics.filter((t) => !t.rows.length).map((t) => t.topic), []);
});

test("the search finds rows of all topics, from the keyboard, and they have addresses of their own", async () => {
	const { page, context, faults, url } = await open("changes-all");
	await page.keyboard.press("/");
	assert.equal(await page.evaluate(() => document.activeElement.id), "search");
	await page.keyboard.type("ONERROR img");
	await page.waitForFunction(() => location.hash.startsWith("#search/"));
	await page.waitForFunction(() => document.querySelector("main h1").textContent === "Search: ONERROR img");
	assert.equal(await page.evaluate(() => document.activeElement.id), "search", "one goes on typing");
	const titles = await page.locator("main h2 a").allInnerTexts();
	for (const title of ["Accounts", "What boot starts", "Certificates", "Addresses", "Settings of programs", "Files"]) assert.ok(titles.includes(title), title);
	const [href] = await page.locator("main .hits a").evaluateAll((links) => links.map((a) => a.getAttribute("href")).filter((a) => a.startsWith("#accounts-")));
	await page.fill("#search", "no such words anywhere");
	await page.waitForFunction(() => document.querySelector("main").innerText.includes("0 matches"));
	await page.fill("#search", "worse verdicts");
	await page.waitForFunction(() => document.querySelectorAll("main .hits li").length === 2);
	const other = await context.newPage(); // whoever is sent the link
	await other.goto(url + href);
	assert.match(await other.innerText("main h1"), /^<img src=x onerror=alert\(1\)>⟨U\+202E⟩<\/script> in /);
	for (const hash of ["#search/%E0%A4%A", "#files-999999999", "#%", "#search/"]) {
		await other.goto(`${url}${hash}`);
		assert.notEqual(await other.innerText("main h1"), "", hash);
	}
	assert.deepEqual(faults, []);
	await context.close();
});

test("a row has buttons that copy it, its states, the command and its address", async () => {
	const { page, context, url } = await open("changes", { permissions: ["clipboard-read", "clipboard-write"] });
	const json = JSON.parse(readFileSync(sample("changes", "json"), "utf8"));
	const row = json.topics.find((t) => t.topic === "hardening").rows[0];
	await go(page, "#hardening-1");
	for (const [label, text] of [
		["what", row.what],
		["before", row.old],
		["now", row.new],
		["command", "assay diff router-1.3.assay 'router-1.4<b>.assay' --topic hardening --verbose"],
		["link", `${url}#hardening-1`],
	]) {
		await page.getByRole("button", { name: `Copy ${label}`, exact: true }).click();
		await page.waitForFunction((said) => document.querySelector("#status").textContent === said, `Copied: ${label}`);
		assert.equal(await page.evaluate(() => navigator.clipboard.readText()), text, label);
	}
	await page.getByRole("link", { name: "Next ›" }).click();
	await page.waitForFunction(() => location.hash === "#hardening-2");
	await context.close();
});

test("every place opens without a fault, and strings stay strings", async () => {
	const { page, context, faults } = await open("changes-all");
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
	const { page, context, faults } = await open("changes-all", { colorScheme: "dark" });
	await page.emulateMedia({ media: "print" });
	await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
	const text = await page.innerText("main");
	for (const said of ["What got worse", "Files", "Private keys", "/etc/passwd"]) assert.ok(text.includes(said), said);
	const wide = await page.evaluate(() => [...document.querySelectorAll("main *")].filter((e) => e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).overflowX !== "visible").length);
	assert.equal(wide, 0, "nothing is cut off on paper");
	await page.evaluate(() => dispatchEvent(new Event("afterprint")));
	const path = join(folder, "changes.pdf");
	await page.pdf({ path, format: "A4", preferCSSPageSize: true, printBackground: true });
	assert.ok(statSync(path).size > 20000);
	await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
	await page.evaluate(() => dispatchEvent(new Event("afterprint")));
	assert.equal(await page.locator("main h2", { hasText: "Private keys" }).count(), 0);
	assert.deepEqual(faults, []);
	await context.close();
});

for (const theme of ["light", "dark"])
	for (const width of theme === "light" ? [360, 800, 1280] : [360, 1280])
		test(`changes: ${theme}, ${width} pixels: a picture, nothing sticks out${isChecked(theme, width) ? ", axe-core finds nothing" : ""}`, async () => {
			const { page, context } = await open("changes-all", { viewport: { width, height: 900 }, colorScheme: theme, bypassCSP: true });
			for (const place of await places(page)) {
				await go(page, place);
				assert.deepEqual(await page.evaluate(sticksOut), [], place);
				if (["#overview", "#hardening", "#search/e"].includes(place)) {
					const path = join(folder, `changes-${place.replace(/\W/g, "")}-${theme}-${width}.png`);
					await page.screenshot({ path, fullPage: true });
					assert.ok(statSync(path).size > 5000, place);
				}
				// Pages of rows are alike: one set of them will do.
				if (isChecked(theme, width) && (theme === "light" || !/-\d+$/.test(place))) assert.deepEqual(await violations(page), [], place);
			}
			await context.close();
		});

// SPDX-License-Identifier: GPL-3.0-or-later
// How long a browser takes to open an HTML report: node bench/open_report.mjs REPORT.html [RUNS]
// From the start of the navigation until the first screen is drawn, and until the contents and a search are.
import { statSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";

const { chromium } = createRequire(new URL("../viewer/package.json", import.meta.url))("playwright-core");
const [file, runs = "5"] = process.argv.slice(2);
const root = process.getuid() === 0;
const browser = await chromium.launch({ executablePath: process.env.ASSAY_CHROMIUM ?? "/usr/bin/chromium", args: root ? ["--no-sandbox"] : [] });

async function run() {
	const page = await browser.newPage();
	await page.goto(`file://${resolve(file)}`);
	await page.waitForFunction(() => performance.getEntriesByName("assay-shown").length);
	const times = await page.evaluate(async () => {
		const to = async (hash) => {
			const start = performance.now();
			location.hash = hash;
			await new Promise((done) => addEventListener("hashchange", () => requestAnimationFrame(() => setTimeout(done)), { once: true }));
			return performance.now() - start;
		};
		return [performance.getEntriesByName("assay-shown")[0].startTime, await to("#contents"), await to("#search/telnet")];
	});
	await page.close();
	return times;
}

const all = [];
for (let i = 0; i < Number(runs); i++) all.push(await run());
await browser.close();
const median = (at) => all.map((times) => times[at]).sort((a, b) => a - b)[all.length >> 1];
console.log(`${file}: ${(statSync(file).size / 1048576).toFixed(1)} MiB; opened in ${median(0).toFixed(0)} ms, contents in ${
	median(1).toFixed(0)} ms, a search through everything in ${median(2).toFixed(0)} ms (medians of ${runs})`);

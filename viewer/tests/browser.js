// SPDX-License-Identifier: GPL-3.0-or-later
// What the browser tests share: made-up cases rendered by report_sample, and Chromium.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { after } from "node:test";
import { chromium } from "playwright-core";

const sampler = process.env.ASSAY_REPORT_SAMPLE;
export const folder = process.env.ASSAY_VIEWER_OUTPUT;
mkdirSync(folder, { recursive: true });

// A sample whose head (what stands before the tables) is changed by `change`, and in which tables have other rows: the
// policy does not cover data.
export function changed(name, as, change, tables = {}) {
	let html = readFileSync(sample(name, "html"), "utf8");
	const replaceBlock = (open, act) => {
		const from = html.indexOf(open);
		const [whole, start, text] = /^(<script[^>]*>)([^<]*)<\/script>/.exec(html.slice(from));
		const { attributes = start, data } = act(JSON.parse(text));
		html = `${html.slice(0, from)}${attributes}${JSON.stringify(data).replaceAll("<", "\\u003c")}</script>${html.slice(from + whole.length)}`;
	};
	replaceBlock('<script type="application/json">', (data) => {
		change(data);
		return { data };
	});
	for (const [table, objects] of Object.entries(tables))
		replaceBlock(`<script type="application/json" data-table="${table}"`, (data) => ({
			attributes: `<script type="application/json" data-table="${table}" data-rows="${objects.length}">`,
			data: { ...data, rows: objects.map((object, i) => data.columns.map((column) => (column === "id" ? i + 1 : (object[column] ?? null)))) },
		}));
	writeFileSync(join(folder, `${as}.html`), html);
	return as;
}

// The path of a rendered sample: router, hostile or large; html or json.
export function sample(name, kind) {
	const path = join(folder, `${name}.${kind}`);
	if (!existsSync(path)) {
		const out = openSync(path, "w");
		execFileSync(sampler, [name, kind], { stdio: ["ignore", out, "inherit"] });
		closeSync(out);
	}
	return path;
}

let browser = null;
after(async () => browser?.close());

// A page of a report with what went wrong in it: errors, warnings of the console, dialogs, requests for anything else.
export async function open(name, options = {}) {
	browser ??= await chromium.launch({
		executablePath: process.env.ASSAY_CHROMIUM ?? "/usr/bin/chromium",
		args: process.getuid() === 0 ? ["--no-sandbox"] : [], // Chromium refuses to sandbox what root runs
	});
	const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
	const page = await context.newPage();
	const faults = [];
	page.on("console", (message) => ["error", "warning"].includes(message.type()) && faults.push(message.text()));
	page.on("pageerror", (error) => faults.push(error.stack));
	page.on("dialog", (dialog) => {
		faults.push(`dialog: ${dialog.message()}`);
		dialog.dismiss();
	});
	const url = `file://${sample(name, "html")}`;
	page.on("request", (request) => request.url().split("#")[0] !== url && faults.push(`request: ${request.url()}`));
	await page.goto(url, { waitUntil: "load" });
	return { page, context, faults, url };
}

// Goes to a place of the report, and waits until it is shown.
export async function go(page, hash) {
	await page.evaluate((wanted) => {
		const shown = new Promise((resolve) => addEventListener("hashchange", () => requestAnimationFrame(resolve), { once: true }));
		if (location.hash === wanted) return true;
		location.hash = wanted;
		return shown.then(() => true);
	}, hash);
}

// Every section of the report, a verdict, a row of each table that has rows, and a search.
export async function places(page) {
	return page.evaluate(() => {
		const { model, page: shown } = globalThis.assay;
		const rows = model
			.names()
			.filter((name) => model.count(name))
			.map((name) => `#${name}-${model.table(name).value(0, "id")}`);
		return [
			"#overview",
			"#guidelines",
			"#guidelines/inconclusive",
			"#verdict-1",
			...shown.topics.map((topic) => `#${topic.id}`),
			...rows,
			"#search/telnet",
			"#nowhere",
		];
	});
}

// What reaches beyond the right edge, other than within something that scrolls or is cut on purpose.
export function sticksOut() {
	const scrolls = (element) => {
		for (let e = element.parentElement; e && e !== document.body; e = e.parentElement) if (getComputedStyle(e).overflowX !== "visible") return true;
		return false;
	};
	return [...document.querySelectorAll("body *")]
		.filter((e) => e.getBoundingClientRect().right > innerWidth + 1 && e.getBoundingClientRect().width > 0 && !scrolls(e))
		.map((e) => `${e.tagName}.${e.className}`);
}

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const WCAG = { resultTypes: ["violations"], runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] };

// Whether axe-core looks at a page of that theme and width. It takes seconds for a long page: colours are the theme's and the
// layout is the width's, so that each of them in one page will do.
export const isChecked = (theme, width) => (theme === "light" && width === 1280) || (theme === "dark" && width === 360);

// What stands around every place. It is looked at with the first place of a page that is opened: what differs later is which
// link is the current one.
const FRAME = ["#nav", "header.top"];
const framed = new WeakSet();

// Of what a place is built: its elements, each with the attributes that a rule may ask for, and how long the texts in it are;
// children that are built alike count once. Nothing else of a text is what axe-core judges.
function buildOf() {
	const anyValue = /^(href|src|id|title|placeholder|value|for|aria-(label|labelledby|controls|describedby|rowcount|rowindex|posinset|setsize))$/;
	const shape = (node) => {
		if (node.nodeType !== Node.ELEMENT_NODE) return node.data.trim() && (node.data.length > 40 ? "text" : "word");
		const attributes = [...node.attributes].map(({ name, value }) => (anyValue.test(name) ? `${name}${value ? "=" : ""}` : `${name}=${value}`));
		return `<${node.localName} ${attributes.sort().join(" ")}>${[...new Set([...node.childNodes].map(shape))].join("")}</>`;
	};
	return `${matchMedia("(prefers-color-scheme: dark)").matches} ${innerWidth} ${shape(document.querySelector("main"))}`;
}

// Whether a place that is built in this way was looked at, in any page of that theme and width.
function isLookedAt(build) {
	const marker = join(folder, `axe-${createHash("sha256").update(build).digest("hex")}`);
	if (existsSync(marker)) return true;
	writeFileSync(marker, "");
	return false;
}

// What axe-core finds in the page as it is shown. What it does to the page is not what the policy is for: open it with bypassCSP.
export async function violations(page, rules = WCAG) {
	const isFramed = framed.has(page);
	if (isLookedAt(await page.evaluate(buildOf)) && isFramed) return [];
	framed.add(page);
	if (!(await page.evaluate(() => "axe" in globalThis))) await page.evaluate(axe);
	const found = await page.evaluate(([where, wanted]) => globalThis.axe.run(where ?? document, wanted), [isFramed ? { exclude: FRAME } : null, rules]);
	return found.violations.map((v) => {
		const nodes = v.nodes.slice(0, 3).map((node) => `${node.html.slice(0, 160)} ${node.failureSummary}`);
		return `${v.id}: ${nodes.join(" | ")}`;
	});
}

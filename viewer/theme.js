// SPDX-License-Identifier: GPL-3.0-or-later
// Light, dark, or as the system has it: a button that goes through them, and remembers.
import { h } from "./dom.js";

const THEMES = ["auto", "light", "dark"];
const LABELS = { auto: "Theme: system", light: "Theme: light", dark: "Theme: dark" };

export function themeButton() {
	const button = h("button", { type: "button", class: "theme", onclick: () => set(next()) });
	const set = (theme) => {
		const known = THEMES.includes(theme) ? theme : "auto";
		document.documentElement.dataset.theme = known;
		button.textContent = LABELS[known];
		store("theme", known);
	};
	set(stored("theme") ?? "auto");
	return button;
}

function next() {
	return THEMES[(THEMES.indexOf(document.documentElement.dataset.theme ?? "auto") + 1) % THEMES.length];
}

// A file has a store of its own in some browsers, and none in others.
function stored(name) {
	try {
		return localStorage.getItem(`assay.${name}`);
	} catch {
		return null;
	}
}

function store(name, value) {
	try {
		localStorage.setItem(`assay.${name}`, value);
	} catch {
		// it lasts as long as the page
	}
}

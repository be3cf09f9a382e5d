// SPDX-License-Identifier: GPL-3.0-or-later
// Elements. Text becomes a text node and nothing else, after visible(): there is no way here to make markup of data.
import { visible } from "./text.js";

// h("a", { class: "place", href: "#blob-3" }, "text", node, [more], null)
// Properties: class, data-*, aria-* and other attributes; on<event> listeners; style as an object, which a policy
// without inline styles allows. A link leads to a place in this page only.
export function h(name, properties, ...children) {
	const element = document.createElement(name);
	for (const [key, value] of Object.entries(properties ?? {})) {
		if (value === null || value === undefined || value === false) continue;
		if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
		else if (key === "style") setStyle(element, value);
		else if (key === "href" && !String(value).startsWith("#")) throw new Error(`a link that leads out: ${value}`);
		else element.setAttribute(key, value === true ? "" : key === "title" || key === "aria-label" ? visible(value) : value);
	}
	append(element, children);
	return element;
}

function setStyle(element, style) {
	for (const [property, value] of Object.entries(style)) element.style.setProperty(property, value);
}

export function append(element, children) {
	for (const child of children.flat(Infinity)) {
		if (child === null || child === undefined || child === false || child === "") continue;
		element.append(child instanceof Node ? child : visible(child));
	}
	return element;
}

// Calls `act` when nothing has happened for a while.
export function later(act, milliseconds = 120) {
	let timer = 0;
	return (...args) => {
		clearTimeout(timer);
		timer = setTimeout(() => act(...args), milliseconds);
	};
}

// Says it to those who do not see that the page has changed.
export function announce(text) {
	const status = document.getElementById("status");
	if (status) status.textContent = visible(text);
}

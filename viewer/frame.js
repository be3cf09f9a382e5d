// SPDX-License-Identifier: GPL-3.0-or-later
// What is around every page: the name, the search, the way through, and what an address behind the '#' leads to.
import { announce, append, h, later } from "./dom.js";
import { themeButton } from "./theme.js";
import { count } from "./text.js";

// Whoever has a frame has also
//   navigation()        what stands in the way through
//   resolve(name, rest) what "#name/rest" shows: { current, title, nodes, grids }
//   paper()             puts what is printed into the empty `main`
export class Frame {
	// `of`: { name, skip, parts, search }: of what it is, and what the link to skip it, the way through and the search are called.
	build(of) {
		this.main = h("main", { id: "main", tabindex: -1 });
		this.links = new Map();
		this.nav = h("nav", { id: "nav", "aria-label": of.parts }, this.navigation());
		this.menu = h("button", { type: "button", class: "menu", "aria-expanded": "false", "aria-controls": "nav", onclick: () => this.openMenu() }, "Menu");
		this.search = h("input", {
			type: "search",
			id: "search",
			placeholder: of.search,
			"aria-label": of.search,
			oninput: later(() => this.goSearch(), 250),
		});
		document.body.replaceChildren(...this.around(of));
		addEventListener("hashchange", () => this.show(true));
		addEventListener("beforeprint", () => this.beforePrint());
		addEventListener("afterprint", () => this.afterPrint());
		addEventListener("keydown", (event) => this.key(event));
		this.show(false);
	}

	around({ name, skip }) {
		const toMain = (event) => {
			event.preventDefault();
			this.main.focus();
		};
		return [
			h("a", { class: "skip", href: "#main", onclick: toMain }, skip),
			h(
				"header",
				{ class: "top" },
				h("a", { class: "brand", href: "#overview" }, h("b", null, "Assay"), h("span", null, name)),
				this.menu,
				h("div", { role: "search" }, this.search),
				themeButton(),
			),
			h("div", { class: "columns-page" }, this.nav, this.main),
			h("p", { id: "status", class: "offscreen", role: "status", "aria-live": "polite" }),
		];
	}

	link(id, title, n) {
		const a = h("a", { href: `#${id}` }, h("span", null, title), n ? h("span", { class: "n" }, count(n)) : null);
		this.links.set(id, a);
		return h("li", null, a);
	}

	openMenu(open = this.menu.getAttribute("aria-expanded") !== "true") {
		this.menu.setAttribute("aria-expanded", String(open));
		this.nav.classList.toggle("open", open);
	}

	goSearch() {
		location.hash = this.search.value ? `#search/${encodeURIComponent(this.search.value)}` : "#overview";
	}

	// '/' is where people look for a search.
	key(event) {
		if (event.key === "Escape") this.openMenu(false);
		if (event.key !== "/" || event.target.closest("input, textarea")) return;
		event.preventDefault();
		this.search.focus();
	}

	show(byHand) {
		const [name, rest = ""] = decoded(location.hash.slice(1)).split(/\/(.*)/s);
		const view = this.resolve(name, rest);
		this.main.replaceChildren();
		append(this.main, [view.nodes]);
		for (const grid of view.grids) grid.draw(true);
		for (const [id, link] of this.links) {
			if (id === view.current) link.setAttribute("aria-current", "page");
			else link.removeAttribute("aria-current");
		}
		document.title = append(h("title"), [`${view.title} – Assay`]).textContent;
		this.openMenu(false);
		if (!byHand) return;
		scrollTo(0, 0);
		if (document.activeElement !== this.search) (this.main.querySelector("h1") ?? this.main).focus({ preventScroll: true });
		announce(view.title);
	}

	beforePrint() {
		this.beside = [...this.main.childNodes];
		this.main.replaceChildren();
		this.paper();
	}

	afterPrint() {
		if (this.beside) this.main.replaceChildren(...this.beside);
		this.beside = null;
	}
}

// An address may be anybody's.
function decoded(text) {
	try {
		return decodeURIComponent(text);
	} catch {
		return text;
	}
}

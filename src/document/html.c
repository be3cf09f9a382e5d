/* SPDX-License-Identifier: GPL-3.0-or-later */
/* HTML by gumbo (WHATWG parsing), in an arena: its destructor recurses, an arena does not. Only what a person sees counts:
 * no head but the title, no script, no style, no comment, nothing that is hidden by attribute or style. What a style sheet hides is
 * read, but says nothing. */
#include <ctype.h>
#include <gumbo.h>
#include <setjmp.h>
#include <stdlib.h>
#include <strings.h>

#include "document/text.h"

/* What the tree of one document may take; a tree is some thirty times its text at worst. */
#define TREE_MAX ((size_t)640 << 20)

struct tree {
	struct arena *arena;
	jmp_buf full; /* gumbo does not look at what an allocator gives */
};

static void *tree_alloc(void *context, size_t n)
{
	struct tree *t = context;
	void *p = arena_alloc(t->arena, 1, n ? n : 1);
	if (!p)
		longjmp(t->full, 1);
	return p;
}

static void tree_free(void *context, void *p)
{
	(void)context;
	(void)p;
}

static bool is_one_of(struct text name, const char *const *names)
{
	for (size_t i = 0; names[i]; i++)
		if (strlen(names[i]) == name.n && strncasecmp(names[i], name.p, name.n) == 0)
			return true;
	return false;
}

/* How deep elements may lie in each other, at most: those whose end may be left out are not counted. gumbo walks up its
 * open elements at each tag, so that its time is the size by the depth. */
static uint32_t nesting(struct text t)
{
	static const char *const flat[] = { "p",    "li",    "td",    "th",     "tr",    "dt",  "dd",   "option",
										"area", "base",  "br",    "col",    "embed", "hr",  "img",  "input",
										"link", "meta",  "param", "source", "track", "wbr", "html", "body",
										"head", "thead", "tbody", "tfoot",  NULL };
	uint32_t depth = 0, deepest = 0;
	for (size_t i = 0; i + 1 < t.n; i++) {
		if (t.p[i] != '<')
			continue;
		bool end = t.p[i + 1] == '/';
		size_t from = i + 1 + end, to = from;
		while (to < t.n && isalnum((unsigned char)t.p[to]))
			to++;
		if (to == from || is_one_of(text_of(t.p + from, to - from), flat))
			continue;
		depth = end ? depth - (depth > 0) : depth + 1;
		deepest = depth > deepest ? depth : deepest;
	}
	return deepest;
}

static const char *attribute(const GumboElement *e, const char *name)
{
	const GumboAttribute *a = gumbo_get_attribute(&e->attributes, name);
	return a ? a->value : NULL;
}

/* gumbo knows no <dialog>. */
static bool is_closed_dialog(const GumboElement *e)
{
	struct text tag = text_of(e->original_tag.data, e->original_tag.length);
	return e->tag == GUMBO_TAG_UNKNOWN && tag.n > 7 && strncasecmp(tag.p, "<dialog", 7) == 0 &&
		   !isalnum((unsigned char)tag.p[7]) && !attribute(e, "open");
}

static bool is_hidden(const GumboElement *e)
{
	switch (e->tag) {
	case GUMBO_TAG_HEAD:
	case GUMBO_TAG_SCRIPT:
	case GUMBO_TAG_STYLE:
	case GUMBO_TAG_NOSCRIPT:
	case GUMBO_TAG_TEMPLATE:
	case GUMBO_TAG_IFRAME:
	case GUMBO_TAG_OBJECT:
	case GUMBO_TAG_SVG:
	case GUMBO_TAG_MATH:
	case GUMBO_TAG_SELECT:
	case GUMBO_TAG_TEXTAREA:
	case GUMBO_TAG_BUTTON:
	case GUMBO_TAG_TITLE:
	case GUMBO_TAG_META:
	case GUMBO_TAG_NOFRAMES:
	case GUMBO_TAG_AUDIO:
	case GUMBO_TAG_VIDEO:
	case GUMBO_TAG_CANVAS:
	case GUMBO_TAG_DATALIST:
		return true;
	default: {
		const char *aria = attribute(e, "aria-hidden");
		return is_closed_dialog(e) || attribute(e, "hidden") || style_hides(attribute(e, "style")) ||
			   (aria && strcasecmp(aria, "true") == 0);
	}
	}
}

static unsigned heading_level(GumboTag tag)
{
	return tag >= GUMBO_TAG_H1 && tag <= GUMBO_TAG_H6 ? (unsigned)(tag - GUMBO_TAG_H1) + 1 : 0;
}

static bool is_block(GumboTag tag)
{
	switch (tag) {
	case GUMBO_TAG_P:
	case GUMBO_TAG_DIV:
	case GUMBO_TAG_SECTION:
	case GUMBO_TAG_ARTICLE:
	case GUMBO_TAG_MAIN:
	case GUMBO_TAG_HEADER:
	case GUMBO_TAG_FOOTER:
	case GUMBO_TAG_NAV:
	case GUMBO_TAG_ASIDE:
	case GUMBO_TAG_UL:
	case GUMBO_TAG_OL:
	case GUMBO_TAG_DL:
	case GUMBO_TAG_BLOCKQUOTE:
	case GUMBO_TAG_ADDRESS:
	case GUMBO_TAG_FORM:
	case GUMBO_TAG_FIELDSET:
	case GUMBO_TAG_FIGURE:
	case GUMBO_TAG_FIGCAPTION:
	case GUMBO_TAG_BODY:
	case GUMBO_TAG_CAPTION:
	case GUMBO_TAG_DETAILS:
	case GUMBO_TAG_SUMMARY:
	case GUMBO_TAG_CENTER:
	case GUMBO_TAG_HR:
	case GUMBO_TAG_BR:
	case GUMBO_TAG_TABLE:
		return true;
	default:
		return false;
	}
}

static bool is_list(GumboTag tag)
{
	return tag == GUMBO_TAG_UL || tag == GUMBO_TAG_OL || tag == GUMBO_TAG_DL;
}

/* data-sourcepos="12:1-14:9", which markdown.c lets cmark write; any other line is gumbo's. */
static void take_place(struct doc *d, const GumboElement *e)
{
	const char *place = strcmp(d->format, "markdown") == 0 ? attribute(e, "data-sourcepos") : NULL;
	unsigned long line = place ? strtoul(place, NULL, 10) : 0;
	if (line > 0 && line < UINT32_MAX)
		d->line = (uint32_t)line;
}

/* Text that is struck out, that a style sheet hides, or that is white on who knows what: nobody says it, and nobody can be sure
 * that it is not there. */
static bool is_struck(const struct doc *d, const GumboElement *e)
{
	const char *colour = e->tag == GUMBO_TAG_FONT ? attribute(e, "color") : NULL;
	return (!d->darks && style_is_pale(attribute(e, "style"), colour)) || e->tag == GUMBO_TAG_DEL ||
		   e->tag == GUMBO_TAG_S || e->tag == GUMBO_TAG_STRIKE || style_strikes(attribute(e, "style")) ||
		   hidden_is(&d->hidden, attribute(e, "class"), attribute(e, "id"));
}

/* "within <number> days": in Markdown a blank that nobody filled in looks like an element. It is written as it stands there. */
static void write_blank(struct doc *d, const GumboElement *e)
{
	struct text tag = text_of(e->original_tag.data, e->original_tag.length);
	if (e->tag != GUMBO_TAG_UNKNOWN || strcmp(d->format, "markdown") != 0 || tag.n < 3 || tag.n > 64 || tag.p[0] != '<')
		return;
	text_add(d, tag);
}

static void enter(struct doc *d, const GumboElement *e, uint32_t *link_at)
{
	unsigned level = heading_level(e->tag);
	take_place(d, e);
	write_blank(d, e);
	if (is_struck(d, e) && d->unsaying++ == 0)
		d->unsaid_from = text_at(d);
	d->lists += is_list(e->tag);
	d->darks += style_is_dark(attribute(e, "style"), attribute(e, "bgcolor"));
	if (level)
		text_open(d, BLOCK_HEADING, level);
	else if (e->tag == GUMBO_TAG_LI || e->tag == GUMBO_TAG_DD || e->tag == GUMBO_TAG_DT)
		text_open(d, BLOCK_ITEM, d->lists ? d->lists : 1);
	else if (e->tag == GUMBO_TAG_TD || e->tag == GUMBO_TAG_TH)
		text_cell(d, e->tag == GUMBO_TAG_TH);
	else if (e->tag == GUMBO_TAG_PRE)
		text_open(d, BLOCK_CODE, 1);
	else if (e->tag == GUMBO_TAG_TABLE)
		text_table(d);
	else if (e->tag == GUMBO_TAG_TR)
		text_row(d);
	/* a paragraph within an item or a cell is still that item; text that goes on behind one is a block of its own */
	bool holds = d->open && (DOC_ARRAY(d, block, blocks)[d->open - 1].kind != BLOCK_PARAGRAPH) &&
				 DOC_ARRAY(d, block, blocks)[d->open - 1].from == d->text.n;
	if (is_block(e->tag) && !holds)
		text_close(d);
	if (e->tag == GUMBO_TAG_A)
		*link_at = text_at(d);
}

static void stop_unsaying(struct doc *d)
{
	struct run *r = doc_push(d, &d->unsaid, sizeof *r);
	if (r)
		*r = (struct run){ d->unsaid_from, text_at(d) };
}

static void leave(struct doc *d, const GumboElement *e, uint32_t link_at)
{
	d->darks -= style_is_dark(attribute(e, "style"), attribute(e, "bgcolor"));
	if (is_struck(d, e) && --d->unsaying == 0)
		stop_unsaying(d);
	d->lists -= is_list(e->tag);
	const char *href = e->tag == GUMBO_TAG_A ? attribute(e, "href") : NULL;
	if (href && href[0] && href[0] != '#') {
		char *copy = arena_strdup(d->arena, text_c(href));
		d->failed |= !copy;
		text_link(d, text_c(copy), link_at);
	}
	struct block *b = d->open ? &DOC_ARRAY(d, block, blocks)[d->open - 1] : NULL;
	if (href && href[0] == '#' && b && b->from >= link_at)
		b->inner = text_at(d);
	if (is_block(e->tag) || heading_level(e->tag) || e->tag == GUMBO_TAG_LI || e->tag == GUMBO_TAG_DD ||
		e->tag == GUMBO_TAG_DT || e->tag == GUMBO_TAG_TD || e->tag == GUMBO_TAG_TH || e->tag == GUMBO_TAG_PRE ||
		e->tag == GUMBO_TAG_TR)
		text_close(d);
}

/* A paragraph of Markdown that shows a table as text. */
static bool write_rows(struct doc *d, struct text t)
{
	bool heads = true;
	size_t lines = 0, at = 0;
	for (size_t from = 0; from < t.n; from = at + 1, lines++) {
		const char *end = memchr(t.p + from, '\n', t.n - from);
		at = end ? (size_t)(end - t.p) : t.n;
		if (!plain_is_row(text_of(t.p + from, at - from)))
			return false;
	}
	if (lines < 2)
		return false;
	text_table(d);
	for (size_t from = 0; from < t.n; from = at + 1) {
		const char *end = memchr(t.p + from, '\n', t.n - from);
		at = end ? (size_t)(end - t.p) : t.n;
		plain_row(d, text_of(t.p + from, at - from), &heads);
		d->line++;
	}
	text_close(d);
	return true;
}

static void write_text(struct doc *d, const GumboNode *n)
{
	struct text t = text_c(n->v.text.text);
	bool markdown = strcmp(d->format, "markdown") == 0;
	if (!markdown)
		d->line = n->v.text.start_pos.line;
	if (n->type == GUMBO_NODE_WHITESPACE) {
		d->gap = true;
		for (size_t i = 0; markdown && i < t.n && d->open; i++)
			d->line += t.p[i] == '\n';
	} else if (!markdown || n->parent->type != GUMBO_NODE_ELEMENT || n->parent->v.element.tag != GUMBO_TAG_P ||
			   n->parent->v.element.children.length != 1 || !write_rows(d, t)) {
		text_add(d, t);
	}
}

static const GumboVector *children_of(const GumboNode *n)
{
	bool element = n->type == GUMBO_NODE_ELEMENT && !is_hidden(&n->v.element);
	return element ? &n->v.element.children : NULL;
}

/* Down, along, up: without recursion, whatever the depth. */
static void walk(struct doc *d, const GumboNode *root)
{
	uint32_t link_at = 0; /* links do not lie in each other */
	for (const GumboNode *n = root; n && !d->failed && !d->full;) {
		const GumboVector *c = children_of(n);
		if (c)
			enter(d, &n->v.element, &link_at);
		else if (n->type == GUMBO_NODE_TEXT || n->type == GUMBO_NODE_WHITESPACE || n->type == GUMBO_NODE_CDATA)
			write_text(d, n);
		if (c && c->length) {
			n = c->data[0];
			continue;
		}
		if (c)
			leave(d, &n->v.element, link_at);
		while (n != root) {
			const GumboNode *up = n->parent;
			size_t next = n->index_within_parent + 1;
			if (next < up->v.element.children.length) {
				n = up->v.element.children.data[next];
				break;
			}
			leave(d, &up->v.element, link_at);
			n = up;
		}
		if (n == root)
			break;
	}
	if (d->unsaying)
		stop_unsaying(d);
	text_close(d);
}

static void take_title(struct doc *d, const GumboNode *root)
{
	const GumboVector *top = &root->v.element.children;
	for (unsigned i = 0; i < top->length; i++) {
		const GumboNode *head = top->data[i];
		if (head->type != GUMBO_NODE_ELEMENT || head->v.element.tag != GUMBO_TAG_HEAD)
			continue;
		for (unsigned k = 0; k < head->v.element.children.length; k++) {
			const GumboNode *n = head->v.element.children.data[k];
			if (n->type != GUMBO_NODE_ELEMENT || n->v.element.tag != GUMBO_TAG_TITLE || !n->v.element.children.length)
				continue;
			const GumboNode *t = n->v.element.children.data[0];
			if (t->type == GUMBO_NODE_TEXT)
				d->title = text_c(arena_strdup(d->arena, text_c(t->v.text.text)));
		}
	}
}

void read_html(struct doc *d, struct text t)
{
	struct tree tree = { .arena = arena_new(TREE_MAX) };
	uint32_t deep = nesting(t);
	if (deep > d->limits->depth) {
		doc_damage(d, ERR_BUDGET, UINT64_MAX, "elements lie in each other %u deep, more than %u: it is not read", deep,
				   d->limits->depth);
	} else if (!tree.arena) {
		d->failed = true;
	} else if (setjmp(tree.full)) {
		doc_damage(d, ERR_BUDGET, UINT64_MAX, "its elements take more memory than %zu MiB: it is not read",
				   TREE_MAX >> 20);
	} else {
		/* kGumboDefaultOptions but for the allocator and the errors; data of a library can not be bound late */
		GumboOptions options = {
			.allocator = tree_alloc, .deallocator = tree_free, .userdata = &tree, .tab_stop = 8, .max_errors = 0,
			.fragment_context = GUMBO_TAG_LAST, .fragment_namespace = GUMBO_NAMESPACE_HTML,
		};
		GumboOutput *output = gumbo_parse_with_options(&options, t.p, t.n);
		take_title(d, output->root);
		hidden_find(&d->hidden, t);
		walk(d, output->root);
	}
	arena_free(tree.arena);
}

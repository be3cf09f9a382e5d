/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Text that is in a page and that nobody sees there. */
#include <ctype.h>
#include <strings.h>

#include "document/text.h"

#define STYLE_MAX 512u

/* Lower case, without white space. */
static void flatten(struct text style, char out[STYLE_MAX])
{
	size_t n = 0;
	for (size_t i = 0; i < style.n && n + 1 < STYLE_MAX; i++)
		if (!isspace((unsigned char)style.p[i]))
			out[n++] = (char)tolower((unsigned char)style.p[i]);
	out[n] = '\0';
}

/* Whether the value stands there and ends: "opacity:0" is not "opacity:0.8", and its property begins there. */
static bool declares(const char *plain, const char *declaration)
{
	size_t n = strlen(declaration);
	bool open = declaration[n - 1] == '9' || isalpha((unsigned char)declaration[n - 1]);
	for (const char *p = plain; (p = strstr(p, declaration)); p++) {
		bool begins = p == plain || p[-1] == ';' || p[-1] == '{';
		size_t unit = strspn(p + n, "abcdefghijklmnopqrstuvwxyz%");
		if (begins && (open || !p[n + unit] || strchr(";!}", p[n + unit])))
			return true;
	}
	return false;
}

static bool declares_one_of(struct text style, const char *const *declarations)
{
	char plain[STYLE_MAX];
	flatten(style, plain);
	for (size_t i = 0; declarations[i]; i++)
		if (declares(plain, declarations[i]))
			return true;
	return false;
}

static bool text_hides(struct text style)
{
	static const char *const hiding[] = { "display:none",     "visibility:hidden", "visibility:collapse",
										  "opacity:0",        "font-size:0",       "left:-999",
										  "text-indent:-999", "top:-999",          NULL };
	return declares_one_of(style, hiding);
}

bool style_hides(const char *style)
{
	return style && text_hides(text_c(style));
}

bool style_strikes(const char *style)
{
	static const char *const striking[] = { "text-decoration:line-through", "text-decoration-line:line-through", NULL };
	return style && declares_one_of(text_c(style), striking);
}

static bool is_name(struct text t)
{
	if (t.n < 2 || (t.p[0] != '.' && t.p[0] != '#'))
		return false;
	for (size_t i = 1; i < t.n; i++)
		if (!isalnum((unsigned char)t.p[i]) && t.p[i] != '-' && t.p[i] != '_')
			return false;
	return true;
}

/* ".a, #b": each of them that is one name. */
static void take_selectors(struct hidden *h, struct text selectors)
{
	for (size_t from = 0; from <= selectors.n;) {
		const char *comma = memchr(selectors.p + from, ',', selectors.n - from);
		size_t to = comma ? (size_t)(comma - selectors.p) : selectors.n;
		struct text one = text_trim(text_of(selectors.p + from, to - from), TEXT_SPACES);
		if (is_name(one) && h->n < HIDDEN_MAX)
			h->names[h->n++] = one;
		from = to + 1;
	}
}

/* The rules of one sheet. Those within @media hold on some screens only. */
static void take_sheet(struct hidden *h, struct text sheet)
{
	size_t from = 0;
	unsigned depth = 0;
	for (size_t i = 0; i < sheet.n; i++) {
		if (sheet.p[i] == '{' && depth++ == 0) {
			const char *end = memchr(sheet.p + i, '}', sheet.n - i);
			struct text body = text_of(sheet.p + i + 1, end ? (size_t)(end - sheet.p) - i - 1 : sheet.n - i - 1);
			if (text_hides(body))
				take_selectors(h, text_of(sheet.p + from, i - from));
		} else if (sheet.p[i] == '}') {
			depth -= depth > 0;
			from = i + 1;
		}
	}
}

static size_t find(struct text t, size_t from, const char *tag)
{
	size_t n = strlen(tag);
	for (; from + n <= t.n; from++)
		if (t.p[from] == '<' && strncasecmp(t.p + from, tag, n) == 0)
			return from;
	return t.n;
}

void hidden_find(struct hidden *h, struct text page)
{
	for (size_t at = find(page, 0, "<style"); at < page.n; at = find(page, at, "<style")) {
		size_t end = find(page, at, "</style");
		const char *open = memchr(page.p + at, '>', end - at);
		if (open)
			take_sheet(h, text_of(open + 1, end - (size_t)(open + 1 - page.p)));
		at = end;
	}
}

static bool has_class(const char *classes, struct text name)
{
	for (const char *p = classes; p && *p; p += strspn(p, " \t\r\n")) {
		size_t n = strcspn(p, " \t\r\n");
		if (n == name.n && memcmp(p, name.p, n) == 0)
			return true;
		p += n;
	}
	return false;
}

bool hidden_is(const struct hidden *h, const char *classes, const char *id)
{
	for (unsigned i = 0; i < h->n; i++) {
		struct text name = text_of(h->names[i].p + 1, h->names[i].n - 1);
		if (h->names[i].p[0] == '.' ? has_class(classes, name) : id && text_is(name, id))
			return true;
	}
	return false;
}

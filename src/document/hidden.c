/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Text that is in a page and that nobody sees there. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "document/text.h"

#define STYLE_MAX 4096u

/* Lower case, without white space. */
static void flatten(struct text style, char out[STYLE_MAX])
{
	size_t n = 0;
	for (size_t i = 0; i < style.n && n + 1 < STYLE_MAX; i++)
		if (!isspace((unsigned char)style.p[i]))
			out[n++] = (char)tolower((unsigned char)style.p[i]);
	out[n] = '\0';
}

/* The value of a property in a style without white space; the last one that is declared counts. */
static struct text value_of(const char *plain, const char *property)
{
	size_t n = strlen(property);
	struct text value = TEXT_NONE;
	for (const char *p = plain; (p = strstr(p, property)); p++)
		if ((p == plain || p[-1] == ';' || p[-1] == '{') && p[n] == ':')
			value = text_of(p + n + 1, strcspn(p + n + 1, ";!}"));
	return value;
}

static bool is_one_of(struct text t, const char *const *words)
{
	for (size_t i = 0; words[i]; i++)
		if (text_is(t, words[i]))
			return true;
	return false;
}

/* A number with or without a unit; false: it is none. */
static bool number_of(struct text t, double *value, struct text *unit)
{
	char digits[16];
	size_t n = 0;
	while (n < t.n && n + 1 < sizeof digits && (isdigit((unsigned char)t.p[n]) || strchr("+-.", t.p[n])))
		n++;
	memcpy(digits, t.p ? t.p : "", n);
	digits[n] = '\0';
	*value = strtod(digits, NULL);
	*unit = text_of(t.p + n, t.n - n);
	return n > 0;
}

/* At most so much of the unit: "opacity: 0.8" is seen. */
static bool is_at_most(const char *plain, const char *property, double most, const char *const *units)
{
	double value;
	struct text unit;
	return number_of(value_of(plain, property), &value, &unit) && value <= most && (!unit.n || is_one_of(unit, units));
}

static const char *const dots[] = { "px", "pt", NULL };
static const char *const any_unit[] = { "px", "pt", "em", "rem", "%", "vh", "vw", "cm", "mm", "in", NULL };

/* Out of the page, to the left or above. */
static bool is_far(const char *plain)
{
	static const char *const sides[] = { "left", "top", "text-indent", "margin-left", "margin-top", NULL };
	static const char *const letters[] = { "em", "rem", "vw", "vh", "cm", "in", NULL };
	for (size_t i = 0; sides[i]; i++)
		if (is_at_most(plain, sides[i], -900, dots) || is_at_most(plain, sides[i], -99, letters))
			return true;
	return false;
}

/* No room, or a pixel of it, and what does not fit is cut off. */
static bool is_cut(const char *plain)
{
	static const char *const sizes[] = { "height", "max-height", "width", "max-width", NULL };
	static const char *const cuts[] = { "hidden", "clip", NULL };
	bool cut = is_one_of(value_of(plain, "overflow"), cuts);
	for (size_t i = 0; cut && sizes[i]; i++)
		if (is_at_most(plain, sizes[i], 1, dots) || is_at_most(plain, sizes[i], 0, any_unit))
			return true;
	return false;
}

/* "white", "#fff", "#FFFFFF", "rgb(255,255,255)" are one colour. */
static struct text colour_of(struct text t, char room[8])
{
	static const struct {
		const char *name, *code;
	} names[] = { { "white", "#ffffff" }, { "black", "#000000" } };
	unsigned v[3];
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (text_is(t, names[i].name))
			return text_c(names[i].code);
	char copy[24];
	snprintf(copy, sizeof copy, "%.*s", (int)(t.n < sizeof copy ? t.n : 0), t.n ? t.p : "");
	if (t.n == 4 && copy[0] == '#')
		snprintf(room, 8, "#%c%c%c%c%c%c", copy[1], copy[1], copy[2], copy[2], copy[3], copy[3]);
	else if (sscanf(copy, "rgb(%3u,%3u,%3u)", &v[0], &v[1], &v[2]) == 3)
		snprintf(room, 8, "#%02x%02x%02x", v[0] & 255, v[1] & 255, v[2] & 255);
	else
		return t;
	return text_c(room);
}

static struct text background_of(const char *plain)
{
	struct text colour = value_of(plain, "background-color");
	return colour.n ? colour : value_of(plain, "background");
}

static bool is_of_its_background(const char *plain)
{
	char a[8], b[8];
	struct text colour = colour_of(value_of(plain, "color"), a), behind = colour_of(background_of(plain), b);
	return text_is(colour, "transparent") || (colour.n && text_eq(colour, behind));
}

/* A colour that is told by its parts, or by a name. */
enum shade { SHADE_UNKNOWN, SHADE_PALE, SHADE_DARK };
#define PALE_MIN 0xe8u /* of red, green and blue */

static enum shade shade_of(struct text t)
{
	static const char *const pale[] = { "white", "snow",  "ivory",    "ghostwhite", "whitesmoke", "floralwhite",
										"azure", "mintcream", "seashell", NULL };
	static const char *const none[] = { "none", "transparent", "inherit", "initial", "unset", "currentcolor", NULL };
	char room[8];
	unsigned v[3];
	struct text code = colour_of(t, room);
	if (!code.n || is_one_of(code, none))
		return SHADE_UNKNOWN;
	if (is_one_of(code, pale))
		return SHADE_PALE;
	char copy[8] = "";
	snprintf(copy, sizeof copy, "%.*s", (int)(code.n < sizeof copy ? code.n : 0), code.p);
	if (sscanf(copy, "#%2x%2x%2x", &v[0], &v[1], &v[2]) == 3)
		return v[0] >= PALE_MIN && v[1] >= PALE_MIN && v[2] >= PALE_MIN ? SHADE_PALE : SHADE_DARK;
	for (size_t i = 0; i < code.n; i++)
		if (!isalpha((unsigned char)code.p[i]))
			return SHADE_UNKNOWN;
	return SHADE_DARK; /* "navy" */
}

bool style_is_pale(const char *style, const char *colour)
{
	char plain[STYLE_MAX], attribute[STYLE_MAX];
	flatten(text_c(style), plain);
	flatten(text_c(colour), attribute);
	struct text own = value_of(plain, "color");
	return shade_of(own.n ? own : text_c(attribute)) == SHADE_PALE && shade_of(background_of(plain)) != SHADE_DARK;
}

bool style_is_dark(const char *style, const char *background)
{
	char plain[STYLE_MAX], attribute[STYLE_MAX];
	flatten(text_c(style), plain);
	flatten(text_c(background), attribute);
	struct text own = background_of(plain);
	return shade_of(own.n ? own : text_c(attribute)) == SHADE_DARK;
}

/* What clips, shrinks and fades to nothing. */
static bool is_clipped(const char *plain)
{
	static const char *const clips[] = { "rect(0,0,0,0)",         "rect(0000)",         "rect(0px,0px,0px,0px)",
										 "rect(1px,1px,1px,1px)", "rect(1px1px1px1px)", NULL };
	static const char *const paths[] = { "inset(50%)", "inset(100%)", "circle(0)", "circle(0px)", "circle(0%)", NULL };
	static const char *const shrinks[] = { "scale(0)", "scale(0,0)", "scalex(0)", "scaley(0)", NULL };
	static const char *const fades[] = { "opacity(0)", "opacity(0%)", NULL };
	return is_one_of(value_of(plain, "clip"), clips) || is_one_of(value_of(plain, "clip-path"), paths) ||
		   is_one_of(value_of(plain, "transform"), shrinks) || is_one_of(value_of(plain, "filter"), fades);
}

static bool text_hides(struct text style)
{
	static const char *const none[] = { "none", NULL }, *const hidden[] = { "hidden", "collapse", NULL };
	char plain[STYLE_MAX];
	flatten(style, plain);
	return is_one_of(value_of(plain, "display"), none) || is_one_of(value_of(plain, "visibility"), hidden) ||
		   is_one_of(value_of(plain, "content-visibility"), hidden) || is_at_most(plain, "opacity", 0.05, any_unit) ||
		   is_at_most(plain, "font-size", 2, dots) || is_at_most(plain, "font-size", 0, any_unit) || is_far(plain) ||
		   is_cut(plain) || is_clipped(plain) || is_of_its_background(plain);
}

bool style_hides(const char *style)
{
	return style && text_hides(text_c(style));
}

bool style_strikes(const char *style)
{
	char plain[STYLE_MAX];
	if (!style)
		return false;
	flatten(text_c(style), plain);
	return text_has(value_of(plain, "text-decoration"), "line-through") ||
		   text_has(value_of(plain, "text-decoration-line"), "line-through");
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

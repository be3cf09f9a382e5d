/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/style.h"

#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/escape.h"
#include "report/layout.h"

#define WIDTH_DEFAULT 80u
#define WIDTH_MIN 60u
#define WIDTH_MAX 120u
/* Nobody reads more of one string on a terminal. */
#define RAW_MAX 4096u

static unsigned width_of(FILE *out)
{
	struct winsize size;
	const char *columns = getenv("COLUMNS");
	unsigned long width = columns ? strtoul(columns, NULL, 10) : 0;
	if (width == 0 && ioctl(fileno(out), TIOCGWINSZ, &size) == 0)
		width = size.ws_col;
	if (width == 0)
		return WIDTH_DEFAULT;
	return width < WIDTH_MIN ? WIDTH_MIN : width > WIDTH_MAX ? WIDTH_MAX : (unsigned)width;
}

static bool wants_colour(FILE *out)
{
	const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");
	if (no_color && *no_color)
		return false;
	return isatty(fileno(out)) && term && strcmp(term, "dumb") != 0;
}

/* The environment is asked, not setlocale(): the process stays in the "C" locale. */
static bool speaks_utf8(void)
{
	static const char *const names[] = { "LC_ALL", "LC_CTYPE", "LANG" };
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		const char *value = getenv(names[i]);
		if (value && *value)
			return strcasestr(value, "utf-8") || strcasestr(value, "utf8");
	}
	return false;
}

struct report_style report_style_for(FILE *out)
{
	return (struct report_style){
		.width = width_of(out), .colour = wants_colour(out), .utf8 = speaks_utf8(), .seconds = -1
	};
}

void paint(FILE *out, const struct report_style *style, enum report_paint colour)
{
	static const char *const codes[PAINT_KINDS] = { "",         "\033[1m",  "\033[2m", "\033[31m",
													"\033[32m", "\033[33m", "\033[34m" };
	if (style->colour)
		fputs(codes[colour], out);
}

void paint_end(FILE *out, const struct report_style *style, enum report_paint colour)
{
	if (style->colour && colour != PAINT_PLAIN)
		fputs("\033[0m", out);
}

void style_spaces(FILE *out, size_t n)
{
	while (n-- > 0)
		putc(' ', out);
}

/* Length of an escape as escape_utf8() makes it: \x00, or \x80 to \xff. */
static size_t stored_escape_len(struct text t)
{
	static const char hex[] = "0123456789abcdef";
	if (t.n < 4 || t.p[0] != '\\' || t.p[1] != 'x')
		return 0;
	const char *high = memchr(hex, t.p[2], 16), *low = memchr(hex, t.p[3], 16);
	if (!high || !low)
		return 0;
	return high - hex >= 8 || (high == hex && low == hex) ? 4 : 0;
}

/* Escapes into out, which has room for four bytes for each of raw's and a terminator. */
static size_t escape_stored(struct text raw, char *out)
{
	size_t used = 0;
	for (size_t at = 0; at < raw.n;) {
		struct text rest = text_of(raw.p + at, raw.n - at);
		size_t n = stored_escape_len(rest);
		if (n) {
			memcpy(out + used, rest.p, n);
			used += n;
			at += n;
			continue;
		}
		for (n = 1; n < rest.n && !stored_escape_len(text_of(rest.p + n, rest.n - n));)
			n++;
		used += escape_terminal(text_of(rest.p, n), out + used, 4 * n + 1);
		at += n;
	}
	return used;
}

static size_t to_ascii(struct text t, char *out)
{
	size_t used = 0;
	for (size_t i = 0; i < t.n; i++) {
		if ((unsigned char)t.p[i] < 0x80)
			out[used++] = t.p[i];
		else
			used += (size_t)snprintf(out + used, sizeof "\\xff", "\\x%02x", (unsigned char)t.p[i]);
	}
	return used;
}

/* Cuts to `columns` with an ellipsis in the last ones. */
static struct text shortened(const struct report_style *style, char *p, size_t n, size_t columns)
{
	const char *mark = style_mark(style, "\xe2\x80\xa6", "...");
	size_t mark_width = style->utf8 ? 1 : 3;
	size_t keep = layout_fit(text_of(p, n), columns > mark_width ? columns - mark_width : 0);
	memcpy(p + keep, mark, strlen(mark));
	return text_of(p, keep + strlen(mark));
}

struct text style_text(const struct report_style *style, struct text raw, size_t columns, struct arena *a)
{
	bool is_cut = raw.n > RAW_MAX;
	if (is_cut) /* between characters */
		for (raw.n = RAW_MAX; raw.n > RAW_MAX - 4 && ((unsigned char)raw.p[raw.n] & 0xc0) == 0x80;)
			raw.n--;
	char *safe = arena_alloc(a, 4 * raw.n + 4, 1);
	char *ascii = style->utf8 || !safe ? safe : arena_alloc(a, 4 * (4 * raw.n) + 4, 1);
	if (!ascii)
		return TEXT_LIT("?");
	size_t n = escape_stored(raw, safe);
	if (!style->utf8)
		n = to_ascii(text_of(safe, n), ascii);
	size_t width = layout_width(text_of(ascii, n));
	if (columns && width > columns)
		return shortened(style, ascii, n, columns);
	if (is_cut)
		return shortened(style, ascii, n, width);
	return text_of(ascii, n);
}

struct text style_path(const struct report_style *style, struct text raw, size_t columns, struct arena *a)
{
	struct text whole = style_text(style, raw, 0, a);
	const char *mark = style_mark(style, "\xe2\x80\xa6", "...");
	size_t mark_width = style->utf8 ? 1 : 3, width = layout_width(whole);
	if (width <= columns || columns <= mark_width)
		return whole;
	size_t room = columns - mark_width, cut = layout_fit(whole, width - room);
	while (layout_width(text_of(whole.p + cut, whole.n - cut)) > room) /* a wide character stands across the cut */
		cut += layout_fit(text_of(whole.p + cut, whole.n - cut), 2);
	return text_c(arena_printf(a, "%s%.*s", mark, (int)(whole.n - cut), whole.p + cut));
}

void style_wrap(FILE *out, const struct report_style *style, struct text safe, size_t at, size_t hanging,
				unsigned max_lines, enum report_paint colour)
{
	const size_t least = 16; /* columns for text, however deep the indentation */
	for (unsigned line = 1; line == 1 || safe.n > 0; line++) {
		size_t room = style->width > at + least ? style->width - at : least;
		bool is_last = max_lines && line == max_lines;
		struct text rest = safe, piece = layout_line(&rest, room);
		if (is_last && rest.n > 0)
			piece = layout_line(&safe, room - 3);
		paint(out, style, colour);
		if (piece.n)
			fwrite(piece.p, 1, piece.n, out);
		if (is_last && rest.n > 0)
			fputs(style_mark(style, "\xe2\x80\xa6", "..."), out);
		paint_end(out, style, colour);
		putc('\n', out);
		if (is_last || rest.n == 0)
			return;
		safe = rest;
		style_spaces(out, hanging);
		at = hanging;
	}
}

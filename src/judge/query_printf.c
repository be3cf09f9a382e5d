/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SQLite's printf() for packs, with widths and precisions that are bounded: its own repeats a character two thousand
 * million times within one step, past every limit on work.
 * What the conversions mean: https://sqlite.org/printf.html
 */
#include <stdio.h>
#include <string.h>

#include "judge/query.h"

/* Longer fields are in no sentence. */
#define FIELD_MAX 100000

struct arguments {
	sqlite3_value **v;
	int n, used;
};

struct conversion {
	char spec[48]; /* "%-08.3lld" */
	size_t n;
	bool left, alternate;
	int width, precision; /* precision -1: none */
	char type;
};

static sqlite3_value *next_value(struct arguments *a)
{
	return a->used < a->n ? a->v[a->used++] : NULL;
}

static int64_t next_integer(struct arguments *a)
{
	sqlite3_value *v = next_value(a);
	return v ? sqlite3_value_int64(v) : 0;
}

static const char *next_text(struct arguments *a)
{
	sqlite3_value *v = next_value(a);
	return v ? (const char *)sqlite3_value_text(v) : NULL;
}

/* A number of digits or `*`; INT64_MAX when it is too large. */
static int64_t read_number(const char **p, struct arguments *a)
{
	if (**p == '*') {
		(*p)++;
		return next_integer(a);
	}
	int64_t n = 0;
	for (; **p >= '0' && **p <= '9'; (*p)++)
		n = n > FIELD_MAX ? n : n * 10 + (**p - '0');
	return n;
}

/* What stands behind a '%'. False when it asks for too much. */
static bool read_conversion(const char **p, struct arguments *a, struct conversion *c)
{
	char flags[8] = "";
	size_t nflags = 0;
	*c = (struct conversion){ .precision = -1 };
	for (; **p && strchr("-+ 0#!,", **p); (*p)++) {
		c->left |= **p == '-';
		c->alternate |= **p == '!';
		if (!strchr(flags, **p) && nflags < sizeof flags - 1)
			flags[nflags++] = **p;
	}
	int64_t width = read_number(p, a), precision = -1;
	if (width < 0) { /* as in C: the flag '-' */
		width = width < -FIELD_MAX ? FIELD_MAX + 1 : -width;
		if (!strchr(flags, '-') && nflags < sizeof flags - 1)
			flags[nflags++] = '-';
		c->left = true;
	}
	if (**p == '.') {
		(*p)++;
		precision = read_number(p, a);
		precision = precision < 0 ? (precision < -FIELD_MAX ? FIELD_MAX + 1 : -precision) : precision;
	}
	while (**p == 'l')
		(*p)++;
	if (width > FIELD_MAX || precision > FIELD_MAX)
		return false;
	c->width = (int)width;
	c->precision = (int)precision;
	c->type = **p;
	if (c->type)
		(*p)++;
	int n = snprintf(c->spec, sizeof c->spec, "%%%s", flags);
	if (width)
		n += snprintf(c->spec + n, sizeof c->spec - (size_t)n, "%d", c->width);
	if (precision >= 0)
		n += snprintf(c->spec + n, sizeof c->spec - (size_t)n, ".%d", c->precision);
	c->n = (size_t)n;
	return true;
}

static const char *finish_spec(struct conversion *c, const char *type)
{
	snprintf(c->spec + c->n, sizeof c->spec - c->n, "%s", type);
	return c->spec;
}

/* The first character of the argument, as often as the precision says. */
static void put_character(sqlite3_str *out, const struct conversion *c, const char *s)
{
	int times = c->precision > 1 ? c->precision : 1;
	int size = s && *s ? 1 : 0;
	while (size && size < 4 && ((unsigned char)s[size] & 0xc0) == 0x80 && (unsigned char)s[0] >= 0xc0)
		size++;
	if (!c->left && c->width > times)
		sqlite3_str_appendchar(out, c->width - times, ' ');
	for (int i = 0; i < times; i++)
		sqlite3_str_append(out, s ? s : "", size);
	if (c->left && c->width > times)
		sqlite3_str_appendchar(out, c->width - times, ' ');
}

/* False for a conversion that there is not: there the text ends, as with SQLite's own. */
static bool put(sqlite3_str *out, struct conversion *c, struct arguments *a)
{
	char type[4] = { c->type, '\0' }, wide[5] = { 'l', 'l', c->type, '\0' };
	switch (c->type) {
	case '%':
		sqlite3_str_appendchar(out, 1, '%');
		return true;
	case 'n':
		return true;
	case 'd':
	case 'i':
	case 'u':
	case 'x':
	case 'X':
	case 'o':
		sqlite3_str_appendf(out, finish_spec(c, wide), (long long)next_integer(a));
		return true;
	case 'p':
		sqlite3_str_appendf(out, finish_spec(c, "llx"), (long long)next_integer(a));
		return true;
	case 'f':
	case 'e':
	case 'E':
	case 'g':
	case 'G': {
		sqlite3_value *v = next_value(a);
		sqlite3_str_appendf(out, finish_spec(c, type), v ? sqlite3_value_double(v) : 0.0);
		return true;
	}
	case 'c':
		put_character(out, c, next_text(a));
		return true;
	case 's':
	case 'z':
	case 'q':
	case 'Q':
	case 'w':
		sqlite3_str_appendf(out, finish_spec(c, c->type == 'z' ? "s" : type), next_text(a));
		return true;
	default:
		return false;
	}
}

void query_printf(sqlite3_context *context, int n, sqlite3_value **values)
{
	const char *p = n > 0 ? (const char *)sqlite3_value_text(values[0]) : NULL;
	struct arguments a = { values, n, 1 };
	struct conversion c;
	if (!p)
		return;
	sqlite3_str *out = sqlite3_str_new(sqlite3_context_db_handle(context));
	bool fits = true, goes_on = true;
	while (*p && goes_on && fits && sqlite3_str_errcode(out) == SQLITE_OK) {
		size_t plain = strcspn(p, "%");
		sqlite3_str_append(out, p, (int)plain);
		p += plain;
		if (!*p)
			break;
		if (!*++p) {
			sqlite3_str_appendchar(out, 1, '%');
			break;
		}
		fits = read_conversion(&p, &a, &c);
		goes_on = fits && put(out, &c, &a);
	}
	int length = sqlite3_str_length(out), code = fits ? sqlite3_str_errcode(out) : SQLITE_TOOBIG;
	char *text = sqlite3_str_finish(out);
	if (code == SQLITE_TOOBIG)
		sqlite3_result_error_toobig(context);
	else if (code != SQLITE_OK)
		sqlite3_result_error_nomem(context);
	else
		sqlite3_result_text(context, text ? text : "", text ? length : 0, SQLITE_TRANSIENT);
	sqlite3_free(text);
}

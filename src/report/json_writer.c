/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/json_writer.h"

#include <math.h>
#include <inttypes.h>
#include <sqlite3.h>

#include "base/escape.h"
#include "fact/fact.h"

static void new_line(struct json *j)
{
	putc_unlocked('\n', j->out);
	for (unsigned i = 0; i < j->depth; i++)
		putc_unlocked('\t', j->out);
}

/* What stands before a value or a key: nothing behind a key, else a comma and a new line or a space. */
static void separate(struct json *j)
{
	if (j->after_key) {
		j->after_key = false;
		return;
	}
	if (j->has_items[j->depth])
		putc_unlocked(',', j->out);
	if (j->depth > 0 && j->depth <= j->broken_lines)
		new_line(j);
	else if (j->has_items[j->depth])
		putc_unlocked(' ', j->out);
	j->has_items[j->depth] = true;
}

void json_open(struct json *j, char bracket)
{
	separate(j);
	putc_unlocked(bracket, j->out);
	if (j->depth < JSON_DEPTH_MAX)
		j->depth++;
	j->has_items[j->depth] = false;
}

void json_close(struct json *j, char bracket)
{
	bool had_items = j->has_items[j->depth], was_broken = j->depth <= j->broken_lines;
	if (j->depth > 0)
		j->depth--;
	if (had_items && was_broken)
		new_line(j);
	putc_unlocked(bracket, j->out);
	if (j->depth == 0)
		putc_unlocked('\n', j->out);
}

static void write_escape(FILE *out, unsigned char c)
{
	static const char shorts[] = {
		['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r', ['"'] = '"', ['\\'] = '\\'
	};
	if (c < sizeof shorts && shorts[c]) {
		putc_unlocked('\\', out);
		putc_unlocked(shorts[c], out);
	} else {
		fprintf(out, "\\u%04x", c);
	}
}

/* Runs of plain characters are written at once. */
static void write_string(FILE *out, struct text t)
{
	const unsigned char *p = (const unsigned char *)t.p;
	size_t from = 0, at = 0;
	putc_unlocked('"', out);
	while (at < t.n) {
		bool is_plain = p[at] >= 0x20 && p[at] < 0x7f && p[at] != '"' && p[at] != '\\';
		unsigned len = is_plain ? 1 : p[at] >= 0x80 ? escape_utf8_len(p + at, t.n - at) : 0;
		if (len) {
			at += len;
			continue;
		}
		fwrite_unlocked(p + from, 1, at - from, out);
		if (p[at] >= 0x80 || p[at] == '\0')
			fprintf(out, "\\\\x%02x", p[at]);
		else
			write_escape(out, p[at]);
		from = ++at;
	}
	if (at > from)
		fwrite_unlocked(p + from, 1, at - from, out);
	putc_unlocked('"', out);
}

void json_key(struct json *j, const char *key)
{
	separate(j);
	write_string(j->out, text_c(key));
	fputs_unlocked(": ", j->out);
	j->after_key = true;
}

void json_text(struct json *j, struct text value)
{
	separate(j);
	if (value.p)
		write_string(j->out, value);
	else
		fputs_unlocked("null", j->out);
}

void json_int(struct json *j, int64_t value)
{
	separate(j);
	if (value == FACT_NULL)
		fputs_unlocked("null", j->out);
	else
		fprintf(j->out, "%" PRId64, value);
}

void json_bool(struct json *j, int64_t value)
{
	separate(j);
	fputs_unlocked(value == FACT_NULL ? "null" : value ? "true" : "false", j->out);
}

void json_seconds(struct json *j, double value)
{
	separate(j);
	fprintf(j->out, "%.3f", value >= 0 && value < 1e12 ? value : 0.0); /* no NaN or infinity in JSON */
}

void json_number(struct json *j, double value)
{
	separate(j);
	if (isfinite(value))
		fprintf(j->out, "%.10g", value);
	else
		fputs("null", j->out);
}

void json_decimal(struct json *j, double value, unsigned decimals)
{
	char out[64];
	separate(j);
	if (!(value > -1e15 && value < 1e15)) {
		fputs_unlocked("null", j->out);
		return;
	}
	int n = snprintf(out, sizeof out, "%.*f", (int)(decimals < 9 ? decimals : 9), value);
	while (decimals && n > 1 && out[n - 1] == '0')
		n--;
	if (decimals && out[n - 1] == '.')
		n--;
	fwrite_unlocked(out, 1, (size_t)n, j->out);
}

void json_value(struct json *j, struct sqlite3_stmt *stmt, int column)
{
	int type = sqlite3_column_type(stmt, column);
	double value = sqlite3_column_double(stmt, column);
	bool whole = value >= -1e15 && value <= 1e15 && value == (double)(int64_t)value;
	if (type != SQLITE_INTEGER && type != SQLITE_FLOAT)
		json_int(j, FACT_NULL);
	else if (type == SQLITE_INTEGER || whole)
		json_int(j, sqlite3_column_int64(stmt, column));
	else
		json_number(j, value);
}

void json_key_text(struct json *j, const char *key, struct text value)
{
	json_key(j, key);
	json_text(j, value);
}

void json_key_int(struct json *j, const char *key, int64_t value)
{
	json_key(j, key);
	json_int(j, value);
}

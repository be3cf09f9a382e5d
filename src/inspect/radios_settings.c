/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Settings of radio stacks, each by its file's own grammar: GLib's key files (BlueZ), YAML as far as mappings of scalars and
 * lists of numbers go (zigbee2mqtt), JSON with comments (packet forwarder), assignments of a shell. */
#include "base/ascii.h"
#include "inspect/radios.h"
#include "inspect/shell.h"

#include <stdio.h>

#define ROWS_MAX 200u
#define VALUE_MAX 256u

struct reading {
	const struct radio_settings *of;
	struct sink *sink;
	unsigned rows;
};

const struct radio_settings *radio_settings_of(const struct subject *s)
{
	if (s->kind != ENTRY_FILE || s->bytes.n == 0)
		return NULL;
	for (const struct radio_settings *f = radio_files; f->path; f++)
		if (text_ends(s->path, f->path))
			return f;
	return NULL;
}

static struct text before(struct text t, char c)
{
	const char *at = t.n ? memchr(t.p, c, t.n) : NULL;
	return at ? text_of(t.p, (size_t)(at - t.p)) : TEXT_NONE;
}

static bool is_wanted(const struct reading *r, struct text key)
{
	for (const char *const *k = r->of->keys; *k; k++)
		if (text_is(key, *k))
			return true;
	return false;
}

static void take(struct reading *r, int64_t line, struct text key, struct text value)
{
	if (value.n > VALUE_MAX || r->rows == ROWS_MAX)
		return;
	r->rows++;
	struct fact_radio row = {
		.line = line,
		.technology = text_c(r->of->technology),
		.stack = text_c(r->of->stack),
		.key = key,
		.value = value,
	};
	emit_radio(r->sink, &row);
}

/* A '#' begins a comment at the beginning of a line, in YAML also behind a space. */
static void read_ini(struct reading *r, struct span all, bool shell)
{
	struct text rest = text_from_span(all), line;
	for (int64_t n = 1; shell_line(&rest, &line); n++) {
		line = shell_trim(line);
		struct text key = before(line, '=');
		if (!line.n || line.p[0] == '#' || line.p[0] == '[' || !key.p || !is_wanted(r, shell_trim(key)))
			continue;
		struct text value = shell_trim(text_of(key.p + key.n + 1, line.n - key.n - 1));
		take(r, n, shell_trim(key), shell ? shell_unquoted(value) : value);
	}
}

static struct text without_comment(struct text t)
{
	for (size_t i = 0; i < t.n; i++)
		if (t.p[i] == '#' && (i == 0 || t.p[i - 1] == ' ' || t.p[i - 1] == '\t'))
			return shell_trim(text_of(t.p, i));
	return shell_trim(t);
}

/* Adds the byte to a key in hexadecimal. False when it is none. */
static bool add_byte(struct text word, char *out, size_t size)
{
	unsigned v = 0, base = 10;
	size_t n = strlen(out), i = 0;
	word = shell_unquoted(shell_trim(word));
	if (word.n > 2 && word.p[0] == '0' && (word.p[1] | 0x20) == 'x') {
		base = 16;
		i = 2;
	}
	if (i == word.n || word.n > 8 || n + 3 > size)
		return false;
	for (; i < word.n; i++) {
		int d = ascii_hex_value(word.p[i]);
		if (d < 0 || (unsigned)d >= base)
			return false;
		v = v * base + (unsigned)d;
	}
	if (v > 255)
		return false;
	snprintf(out + n, size - n, "%02x", v);
	return true;
}

/* [1, 0x03, ..] in hexadecimal; TEXT_NONE for what is no list of bytes. */
static struct text flow_list(struct text value, char *out, size_t size)
{
	out[0] = '\0';
	if (value.n < 2 || value.p[0] != '[' || value.p[value.n - 1] != ']')
		return TEXT_NONE;
	struct text rest = text_of(value.p + 1, value.n - 2);
	while (rest.n) {
		struct text word = before(rest, ',');
		struct text one = word.p ? word : rest;
		if (!add_byte(one, out, size))
			return TEXT_NONE;
		rest = word.p ? text_of(rest.p + word.n + 1, rest.n - word.n - 1) : TEXT_NONE;
	}
	return text_c(out);
}

/* The items of a block list that `*rest` begins with. */
static struct text block_list(struct text *rest, int64_t *line_number, char *out, size_t size)
{
	struct text line, next = *rest;
	out[0] = '\0';
	while (shell_line(&next, &line)) {
		line = without_comment(line);
		if (line.n < 2 || line.p[0] != '-' || line.p[1] != ' ' || !add_byte(text_of(line.p + 2, line.n - 2), out, size))
			break;
		*rest = next;
		++*line_number;
	}
	return text_c(out);
}

/* zigbee2mqtt's file alone has both of these; Home Assistant's has its name, too. */
static bool is_zigbee2mqtt(struct span all)
{
	return memmem(all.p, all.n, "mqtt:", 5) &&
		   (memmem(all.p, all.n, "permit_join", 11) || memmem(all.p, all.n, "network_key", 11) ||
			memmem(all.p, all.n, "base_topic: zigbee2mqtt", 23));
}

static bool is_indented(struct text line)
{
	return line.n && (line.p[0] == ' ' || line.p[0] == '\t');
}

static bool is_null(struct text value) /* YAML 1.2, section 10.3.2 */
{
	return !value.n || text_is(value, "null") || text_is(value, "Null") || text_is(value, "NULL") || text_is(value, "~");
}

/* The pages of zigbee2mqtt, where whoever comes may open the network unless a token is set. */
static void read_pages(struct reading *r, struct span all)
{
	struct text rest = text_from_span(all), line;
	int64_t open_at = 0;
	bool within = false, guarded = false;
	for (int64_t n = 1; shell_line(&rest, &line); n++) {
		struct text said = without_comment(line), key = before(said, ':');
		if (!key.p)
			continue;
		struct text value = shell_unquoted(shell_trim(text_of(key.p + key.n + 1, said.n - key.n - 1)));
		key = shell_unquoted(shell_trim(key));
		if (!is_indented(line)) {
			within = text_is(key, "frontend");
			open_at = within && !text_is(value, "false") ? n : open_at;
		} else if (within) {
			guarded |= (text_is(key, "auth_token") && !is_null(value)) || (text_is(key, "enabled") && text_is(value, "false"));
		}
	}
	if (open_at && !guarded)
		take(r, open_at, TEXT_LIT("frontend"), TEXT_LIT("without a token"));
}

static void read_yaml(struct reading *r, struct span all)
{
	struct text rest = text_from_span(all), line;
	char list[2 * 32 + 1];
	if (!is_zigbee2mqtt(all))
		return;
	read_pages(r, all);
	for (int64_t n = 1; shell_line(&rest, &line); n++) {
		bool indented = is_indented(line);
		line = without_comment(line);
		struct text key = before(line, ':');
		if (!key.p || !is_wanted(r, key) || (indented && text_is(key, "permit_join")))
			continue;
		int64_t here = n;
		struct text value = shell_trim(text_of(key.p + key.n + 1, line.n - key.n - 1));
		struct text bytes = value.n ? flow_list(value, list, sizeof list) : block_list(&rest, &n, list, sizeof list);
		if (value.n || bytes.n)
			take(r, here, key, bytes.n ? bytes : shell_unquoted(value));
	}
}

struct json {
	struct span all;
	size_t at;
	int64_t line;
};

static void json_skip(struct json *j)
{
	while (j->at < j->all.n) {
		struct span rest = span_from(j->all, j->at);
		bool line = span_starts(rest, "//", 2), block = span_starts(rest, "/*", 2);
		if (!line && !block && rest.p[0] > ' ')
			return;
		size_t n = 1;
		if (line || block)
			for (n = 2;
				 n < rest.n && (line ? rest.p[n] != '\n' : rest.p[n - 1] != '/' || rest.p[n - 2] != '*' || n < 4); n++)
				;
		for (size_t i = 0; i < n && i < rest.n; i++)
			j->line += rest.p[i] == '\n';
		j->at += n;
	}
}

/* A string without its quotes, a word, or one mark; false at the end. */
static bool json_token(struct json *j, struct text *token, bool *string)
{
	json_skip(j);
	struct span rest = span_from(j->all, j->at);
	size_t n = 1;
	*string = rest.n && rest.p[0] == '"';
	if (!rest.n)
		return false;
	if (*string) {
		while (n < rest.n && rest.p[n] != '"' && rest.p[n] != '\n')
			n += rest.p[n] == '\\' && n + 1 < rest.n ? 2 : 1;
		if (n >= rest.n)
			return false;
		*token = text_of((const char *)rest.p + 1, n - 1);
		j->at += n + 1;
		return true;
	}
	if (!strchr("{}[]:,", rest.p[0]))
		while (n < rest.n && rest.p[n] > ' ' && !strchr("{}[]:,\"/", rest.p[n]))
			n++;
	*token = text_of((const char *)rest.p, n);
	j->at += n;
	return true;
}

static void read_json(struct reading *r, struct span all)
{
	struct json j = { all, 0, 1 };
	struct text token, value;
	bool string, of_string;
	while (json_token(&j, &token, &string)) {
		struct json ahead = j;
		if (!string || !is_wanted(r, token) || !json_token(&ahead, &value, &of_string) || of_string ||
			!text_is(value, ":"))
			continue;
		int64_t line = ahead.line;
		if (json_token(&ahead, &value, &of_string) && (of_string || !strchr("{}[]:,", value.p[0])))
			take(r, line, token, value);
	}
}

void radio_settings_read(const struct radio_settings *of, const struct subject *s, struct sink *sink)
{
	struct reading r = { of, sink, 0 };
	switch (of->grammar) {
	case RADIO_INI:
	case RADIO_SHELL:
		read_ini(&r, s->bytes, of->grammar == RADIO_SHELL);
		break;
	case RADIO_YAML:
		read_yaml(&r, s->bytes);
		break;
	case RADIO_JSON:
		read_json(&r, s->bytes);
		break;
	}
}

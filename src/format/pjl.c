/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Jobs in HP's Printer Job Language, as which updates go to printers: lines of commands that begin with @PJL, and data. What follows
 * ENTER LANGUAGE goes on until the universal exit (UEL), FSDOWNLOAD and FSAPPEND tell how many bytes of a file follow.
 * Of HP's own: UPGRADE SIZE counts from behind its line to the end of the job; the data of the language ACL has a head that tells
 * its size; FWUPDATE is a picture in PCL (pcl_raster), FWUPDATE2 a manifest
 * and images (hp_fwupdate2.c).
 *
 * Specification: HP Printer Job Language Technical Reference Manual, chapters 2 and 9; foo2zjs arm2hpdl.c for ACL.
 */
#include <stdio.h>
#include <strings.h>

#include "format/hp_fwupdate2.h"
#include "format/wrapper.h"

#define UEL "\x1b%-12345X"
#define UEL_SIZE 9u
#define LINE_MAX 4096u
#define LINES_MAX 4096u
#define LINES_BEFORE 64u /* the data of an update, in the middle of anything */
#define PARTS_MAX 1024u
#define FIELDS_MAX 64u
#define ACL_MAGIC 0x00acc0deu
#define ACL_HEAD 8u
#define UPGRADE_MIN 1024u
#define EXIT_NEAR 256u

enum item_kind { ITEM_LINE, ITEM_LANGUAGE, ITEM_FILE, ITEM_DATA, ITEM_END };

struct item {
	enum item_kind kind;
	struct text text; /* the line; the language; the file's name */
	uint64_t at, size;
	bool whole; /* what the size says is there */
	bool sized; /* a file's size is told */
};

struct job {
	struct span all;
	uint64_t at, upgrade_end;
	unsigned lines;
};

static bool has_uel(struct span all, uint64_t at)
{
	return span_has(all, at, UEL, UEL_SIZE);
}

/* Where the next universal exit stands; the end when there is none. */
static uint64_t next_uel(struct span all, uint64_t from)
{
	struct span rest = span_from(all, from);
	const uint8_t *p = rest.n ? memmem(rest.p, rest.n, UEL, UEL_SIZE) : NULL;
	return p ? (uint64_t)(p - all.p) : all.n;
}

static bool in_line(uint8_t c)
{
	return (c >= 0x20 && c != 0x7f) || c == '\t' || c == '\r';
}

/* A line up to its end; *next stands behind it. A universal exit may end it, too. False: it is none. */
static bool read_line(struct span all, uint64_t at, struct text *line, uint64_t *next)
{
	struct span s = span_clip(all, at, LINE_MAX);
	size_t n = 0;
	while (n < s.n && in_line(s.p[n]))
		n++;
	bool ends = n < s.n && s.p[n] == '\n';
	*next = at + n + ends;
	*line = text_of((const char *)s.p, n);
	while (line->n && ((uint8_t)line->p[line->n - 1] <= ' '))
		line->n--;
	return ends || has_uel(all, at + n) || (n == s.n && at + n == all.n);
}

/* The value of "KEY = value" or "KEY:value" in a line, without quotes. The key is a word by itself. */
static struct text value_of(struct text line, const char *key)
{
	size_t n = strlen(key);
	for (size_t i = 0; i + n < line.n; i++) {
		if ((i && line.p[i - 1] != ' ') || strncasecmp(line.p + i, key, n) != 0)
			continue;
		size_t k = i + n;
		while (k < line.n && (line.p[k] == ' ' || line.p[k] == '\t'))
			k++;
		if (k == line.n || (line.p[k] != '=' && line.p[k] != ':'))
			continue;
		for (k++; k < line.n && line.p[k] == ' ';)
			k++;
		bool quoted = k < line.n && line.p[k] == '"';
		size_t from = k += quoted;
		while (k < line.n && line.p[k] != (quoted ? '"' : ' '))
			k++;
		return text_of(line.p + from, k - from);
	}
	return TEXT_NONE;
}

static bool number_of(struct text t, uint64_t *v)
{
	*v = 0;
	for (size_t i = 0; i < t.n; i++) {
		if (t.p[i] < '0' || t.p[i] > '9' || *v > UINT32_MAX)
			return false;
		*v = *v * 10 + (unsigned)(t.p[i] - '0');
	}
	return t.n > 0;
}

static bool is_command(struct text line, const char *command)
{
	size_t n = strlen(command), skip = 4; /* "@PJL" */
	while (skip < line.n && line.p[skip] == ' ')
		skip++;
	return line.n - skip >= n && strncasecmp(line.p + skip, command, n) == 0;
}

/* The exit that ends the upgrade: the last thing that its size counts, or what follows it. */
static uint64_t upgrade_exit(const struct job *j, uint64_t from)
{
	uint64_t near = j->upgrade_end - from > EXIT_NEAR ? j->upgrade_end - EXIT_NEAR : from;
	uint64_t exit = next_uel(span_clip(j->all, 0, j->upgrade_end + EXIT_NEAR), near);
	return exit < j->upgrade_end + EXIT_NEAR && has_uel(j->all, exit) ? exit : j->upgrade_end;
}

static void read_language(struct job *j, struct item *item)
{
	uint64_t from = j->at, end = next_uel(j->all, from);
	item->kind = ITEM_LANGUAGE;
	item->text = value_of(item->text, "LANGUAGE");
	uint64_t head = ACL_HEAD + ACL_HEAD + (uint64_t)span_u32be(j->all, from + 4);
	if (span_u32be(j->all, from) == ACL_MAGIC && from + ACL_HEAD <= j->all.n) /* sizes go before marks, which data may hold */
		end = from + head;
	else if (j->upgrade_end > from && j->upgrade_end > end)
		end = upgrade_exit(j, from);
	item->at = from;
	item->size = end - from;
	item->whole = end <= j->all.n;
	j->at = item->whole ? end : j->all.n;
}

static void read_file(struct job *j, struct item *item)
{
	uint64_t size, rest = j->all.n - j->at;
	item->kind = ITEM_FILE;
	item->at = j->at;
	item->sized = number_of(value_of(item->text, "SIZE"), &size);
	item->size = item->sized ? size : next_uel(j->all, j->at) - j->at;
	item->whole = item->size <= rest;
	item->text = value_of(item->text, "NAME");
	j->at += item->whole ? item->size : rest;
}

static void read_command(struct job *j, struct item *item)
{
	uint64_t size;
	if (is_command(item->text, "ENTER LANGUAGE"))
		read_language(j, item);
	else if (is_command(item->text, "FSDOWNLOAD") || is_command(item->text, "FSAPPEND"))
		read_file(j, item);
	else if (is_command(item->text, "UPGRADE") && number_of(value_of(item->text, "SIZE"), &size))
		j->upgrade_end = j->at + size;
}

/* What comes next in the job. A job may go on after its exit; what is no command then is data of the printer's default language. */
static struct item job_next(struct job *j)
{
	struct item item = { .kind = ITEM_END, .whole = true };
	while (has_uel(j->all, j->at) || (j->at && j->at < j->all.n && (j->all.p[j->at] == '\n' || j->all.p[j->at] == '\r')))
		j->at += j->all.p[j->at] == 0x1b ? UEL_SIZE : 1;
	uint64_t next;
	item.at = j->at;
	if (j->at >= j->all.n || j->lines++ >= LINES_MAX)
		return item;
	if (span_has(j->all, j->at, "@PJL", 4) && read_line(j->all, j->at, &item.text, &next)) {
		item.kind = ITEM_LINE;
		item.size = next - j->at;
		j->at = next;
		read_command(j, &item);
		return item;
	}
	next = next_uel(j->all, j->at);
	if (next == j->all.n)
		return item; /* whatever follows is no part of it */
	item.kind = ITEM_DATA;
	item.size = next - j->at;
	j->at = next;
	return item;
}

/* What only an update has, in the middle of anything: programs that print hold commands, too. */
static bool is_update(const struct job *j, const struct item *item)
{
	struct span data = span_clip(j->all, item->at, item->size);
	if (item->kind == ITEM_FILE)
		return item->whole && item->sized && item->size && (has_uel(j->all, j->at) || span_has(j->all, j->at, "@PJL", 4));
	if (item->kind != ITEM_LANGUAGE)
		return false;
	if (text_is(item->text, "ACL"))
		return span_u32be(data, 0) == ACL_MAGIC && item->whole && data.n > 2 * ACL_HEAD;
	return text_starts(item->text, "FWUPDATE") && data.n >= UPGRADE_MIN && (data.p[0] == 0x1b || hp_fwupdate2_is(data)) &&
		   (has_uel(j->all, j->at) || (j->upgrade_end && j->upgrade_end <= j->all.n));
}

static bool job_probe(struct span at, bool update, struct format_match *match)
{
	struct job j = { .all = at };
	bool good = false;
	struct item item;
	if (!has_uel(at, 0) && update)
		return false;
	while ((item = job_next(&j)).kind != ITEM_END) {
		if (!good && item.kind == ITEM_DATA)
			return false;
		good |= update ? is_update(&j, &item) : item.kind == ITEM_LANGUAGE || item.kind == ITEM_FILE;
		if (update && !good && (item.kind == ITEM_LANGUAGE || j.lines >= LINES_BEFORE))
			return false;
	}
	/* what the size of an upgrade counts is a part of it as far as it is read, or is no longer there */
	match->size = item.at >= at.n && j.upgrade_end > at.n ? j.upgrade_end : item.at;
	match->confidence = 80;
	return good;
}

static bool pjl_probe(struct span at, struct format_match *match)
{
	return span_has(at, UEL_SIZE, "@PJL", 4) && job_probe(at, true, match);
}

static bool pjl_probe_whole(struct span all, struct format_match *match)
{
	return (span_has(all, UEL_SIZE, "@PJL", 4) || span_starts(all, "@PJL ", 5)) && job_probe(all, false, match);
}

static bool emit_acl(struct parts *p, const struct item *item)
{
	struct span image = span_from(span_clip(p->bytes, item->at, item->size), ACL_HEAD);
	bool dated = image.n > ACL_HEAD;
	for (unsigned i = 0; dated && i < ACL_HEAD; i++)
		dated = image.p[i] >= '0' && image.p[i] <= '9';
	if (dated)
		emit_header_field(p->w->sink, item->at + ACL_HEAD, "date", "%.8s", (const char *)image.p);
	uint64_t head = dated ? 2 * ACL_HEAD : ACL_HEAD;
	return parts_emit(p, TEXT_LIT("acl"), item->at + head, item->size - head, NULL);
}

static bool emit_language(struct parts *p, const struct item *item, unsigned ordinal)
{
	char name[64];
	snprintf(name, sizeof name, "%u-%.*s", ordinal, (int)(item->text.n < 40 ? item->text.n : 40), item->text.n ? item->text.p : "");
	if (text_is(item->text, "ACL") && span_u32be(p->bytes, item->at) == ACL_MAGIC)
		return emit_acl(p, item);
	if (text_is(item->text, "FWUPDATE2") && hp_fwupdate2_is(span_clip(p->bytes, item->at, item->size)))
		return hp_fwupdate2_emit(p, item->at, item->size);
	const char *format = text_is(item->text, "FWUPDATE") ? "pcl_raster" : text_is(item->text, "POSTSCRIPT") ? "postscript" : NULL;
	return parts_emit(p, text_c(name), item->at, item->size, format);
}

/* "0:\dir\file", by the volumes of the printer's disk. */
static bool emit_file(struct parts *p, const struct item *item)
{
	char *path = ARENA_ARRAY(p->w->arena, char, item->text.n + 2);
	if (!path || !parts_claim(p, item->at, item->whole ? item->size : p->bytes.n - item->at))
		return false;
	path[0] = '/';
	for (size_t i = 0; i < item->text.n; i++)
		path[i + 1] = item->text.p[i] == '\\' ? '/' : item->text.p[i];
	struct entry e = entry_new(ENTRY_FILE, text_of(path, item->text.n + 1));
	e.offset = item->at;
	e.size = item->size;
	e.content = (struct content){ .kind = CONTENT_SPAN, .bytes = span_clip(p->bytes, item->at, item->size) };
	if (!item->whole)
		emit_damage_at(p->w->sink, ERR_TRUNCATED, item->at, "a file has %llu bytes, %zu are there", (unsigned long long)item->size,
					   e.content.bytes.n);
	return p->w->child(p->w, &e);
}

static void emit_line(struct walk *w, const struct item *item, unsigned *fields)
{
	if ((*fields)++ < FIELDS_MAX)
		wrapper_field(w, item->at, "command", span_of(item->text.p, item->text.n));
}

static struct error pjl_walk(struct span bytes, struct walk *w)
{
	struct parts p = { .bytes = bytes, .w = w };
	struct job j = { .all = bytes };
	unsigned fields = 0, ordinal = 0;
	bool more = true;
	struct item item;
	while (more && (item = job_next(&j)).kind != ITEM_END) {
		if (item.kind != ITEM_LINE && ordinal++ >= PARTS_MAX) {
			emit_damage_at(w->sink, ERR_BUDGET, item.at, "more than %u parts of a job", PARTS_MAX);
			break;
		}
		if (item.kind == ITEM_LINE)
			emit_line(w, &item, &fields);
		else if (item.kind == ITEM_LANGUAGE)
			more = emit_language(&p, &item, ordinal);
		else if (item.kind == ITEM_FILE)
			more = emit_file(&p, &item);
		else
			more = parts_emit(&p, TEXT_LIT("data"), item.at, item.size, NULL);
	}
	if (j.upgrade_end > bytes.n)
		emit_damage_at(w->sink, ERR_TRUNCATED, bytes.n, "the upgrade ends at %llu", (unsigned long long)j.upgrade_end);
	return error_none();
}

static const struct format_magic pjl_magics[] = { MAGIC(UEL "@PJL", 0), MAGIC("@PJL ", 0), MAGIC_END };

const struct format pjl_format = {
	.name = "pjl",
	.kind = FORMAT_CONTAINER,
	.title = "job in Printer Job Language: updates of printers",
	.spec = "HP Printer Job Language Technical Reference Manual",
	.magics = pjl_magics,
	.probe = pjl_probe,
	.probe_whole = pjl_probe_whole,
	.walk = pjl_walk,
	.own_bytes = true,
};

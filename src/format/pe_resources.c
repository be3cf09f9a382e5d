/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The resources of PE programs: a tree of types, names and languages, with data at its leaves. What makers put there for themselves is
 * data of theirs (RCDATA), or of a type that they name; what Windows knows (pictures, dialogs, texts) holds no files.
 *
 * Specification: Microsoft "PE Format", "The .rsrc Section"; "Resource Types" for the types' numbers.
 */
#include "format/pe.h"

#include <stdio.h>

#include "format/notation.h"

#define DIRECTORY 16u
#define HIGH 0x80000000u /* a name, not a number; a directory, not data */
#define LEVELS 3u
#define ENTRIES_MAX 16384u
#define NAME_UNITS 64u /* of a name that are shown */
#define NAME_ROOM (3 * NAME_UNITS + 4)
#define RCDATA 10u
#define STANDARD_MAX 24u /* types of Windows' own have smaller numbers, but for RCDATA */
#define LARGE 4096u      /* smaller ones are looked at with the program, unless they are of a format that is known */
#define PATH_ROOM (LEVELS * NAME_ROOM + 16)

struct tree {
	const struct pe_headers *h;
	struct parts *parts;
	struct span bytes; /* of the section, as far as it is there */
	uint64_t at;       /* of it in the file */
	unsigned left;     /* entries that may still be looked at */
	uint64_t last_at;  /* of the one that was emitted last: languages may share their data */
	size_t last_n;
	char path[PATH_ROOM];
};

/* As bytes of a path: what would end or divide it becomes '_'. */
static void append_name(struct tree *t, size_t n, uint32_t id, unsigned level)
{
	char name[NAME_ROOM];
	uint64_t at = id & ~HIGH;
	uint64_t units = span_u16le(t->bytes, at);
	if (!(id & HIGH) && level == 0 && id == RCDATA)
		snprintf(name, sizeof name, "RCDATA");
	else if (!(id & HIGH))
		snprintf(name, sizeof name, "%u", (unsigned)id);
	else
		name[utf16_to_utf8(span_clip(t->bytes, at + 2, 2 * (units < NAME_UNITS ? units : NAME_UNITS)), false, false, name)] = '\0';
	snprintf(t->path + n, sizeof t->path - n, "/%s", *name ? name : "_");
	for (char *c = t->path + n + 1; *c; c++)
		if (*c == '/' || *c == '\\')
			*c = '_';
}

static bool is_known(struct span data)
{
	struct format_match match;
	const struct format *f = format_identify(data, NULL, &match);
	return f && (match.size == SIZE_UNKNOWN || match.size <= data.n);
}

/* IMAGE_RESOURCE_DATA_ENTRY: an address in memory, a size. */
static void emit_data(struct tree *t, uint32_t entry)
{
	uint32_t size = span_u32le(t->bytes, (uint64_t)entry + 4);
	uint64_t at = pe_place(t->h, span_u32le(t->bytes, entry));
	struct span data = at == OFFSET_NONE ? SPAN_NONE : span_clip(t->h->bytes, at, size);
	if (!size)
		return;
	if (data.n < size)
		emit_damage_at(t->parts->w->sink, ERR_TRUNCATED, t->at + entry, "a resource has %u bytes, %zu are there", (unsigned)size, data.n);
	if (!data.n || (at == t->last_at && data.n == t->last_n) || (data.n < LARGE && !is_known(data)) || !parts_claim(t->parts, at, data.n))
		return;
	t->last_at = at;
	t->last_n = data.n;
	if (pe_is_uefi(t->h) && !is_known(data)) /* forms and fonts of UEFI's drivers are no files */
		return;
	struct entry e = entry_new(ENTRY_FILE, text_c(t->path));
	e.offset = at;
	e.size = data.n;
	e.content = (struct content){ .kind = CONTENT_SPAN, .bytes = data };
	t->parts->stopped = !t->parts->w->child(t->parts->w, &e);
}

static bool is_wanted(uint32_t type)
{
	return type & HIGH || type == RCDATA || type > STANDARD_MAX;
}

/* As deep as there are levels: what leads back leads no farther. */
static void walk_directory(struct tree *t, uint32_t at, unsigned level, size_t n)
{
	struct reader r = reader_le(span_from(t->bytes, at));
	rd_skip(&r, DIRECTORY - 4);
	unsigned names = rd_u16(&r), entries = names + rd_u16(&r);
	for (unsigned i = 0; i < entries && !t->parts->stopped; i++) {
		uint32_t id = rd_u32(&r), child = rd_u32(&r);
		if (!rd_ok(&r)) {
			emit_damage_at(t->parts->w->sink, ERR_TRUNCATED, t->at + at, "%u of %u entries of a directory of resources are there", i,
						   entries);
			return;
		}
		if (!t->left--) {
			emit_damage_at(t->parts->w->sink, ERR_BUDGET, t->at + at, "more than %u resources: the others are not looked at by themselves",
						   ENTRIES_MAX);
			t->parts->stopped = true;
			return;
		}
		if (level == 0 && !is_wanted(id))
			continue;
		append_name(t, n, id, level);
		if (!(child & HIGH))
			emit_data(t, child);
		else if (level + 1 < LEVELS)
			walk_directory(t, child & ~HIGH, level + 1, strlen(t->path));
	}
}

void pe_resources_emit(const struct pe_headers *h, struct parts *parts)
{
	struct pe_extent where = pe_directory(h, PE_RESOURCES);
	struct tree t = { .h = h, .parts = parts, .at = where.size ? pe_place(h, where.at) : OFFSET_NONE, .left = ENTRIES_MAX };
	if (t.at == OFFSET_NONE || t.at >= h->bytes.n)
		return;
	t.bytes = span_from(h->bytes, t.at); /* some makers say less than there is */
	walk_directory(&t, 0, 0, (size_t)snprintf(t.path, sizeof t.path, "/.rsrc"));
}

/* ---- one by its number ---- */

/* The entry of that number in a directory, or the first one; 0: there is none. */
static uint32_t find_entry(struct span tree, uint32_t at, const uint32_t *number)
{
	struct reader r = reader_le(span_from(tree, at));
	rd_skip(&r, DIRECTORY - 4);
	unsigned names = rd_u16(&r), entries = names + rd_u16(&r);
	for (unsigned i = 0; i < entries && rd_ok(&r); i++) {
		uint32_t id = rd_u32(&r), child = rd_u32(&r);
		if (rd_ok(&r) && (!number || id == *number))
			return child;
	}
	return 0;
}

struct span pe_resource(const struct pe_headers *h, uint32_t type, uint32_t number)
{
	struct pe_extent where = pe_directory(h, PE_RESOURCES);
	uint64_t at = where.size ? pe_place(h, where.at) : OFFSET_NONE;
	struct span tree = at == OFFSET_NONE ? SPAN_NONE : span_from(h->bytes, at);
	const uint32_t *const wanted[LEVELS] = { &type, &number, NULL };
	uint32_t child = HIGH;
	for (unsigned level = 0; level < LEVELS && child & HIGH; level++)
		child = find_entry(tree, child & ~HIGH, wanted[level]);
	if (!child || child & HIGH)
		return SPAN_NONE;
	at = pe_place(h, span_u32le(tree, child));
	return at == OFFSET_NONE ? SPAN_NONE : span_sub(h->bytes, at, span_u32le(tree, (uint64_t)child + 4));
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The name of its last part, and the number of that part in the record at its end, tell which files are the parts of a split zip
 * archive. Where all are there they are read as one archive, and not each by itself. Specification: PKWARE APPNOTE.TXT 6.3.10, 8. */
#include "format/directory_parts.h"

#include <stdio.h>

#include "base/sort.h"
#include "format/zip.h"

#define SUFFIX_MAX 16u
#define SPLIT_MARK "PK\7\10" /* that the first part begins with */
#define SPLIT_MARK_SIZE 4u
#define LOCAL_SIZE 30u
#define DESCRIPTOR_MAX 24u /* behind the bytes of an entry */
#define HEAD_SIZE 64u       /* that tells a text */

static bool is_last(struct text path)
{
	return text_ends(path, ".zip") || text_ends(path, ".ZIP");
}

/* ".z" and at least two digits. */
static bool is_earlier(struct text path)
{
	size_t digits = 0;
	while (digits < path.n && path.p[path.n - 1 - digits] >= '0' && path.p[path.n - 1 - digits] <= '9')
		digits++;
	return digits >= 2 && path.n >= digits + 2 && (path.p[path.n - 1 - digits] | 0x20) == 'z' && path.p[path.n - 2 - digits] == '.';
}

void directory_parts_note(struct directory_parts *parts, struct text path, struct span content)
{
	if (parts->full || !content.n || (!is_last(path) && !is_earlier(path)))
		return;
	if (parts->n == parts->cap) {
		size_t cap = parts->cap ? 2 * parts->cap : 64;
		struct directory_part *v = ARENA_ARRAY(parts->arena, struct directory_part, cap);
		parts->full = !v;
		if (!v)
			return;
		if (parts->n)
			memcpy(v, parts->v, parts->n * sizeof *v);
		parts->v = v;
		parts->cap = cap;
	}
	parts->v[parts->n++] = (struct directory_part){ path, content, 0 };
}

static int compare(struct text a, struct text b)
{
	int order = memcmp(a.p, b.p, a.n < b.n ? a.n : b.n);
	return order ? order : (a.n > b.n) - (a.n < b.n);
}

static int by_path(const void *a, const void *b)
{
	return compare(((const struct directory_part *)a)->path, ((const struct directory_part *)b)->path);
}

static struct directory_part *find(const struct directory_parts *parts, struct text path)
{
	size_t low = 0, high = parts->n;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (compare(parts->v[middle].path, path) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low < parts->n && compare(parts->v[low].path, path) == 0 ? &parts->v[low] : NULL;
}

/* A part by its number, from 1 on. */
static struct directory_part *numbered(const struct directory_parts *parts, const struct directory_part *last, unsigned number)
{
	char path[FACT_TEXT_MAX + SUFFIX_MAX];
	struct text p = last->path;
	if (p.n > FACT_TEXT_MAX)
		return NULL;
	memcpy(path, p.p, p.n - 2);
	return find(parts, text_of(path, p.n - 2 + (size_t)snprintf(path + p.n - 2, SUFFIX_MAX, "%02u", number)));
}

/* A place in the parts, counted from the first one's start, as the place in one of them. */
struct place {
	const struct directory_part *part;
	unsigned disk; /* its number, from 0 on */
	uint64_t start;
};

static void go_to(const struct directory_parts *parts, const struct directory_part *last, unsigned before, unsigned disk,
				  struct place *p)
{
	while (p->disk < disk && p->disk < before) {
		p->start += p->part->content.n;
		p->disk++;
		p->part = p->disk < before ? numbered(parts, last, p->disk + 1) : last;
	}
}

/* What is a program, a text or a file of another format by itself is looked at as that, whatever an archive says of it: its entry
 * may end before it. */
static bool is_itself(struct span content)
{
	struct format_match match;
	const struct format *format = format_identify(content, NULL, &match);
	struct span head = span_clip(content, 0, HEAD_SIZE);
	size_t text = 0;
	while (text < head.n && ((head.p[text] >= ' ' && head.p[text] < 0x7f) || (head.p[text] >= '\t' && head.p[text] <= '\r')))
		text++;
	return (format && format != format_find("zip")) || span_starts(content, "\x7f" "ELF", 4) || text == head.n;
}

/* Whether nothing is in the parts but the entries that the central directory tells of, one behind the other: what else there
 * were, a whole file in place of a part even, would nowhere be looked at. */
static bool is_filled(const struct directory_parts *parts, const struct directory_part *last, unsigned before, uint64_t central)
{
	struct place p = { numbered(parts, last, 1), 0, 0 };
	uint64_t end = SPLIT_MARK_SIZE, next = central;
	struct zip_entry z;
	for (; zip_central_read(last->content, next, &z); next = z.next) {
		go_to(parts, last, before, z.disk, &p);
		struct span local = span_sub(p.part->content, z.local_at, LOCAL_SIZE);
		uint64_t at = p.start + z.local_at, data = z.local_at + LOCAL_SIZE + span_u16le(local, 26) + span_u16le(local, 28);
		if (data > p.part->content.n || z.disk != p.disk || !span_starts(local, "PK\3\4", 4) || at < end || at - end > DESCRIPTOR_MAX)
			return false;
		end = p.start + data + z.packed;
		if (end > UINT64_MAX / 2)
			return false;
	}
	go_to(parts, last, before, before, &p);
	central += p.start;
	return end <= central && central - end <= DESCRIPTOR_MAX;
}

static void settle(struct directory_parts *parts, struct directory_part *last)
{
	uint64_t central = 0;
	unsigned before = zip_last_part(last->content, &central);
	if (!before || before > parts->n)
		return;
	for (unsigned i = 1; i <= before; i++) {
		const struct directory_part *part = numbered(parts, last, i);
		if (!part || (i == 1 ? !span_starts(part->content, SPLIT_MARK, SPLIT_MARK_SIZE) : is_itself(part->content)))
			return;
	}
	if (is_itself(last->content) || !is_filled(parts, last, before, central))
		return;
	for (unsigned i = 1; i <= before; i++)
		numbered(parts, last, i)->set = 1;
	last->set = before + 1;
}

void directory_parts_settle(struct directory_parts *parts)
{
	struct directory_part *spare = parts->n ? ARENA_ARRAY(parts->arena, struct directory_part, parts->n) : NULL;
	if (!spare) {
		parts->n = 0;
		return;
	}
	sort_stable(parts->v, spare, parts->n, sizeof *spare, by_path);
	for (size_t i = 0; i < parts->n; i++)
		if (is_last(parts->v[i].path) && (i == 0 || compare(parts->v[i].path, parts->v[i - 1].path) != 0))
			settle(parts, &parts->v[i]);
}

const struct directory_part *directory_part_of(const struct directory_parts *parts, struct text path)
{
	const struct directory_part *part = path.n ? find(parts, path) : NULL;
	return part && part->set ? part : NULL;
}

void directory_parts_show(const struct directory_parts *parts, const struct directory_part *last, struct volume *v)
{
	char name[FACT_TEXT_MAX + SUFFIX_MAX];
	uint64_t size = 0;
	volume_runs_begin(v);
	for (unsigned i = 1; i <= last->set; i++) {
		const struct directory_part *part = i < last->set ? numbered(parts, last, i) : last;
		if (!part || !volume_runs_add(v, size, (uint64_t)(part->content.p - v->image.p)))
			return;
		size += part->content.n;
	}
	int n = snprintf(name, sizeof name, "%.*s:joined", (int)last->path.n, last->path.p);
	struct entry e = entry_new(ENTRY_REGION, text_of(name, (size_t)n));
	volume_set_content(v, &e, size, 0);
	e.offset = OFFSET_NONE;
	e.format = "zip";
	volume_child(v, &e);
}

static bool joined_probe(struct span at, struct format_match *match)
{
	match->size = at.n;
	match->confidence = 1;
	return at.n > 0;
}

static struct error joined_walk(struct span bytes, struct walk *w)
{
	(void)bytes;
	emit_header_field(w->sink, OFFSET_NONE, "part", "of a split zip archive, which is opened where its parts are joined");
	return error_none();
}

const struct format zip_joined_part_format = {
	.name = "zip_joined_part",
	.kind = FORMAT_ARCHIVE,
	.title = "part of a split zip archive whose parts are all in one folder",
	.spec = "PKWARE APPNOTE.TXT 6.3.10, 8",
	.probe = joined_probe,
	.walk = joined_walk,
};

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cpio archives, as in an initramfs: newc, crc, odc and the old binary form of both byte orders.
 *
 * Specifications: Documentation/driver-api/early-userspace/buffer-format.rst (newc, crc, concatenation);
 * cpio(5) of libarchive (odc, old binary); GNU cpio copyin.c, read_in_header() (HP-UX's device nodes); RPM reference manual, "V6 Package
 * format", Payload (members that have but a number).
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "format/cpio.h"

#include "base/hash.h"
#include "base/work.h"
#include "format/format.h"
#include "format/path.h"
#include "format/unix_mode.h"

#define MEMBER_WORK 64u /* what it is to read a header */
#define TARGET_MAX 4096u /* of a symbolic link, as Linux has it */
#define TRAILER "TRAILER!!!"
#define SWAPPED_MAX (64u << 10) /* that are swapped to see more headers in them */
#define BLOCK 512u /* archives are written in blocks of this size */

enum dialect { DIALECT_NEWC, DIALECT_CRC, DIALECT_ODC, DIALECT_BINARY };

struct member {
	enum dialect dialect;
	uint64_t ino, dev; /* dev: the file system's device number, only to tell inodes apart */
	uint32_t mode, uid, gid, nlink, check;
	uint64_t mtime;
	uint64_t rdev; /* major << 32 | minor */
	struct text name;
	uint64_t at, data, size, next; /* offsets of header, data and what follows */
};

/* One archive after another: an initramfs is often several. */
struct cursor {
	struct span bytes;
	uint64_t start;   /* of the current archive: what its alignment counts from */
	uint64_t at;      /* where the next header is expected; the end once `whole` */
	uint32_t archive; /* number of the current archive */
	bool whole;       /* the last archive's trailer was met */
};

/* A name of an inode with several names. */
struct link {
	uint64_t ino, dev, at;
	uint32_t archive;
	struct text name;
	struct span data;
	const struct link *owner; /* the name that carries the data */
};

struct unpacking {
	struct walk *w;
	struct path_buffer path, owner;
	struct link *links; /* in the order of the archive */
	size_t nlinks, taken;
};

static uint64_t take_digits(struct reader *r, unsigned width, unsigned base)
{
	struct span s = rd_bytes(r, width);
	uint64_t v = 0;
	for (size_t i = 0; i < s.n; i++) {
		uint8_t c = s.p[i];
		uint8_t lower = c | 0x20;
		unsigned digit = base;
		if (c >= '0' && c <= '9')
			digit = (unsigned)c - '0';
		else if (lower >= 'a' && lower <= 'f')
			digit = (unsigned)lower - 'a' + 10;
		if (digit >= base)
			r->failed = true;
		v = v * base + digit;
	}
	return v;
}

static uint64_t major_minor(uint64_t major, uint64_t minor)
{
	return major << 32 | minor;
}

static uint64_t take_newc(struct reader *r, struct member *m)
{
	m->ino = take_digits(r, 8, 16);
	m->mode = (uint32_t)take_digits(r, 8, 16);
	m->uid = (uint32_t)take_digits(r, 8, 16);
	m->gid = (uint32_t)take_digits(r, 8, 16);
	m->nlink = (uint32_t)take_digits(r, 8, 16);
	m->mtime = take_digits(r, 8, 16);
	m->size = take_digits(r, 8, 16);
	uint64_t major = take_digits(r, 8, 16);
	m->dev = major_minor(major, take_digits(r, 8, 16));
	major = take_digits(r, 8, 16);
	m->rdev = major_minor(major, take_digits(r, 8, 16));
	uint64_t name_size = take_digits(r, 8, 16);
	m->check = (uint32_t)take_digits(r, 8, 16);
	return name_size;
}

static uint64_t take_odc(struct reader *r, struct member *m)
{
	m->dev = take_digits(r, 6, 8);
	m->ino = take_digits(r, 6, 8);
	m->mode = (uint32_t)take_digits(r, 6, 8);
	m->uid = (uint32_t)take_digits(r, 6, 8);
	m->gid = (uint32_t)take_digits(r, 6, 8);
	m->nlink = (uint32_t)take_digits(r, 6, 8);
	uint64_t rdev = take_digits(r, 6, 8);
	m->rdev = major_minor(rdev >> 8, rdev & 0xff);
	m->mtime = take_digits(r, 11, 8);
	uint64_t name_size = take_digits(r, 6, 8);
	m->size = take_digits(r, 11, 8);
	return name_size;
}

/* 32-bit values are two 16-bit words, the high one first, in either byte order (the PDP-11's). */
static uint32_t take_pdp32(struct reader *r)
{
	uint32_t high = rd_u16(r);
	return high << 16 | rd_u16(r);
}

static uint64_t take_binary(struct reader *r, struct member *m)
{
	m->dev = rd_u16(r);
	m->ino = rd_u16(r);
	m->mode = rd_u16(r);
	m->uid = rd_u16(r);
	m->gid = rd_u16(r);
	m->nlink = rd_u16(r);
	uint16_t rdev = rd_u16(r);
	m->rdev = major_minor(rdev >> 8, rdev & 0xff);
	m->mtime = take_pdp32(r);
	uint64_t name_size = rd_u16(r);
	m->size = take_pdp32(r);
	return name_size;
}

static uint64_t take_header(struct reader *r, struct member *m)
{
	struct span rest = span_from(r->bytes, r->at);
	if (span_starts(rest, "\xc7\x71", 2) || span_starts(rest, "\x71\xc7", 2)) {
		r->big = rest.p[0] == 0x71;
		rd_skip(r, 2);
		m->dialect = DIALECT_BINARY;
		return take_binary(r, m);
	}
	rd_skip(r, 6);
	if (span_starts(rest, "070707", 6)) {
		m->dialect = DIALECT_ODC;
		return take_odc(r, m);
	}
	r->failed |= !span_starts(rest, "070701", 6) && !span_starts(rest, "070702", 6);
	if (!rd_ok(r))
		return 0;
	m->dialect = rest.p[5] == '2' ? DIALECT_CRC : DIALECT_NEWC;
	return take_newc(r, m);
}

static bool mode_is_known(uint32_t mode)
{
	enum entry_kind kind;
	return mode <= 0xffff && entry_kind_read(mode, &kind);
}

/* The name up to its first NUL, which may be empty. Tools that align the data (gen_init_cpio -a, dracut-cpio) add
 * further NULs; any other byte behind the first one means that this is no header. */
static struct text name_of(struct span field)
{
	const uint8_t *nul = field.n && field.n <= FACT_TEXT_MAX ? memchr(field.p, 0, field.n) : NULL;
	if (!nul)
		return TEXT_NONE;
	size_t n = (size_t)(nul - field.p);
	for (size_t i = n; i < field.n; i++)
		if (field.p[i])
			return TEXT_NONE;
	return text_of((const char *)field.p, n);
}

static uint64_t align_from(uint64_t start, uint64_t at, uint64_t to)
{
	return start + (at - start + to - 1) / to * to;
}

/* HP-UX's cpio has the number of a device node where others have a size, and 0,1 as the number. No data follow, but a header. */
static bool size_is_a_device(struct span bytes, const struct member *m)
{
	const char *magic = m->dialect == DIALECT_ODC ? "070707" : (const char *)bytes.p + m->at;
	return (m->dialect == DIALECT_ODC || m->dialect == DIALECT_BINARY) && (S_ISCHR(m->mode) || S_ISBLK(m->mode)) &&
		   m->rdev == major_minor(0, 1) && m->size && span_has(bytes, m->data, magic, m->dialect == DIALECT_ODC ? 6 : 2);
}

/* The member whose header stands at `at` in an archive that begins at `start`; false when there is none. */
static bool member_read(struct span bytes, uint64_t start, uint64_t at, struct member *m)
{
	*m = (struct member){ .at = at };
	struct reader r = reader_le(bytes);
	rd_seek(&r, at);
	uint64_t name_size = take_header(&r, m);
	m->name = name_of(rd_bytes(&r, name_size));
	if (!rd_ok(&r) || !m->name.p || (!m->name.n && m->dialect == DIALECT_BINARY))
		return false;

	uint64_t alignment = m->dialect == DIALECT_ODC ? 1 : m->dialect == DIALECT_BINARY ? 2 : 4;
	m->data = align_from(start, r.at, alignment);
	if (size_is_a_device(bytes, m)) {
		m->rdev = major_minor(gnu_dev_major(m->size), gnu_dev_minor(m->size));
		m->size = 0;
	}
	m->next = align_from(start, m->data + m->size, alignment);
	return mode_is_known(m->mode) || text_is(m->name, TRAILER);
}

/* Whether an archive begins at `at`. A header of hexadecimal or octal digits proves itself; one of the binary form must
 * be followed by another, or be the trailer. */
static bool archive_begins(struct span bytes, uint64_t at)
{
	struct member m, second;
	if (!member_read(bytes, at, at, &m) || !m.name.n)
		return false;
	return m.dialect != DIALECT_BINARY || text_is(m.name, TRAILER) || member_read(bytes, at, m.next, &second);
}

/* From a trailer on: over the zeros to the next archive, or to the end of the last one's padding. */
static void cursor_leave_archive(struct cursor *c, uint64_t end)
{
	struct span rest = span_from(c->bytes, end);
	uint64_t zeros = 0;
	while (zeros < rest.n && !rest.p[zeros])
		zeros++;
	if (archive_begins(c->bytes, end + zeros)) {
		c->start = c->at = end + zeros;
		c->archive++;
		return;
	}
	uint64_t padding = align_from(0, end, BLOCK) - end;
	c->at = end + (zeros < padding ? zeros : padding);
	c->whole = true;
}

/* The next member of any archive; false at the end, or where the chain of headers breaks (then not `whole`). */
static bool cursor_next(struct cursor *c, struct member *m)
{
	while (!c->whole && member_read(c->bytes, c->start, c->at, m)) {
		work_add(MEMBER_WORK);
		if (text_is(m->name, TRAILER)) {
			cursor_leave_archive(c, m->next);
			continue;
		}
		c->at = m->next;
		return true;
	}
	return false;
}

/* How far the headers follow each other from the beginning on. */
static struct cursor chain_end(struct span at)
{
	struct cursor c = { .bytes = at };
	struct member m;
	while (cursor_next(&c, &m))
		;
	return c;
}

static bool is_binary(struct span at)
{
	return span_starts(at, "\xc7\x71", 2) || span_starts(at, "\x71\xc7", 2);
}

bool cpio_is_swapped(struct span at)
{
	struct span in = span_clip(at, 0, SWAPPED_MAX);
	work_add(is_binary(at) ? in.n : 0);
	uint8_t *out = is_binary(at) ? malloc(in.n) : NULL;
	if (!out)
		return false;
	for (size_t i = 0; i < in.n; i++)
		out[i] = in.p[(i ^ 1u) < in.n ? i ^ 1u : i];
	struct span back = span_of(out, in.n);
	bool swapped = archive_begins(back, 0) && chain_end(back).at > chain_end(in).at;
	free(out);
	return swapped;
}

static bool cpio_probe(struct span at, struct format_match *match)
{
	if (!archive_begins(at, 0))
		return false;
	struct cursor c = chain_end(at);
	if (!c.whole && cpio_is_swapped(at))
		return false;
	/* A broken chain is accepted as far as it goes: what follows it is carved, and may be the rest of the archive. */
	match->size = c.at;
	match->confidence = 90;
	return true;
}

static bool has_links(const struct member *m)
{
	return m->nlink > 1 && S_ISREG(m->mode);
}

static int link_compare(const struct link *a, const struct link *b)
{
	if (a->archive != b->archive)
		return a->archive < b->archive ? -1 : 1;
	if (a->ino != b->ino)
		return a->ino < b->ino ? -1 : 1;
	if (a->dev != b->dev)
		return a->dev < b->dev ? -1 : 1;
	return 0;
}

/* Merges the sorted runs [from, middle) and [middle, to) into `out`. */
static void merge_runs(struct link **in, struct link **out, size_t from, size_t middle, size_t to)
{
	size_t a = from, b = middle;
	for (size_t i = from; i < to; i++) {
		bool take_a = b == to || (a < middle && link_compare(in[a], in[b]) <= 0);
		out[i] = in[take_a ? a++ : b++];
	}
}

/* A stable merge sort: qsort(3) asks the system for its memory size, which a confined worker may not. Returns the one
 * of the two arrays that is sorted. */
static struct link **links_sort(struct link **in, struct link **out, size_t n)
{
	for (size_t run = 1; run < n; run *= 2) {
		for (size_t from = 0; from < n; from += 2 * run) {
			size_t middle = from + run < n ? from + run : n;
			size_t to = middle + run < n ? middle + run : n;
			merge_runs(in, out, from, middle, to);
		}
		struct link **swap = in;
		in = out;
		out = swap;
	}
	return in;
}

/* newc stores the data with the last name of an inode, odc with each: the owner is the first name that has any. */
static void links_find_owners(struct link **sorted, size_t n)
{
	for (size_t from = 0, to; from < n; from = to) {
		const struct link *owner = sorted[from];
		for (to = from; to < n && link_compare(sorted[from], sorted[to]) == 0; to++)
			if (!owner->data.n)
				owner = sorted[to];
		if (!owner->data.n)
			owner = sorted[from];
		for (size_t i = from; i < to; i++)
			sorted[i]->owner = owner;
	}
}

static enum error_code links_collect(struct unpacking *u, struct span bytes)
{
	struct cursor count = { .bytes = bytes }, fill = count;
	struct member m;
	size_t n = 0;
	while (cursor_next(&count, &m))
		n += has_links(&m);
	if (!n)
		return ERR_NONE;

	struct link *links = ARENA_ARRAY(u->w->arena, struct link, n);
	struct link **order = ARENA_ARRAY(u->w->arena, struct link *, n);
	struct link **spare = ARENA_ARRAY(u->w->arena, struct link *, n);
	if (!links || !order || !spare)
		return ERR_BUDGET;
	for (size_t i = 0; i < n && cursor_next(&fill, &m);) {
		if (!has_links(&m))
			continue;
		links[i] = (struct link){ .ino = m.ino,
								  .dev = m.dev,
								  .at = m.at,
								  .archive = fill.archive,
								  .name = m.name,
								  .data = span_clip(bytes, m.data, m.size) };
		order[i] = &links[i];
		i++;
	}
	links_find_owners(links_sort(order, spare, n), n);
	u->links = links;
	u->nlinks = n;
	return ERR_NONE;
}

static void verify_sum(struct walk *w, const struct member *m, struct span data)
{
	uint32_t sum = hash_sum(data);
	if (m->dialect == DIALECT_CRC && sum != m->check)
		emit_damage_at(w->sink, ERR_CORRUPT, m->at,
					   "the header says that the data's bytes sum to 0x%08x, they sum to 0x%08x", m->check, sum);
}

/* Whether the entry is a further name of the owner's inode and brings no data of its own. */
static bool is_further_name(const struct link *link)
{
	const struct link *owner = link->owner;
	return link != owner &&
		   (!link->data.n || (link->data.n == owner->data.n && memcmp(link->data.p, owner->data.p, link->data.n) == 0));
}

static enum error_code set_content(struct unpacking *u, const struct member *m, struct span data, struct entry *e)
{
	const struct link *link = has_links(m) && u->taken < u->nlinks ? &u->links[u->taken++] : NULL;
	e->size = m->size;
	if (link && is_further_name(link)) {
		e->same_as = path_from_root(&u->owner, link->owner->name);
		e->size = link->owner->data.n;
		return e->same_as.p ? ERR_NONE : ERR_BUDGET;
	}
	e->offset = m->data;
	e->content = (struct content){ .kind = CONTENT_SPAN, .bytes = data };
	if (m->dialect == DIALECT_CRC && data.n == m->size)
		verify_sum(u->w, m, data);
	return ERR_NONE;
}

/* What has data is a file, whatever its mode says, unless it is a link that can be one: else the data would be looked at nowhere. */
static enum entry_kind kind_of(const struct member *m)
{
	enum entry_kind kind = entry_kind_of_mode(m->mode);
	return m->size > (kind == ENTRY_SYMLINK ? TARGET_MAX : 0) ? ENTRY_FILE : kind;
}

/* Emits one member. False when the walk is to stop. */
static bool member_emit(struct unpacking *u, struct span bytes, const struct member *m, struct error *error)
{
	struct span data = span_clip(bytes, m->data, m->size);
	if (!m->name.n)
		emit_damage_at(u->w->sink, ERR_CORRUPT, m->at, "a member of %llu bytes has no name",
					   (unsigned long long)m->size);
	struct entry e = { ENTRY_INIT, .kind = kind_of(m), .path = path_from_root(&u->path, m->name) };
	e.mode = m->mode & 07777;
	e.uid = m->uid;
	e.gid = m->gid;
	e.mtime = (int64_t)m->mtime;
	enum error_code code = e.path.p ? ERR_NONE : ERR_BUDGET;
	if (e.kind == ENTRY_FILE && !code)
		code = set_content(u, m, data, &e);
	if (e.kind == ENTRY_SYMLINK)
		e.link_target = text_from_span(data);
	if (e.kind == ENTRY_CHAR_DEVICE || e.kind == ENTRY_BLOCK_DEVICE)
		e.device = (int64_t)m->rdev;
	if (code) {
		*error = error_at(code, m->at, "no memory left for the archive's names");
		return false;
	}
	if (data.n < m->size)
		emit_damage_at(u->w->sink, ERR_TRUNCATED, m->data, "a member has %llu bytes of data, %zu are there",
					   (unsigned long long)m->size, data.n);
	return entry_is_root(&e) || u->w->child(u->w, &e);
}

/* ---- RPM's own: a member's header is the number that it has in the package, where all else stands ---- */

#define NUMBERED "07070X"
#define NUMBERED_SIZE 16u /* the number in 8 digits, and zeros up to a multiple of four */

static bool is_numbered(struct span bytes)
{
	if (!span_starts(bytes, NUMBERED, 6) || !span_has(bytes, NUMBERED_SIZE - 2, "\0\0", 2))
		return false;
	for (size_t i = 6; i < NUMBERED_SIZE - 2; i++)
		if (!((bytes.p[i] >= '0' && bytes.p[i] <= '9') || (bytes.p[i] >= 'a' && bytes.p[i] <= 'f')))
			return false;
	return true;
}

static bool cpio_probe_whole(struct span all, struct format_match *match)
{
	*match = (struct format_match){ .size = all.n, .confidence = 80 };
	return is_numbered(all);
}

/* Where the next header stands, or the trailer, which has one as those of newc; else the end. */
static uint64_t numbered_end(struct span bytes, uint64_t from)
{
	while (from < bytes.n) {
		struct span rest = span_from(bytes, from);
		const uint8_t *p = memmem(rest.p, rest.n, "07070", 5);
		uint64_t at = p ? (uint64_t)(p - bytes.p) : bytes.n;
		bool trailer = span_has(bytes, at, "070701", 6) && span_has(bytes, at + 110, TRAILER, sizeof TRAILER);
		if (!p || (at % 4 == 0 && (trailer || is_numbered(span_from(bytes, at)))))
			return at;
		from = at + 1;
	}
	return bytes.n;
}

/* Nothing here tells what a file is called, nor where it ends but for what stands behind it. */
static struct error numbered_walk(struct span bytes, struct walk *w)
{
	for (uint64_t at = 0, next; is_numbered(span_from(bytes, at)); at = next) {
		char name[32];
		uint64_t data = at + NUMBERED_SIZE;
		next = numbered_end(bytes, data);
		snprintf(name, sizeof name, "/file-0x%.8s", (const char *)bytes.p + at + 6);
		struct entry e = { ENTRY_INIT, .kind = ENTRY_FILE, .path = text_c(name) };
		e.offset = data;
		e.size = next - data;
		e.content = (struct content){ .kind = CONTENT_SPAN, .bytes = span_sub(bytes, data, next - data) };
		if (next > data && !w->child(w, &e))
			return error_none();
	}
	return error_at(ERR_UNSUPPORTED, 0, "its files have no headers, but numbers that an RPM package tells the names and sizes of");
}

static struct error cpio_walk(struct span bytes, struct walk *w)
{
	if (is_numbered(bytes))
		return numbered_walk(bytes, w);
	struct unpacking u = { .w = w, .path = { .arena = w->arena }, .owner = { .arena = w->arena } };
	struct cursor c = { .bytes = bytes };
	struct member m;
	struct error error = error_none();
	if (links_collect(&u, bytes))
		emit_damage_at(w->sink, ERR_BUDGET, OFFSET_NONE, "too many hard links: their names are shown as empty files");
	while (cursor_next(&c, &m))
		if (!member_emit(&u, bytes, &m, &error))
			return error;
	if (!c.whole)
		return error_at(ERR_TRUNCATED, c.at < bytes.n ? c.at : bytes.n, "the archive ends without its trailer");
	return error;
}

static const struct format_magic cpio_magics[] = {
	MAGIC("070701", 0), MAGIC("070702", 0), MAGIC("070707", 0), MAGIC(NUMBERED, 0), MAGIC("\xc7\x71", 0), MAGIC("\x71\xc7", 0), MAGIC_END,
};

const struct format cpio_format = {
	.name = "cpio",
	.kind = FORMAT_ARCHIVE,
	.title = "cpio archive (newc, crc, odc, old binary), initramfs",
	.spec = "Documentation/driver-api/early-userspace/buffer-format.rst; cpio(5)",
	.magics = cpio_magics,
	.probe = cpio_probe,
	.probe_whole = cpio_probe_whole,
	.walk = cpio_walk,
};

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tar archives: ustar, pax, GNU with its long names and sparse files. Members are spans of the archive, nothing is
 * copied.
 *
 * Specifications: POSIX.1-2017 pax ("ustar Interchange Format", "pax Interchange Format"); GNU tar manual, "Basic Tar
 * Format"; tar(5) of libarchive.
 */
#include "format/tar.h"

#include "base/work.h"
#include "format/path.h"
#include "format/rest.h"

#define RECORD (20u * TAR_BLOCK) /* archives are written in records of this size */
/* Where an archive goes on behind bytes that are no header: searched so far behind them, and before where it should stand, which bytes
 * that are missing move it to. */
#define RESUME_AHEAD ((uint64_t)16 << 20)
#define RESUME_BACK (9u * TAR_BLOCK)
#define RESUME_HITS 4096u
#define ZEROS_MAX 64u      /* blocks of zeros that are taken for damage wherever the archive goes on behind them */
#define PAGE 4096u
#define ZEROS_AHEAD 65536u /* the search behind zeros that may as well be padding */

struct cursor {
	struct span bytes;
	uint64_t at;
	bool whole; /* the end-of-archive blocks were met; `at` is behind them and their padding */
	uint64_t last, last_data; /* the last member's header; behind the last header of any kind */
	struct walk *w;           /* NULL: only the end is looked for */
	unsigned gaps;
};

static bool is_zero(struct span block)
{
	for (size_t i = 0; i < block.n; i++)
		if (block.p[i])
			return false;
	return block.n > 0;
}

/* One block of zeros that bytes follow within its record ends no archive: a header was lost. */
static bool is_lone_zero(const struct cursor *c)
{
	struct span behind = span_sub(c->bytes, c->at + TAR_BLOCK, TAR_BLOCK);
	return c->at > 0 && (c->at + TAR_BLOCK) % RECORD && behind.p && !is_zero(behind);
}

/* At a zero block: the archive's end, with the zeros that fill its last record. */
static void cursor_finish(struct cursor *c)
{
	uint64_t end = (c->at / RECORD + 1) * RECORD;
	c->whole = true;
	while (c->at < end && is_zero(span_clip(c->bytes, c->at, TAR_BLOCK)))
		c->at += TAR_BLOCK;
	if (c->at > c->bytes.n)
		c->at = c->bytes.n;
}

/* The first part of the path, with the slash, of the header's own name or, of a longer one, what its prefix begins with. */
static struct text first_part(struct span header)
{
	struct text prefix = tar_has_prefix(header) ? tar_string(header, TAR_PREFIX_AT, TAR_PREFIX_SIZE) : TEXT_NONE;
	struct text t = prefix.n ? prefix : tar_string(header, 0, 100);
	size_t n = 0;
	while (n < t.n && t.p[n] != '/')
		n++;
	return text_of(t.p, n);
}

/* Headers that are no members: of POSIX (x, g), GNU (L, K) and Solaris (X as x, A). */
static bool is_about_next(char type)
{
	return type && strchr("xgLKXA", type);
}

/* Whether two headers can be of one archive: of one writer, of one owner, below one directory. */
static bool same_archive(struct span a, struct span b)
{
	bool extends = is_about_next((char)b.p[TAR_TYPE_AT]); /* these have names and owners of their own */
	return memcmp(a.p + TAR_MAGIC_AT, b.p + TAR_MAGIC_AT, TAR_MAGIC_SIZE) == 0 &&
		   (extends || (memcmp(a.p + TAR_OWNER_AT, b.p + TAR_OWNER_AT, TAR_OWNER_SIZE) == 0 && text_eq(first_part(a), first_part(b))));
}

/* The next header from `from` on, at any place, when it is of this archive; 0: there is none, or another archive comes first. So no byte
 * is searched for two archives. */
static uint64_t next_header(const struct cursor *c, uint64_t from, uint64_t to)
{
	struct span last = span_sub(c->bytes, c->last, TAR_BLOCK);
	struct span rest = span_sub(c->bytes, from, to < c->bytes.n ? to - from : c->bytes.n - from);
	for (unsigned hits = 0; hits < RESUME_HITS && rest.n; hits++) {
		const uint8_t *p = memmem(rest.p, rest.n, "ustar", 5);
		uint64_t hit = p ? (uint64_t)(p - c->bytes.p) : 0;
		struct span header = hit >= from + TAR_MAGIC_AT ? span_sub(c->bytes, hit - TAR_MAGIC_AT, TAR_BLOCK) : SPAN_NONE;
		if (!p)
			return 0;
		if (tar_header_verifies(header))
			return same_archive(last, header) ? hit - TAR_MAGIC_AT : 0;
		rest = span_from(rest, (uint64_t)(p - rest.p) + 1);
	}
	return 0;
}

/* Whether the zeros at the cursor end the archive: two blocks, or up to the end of a record or of everything. *from and *to: where it may
 * go on otherwise, since zeros are what a lost block reads as, too. Those that begin within the member before are suspicious in any case;
 * an archive that begins right behind the end of this one is another one. Behind many zeros one begins with a page, as parts of flash
 * do: what does not is of this one. */
static bool zeros_end(const struct cursor *c, uint64_t *from, uint64_t *to)
{
	uint64_t run = 0, record = (c->at / RECORD + 1) * RECORD;
	while (run <= ZEROS_MAX && is_zero(span_clip(c->bytes, c->at + run * TAR_BLOCK, TAR_BLOCK)))
		run++;
	*from = c->at + run * TAR_BLOCK;
	bool is_end = run == 2 || *from >= record, begins_before = c->at - c->last_data >= TAR_BLOCK &&
				is_zero(span_sub(c->bytes, c->at - TAR_BLOCK, TAR_BLOCK));
	*to = *from + (is_end && run <= ZEROS_MAX ? ZEROS_AHEAD : RESUME_AHEAD);
	if (*from >= c->bytes.n)
		return true;
	if (run > ZEROS_MAX) {
		uint64_t next = next_header(c, *from, *to);
		return !next || next % PAGE == 0;
	}
	return is_end && (tar_header_verifies(span_sub(c->bytes, *from, TAR_BLOCK)) || !begins_before);
}

/* Where no header stands: on to the next one of this archive, when what is there is damage. What lies between is shown, so that it is
 * looked at. False: the archive ends here. */
static bool cursor_resume(struct cursor *c)
{
	uint64_t back = c->at > c->last_data + RESUME_BACK ? c->at - RESUME_BACK : c->last_data, from = back, to = c->at + RESUME_AHEAD;
	struct span last = span_sub(c->bytes, c->last, TAR_BLOCK);
	if (!tar_has_magic(last) || c->at >= c->bytes.n)
		return false;
	if (is_zero(span_clip(c->bytes, c->at, TAR_BLOCK)) && zeros_end(c, &from, &to))
		return false;
	uint64_t next = next_header(c, from, to), at = next < c->at ? next : c->at;
	if (!next || next < c->last_data)
		return false;
	if (c->w) {
		emit_damage_capped(c->w->sink, &c->gaps, ERR_CORRUPT, at,
						   "the header of a member should stand here; the next one that can be read is at 0x%llx",
						   (unsigned long long)next);
		struct rest rest = { .arena = c->w->arena };
		rest_take(&rest, 0, c->at);
		rest_take(&rest, next, UINT64_MAX - next);
		rest_emit(&rest, c->bytes, c->w);
	}
	c->at = next;
	return true;
}

/* Seven octal digits and a NUL, then a line of text. What has something else behind an A is a file to GNU tar. */
static bool is_access_list(struct span data)
{
	bool is = data.n > 8 && data.p[7] == 0;
	for (size_t i = 0; is && i < data.n; i++)
		is = i < 7 ? data.p[i] >= '0' && data.p[i] <= '7'
				   : i == 7 || (data.p[i] >= ' ' && data.p[i] < 0x7f) || (i + 2 >= data.n && (data.p[i] == 0 || data.p[i] == '\n'));
	return is;
}

/* The next member, with what preceding headers say about it. False at the end, or (not `whole`) where headers stop. */
static bool cursor_next(struct cursor *c, struct tar_member *m)
{
	*m = (struct tar_member){ .path = TEXT_NONE };
	struct text long_name = TEXT_NONE, long_link = TEXT_NONE;
	struct span pax = SPAN_NONE;
	while (!c->whole) {
		struct span header = span_sub(c->bytes, c->at, TAR_BLOCK);
		work_add(TAR_BLOCK);
		if (!tar_header_verifies(header)) {
			if (c->at == 0 || !cursor_resume(c))
				break;
			long_name = long_link = TEXT_NONE;
			pax = SPAN_NONE;
			continue;
		}
		*m = (struct tar_member){ .at = c->at, .path = long_name, .link = long_link, .pax = pax };
		tar_take_header(m, header);
		if (!is_about_next(m->type) || m->type == 'A')
			tar_apply_pax(m);
		tar_place_data(c->bytes, m);
		c->at = m->next;
		c->last = is_about_next(m->type) ? c->last : m->at;
		c->last_data = m->data;
		struct span data = span_clip(c->bytes, m->data, m->size);
		if (m->type == 'x' || m->type == 'X')
			pax = data;
		else if (m->type == 'L')
			long_name = tar_string(data, 0, data.n);
		else if (m->type == 'K')
			long_link = tar_string(data, 0, data.n);
		else if (!is_about_next(m->type) || (m->type == 'A' && !is_access_list(data))) /* global pax headers carry comments */
			return true;
	}
	if (!c->whole && is_zero(span_clip(c->bytes, c->at, TAR_BLOCK)) && !is_lone_zero(c))
		cursor_finish(c);
	return false;
}

static bool tar_probe(struct span at, struct format_match *match)
{
	struct span header = span_sub(at, 0, TAR_BLOCK);
	bool old = !tar_has_magic(header);
	if ((old && !tar_is_seventh_edition(header) && !tar_is_old_star(header)) || !tar_header_verifies(header))
		return false;
	struct cursor c = { .bytes = at };
	struct tar_member m;
	while (cursor_next(&c, &m))
		;
	match->size = c.at;
	match->confidence = old ? 80 : 90;
	return true;
}

/* The header's own name; POSIX splits long ones. */
static struct text header_path(const struct tar_member *m, char joined[300])
{
	struct text name = tar_string(m->header, 0, 100), prefix = tar_string(m->header, TAR_PREFIX_AT, TAR_PREFIX_SIZE);
	if (!m->posix || !prefix.n)
		return name;
	memcpy(joined, prefix.p, prefix.n);
	joined[prefix.n] = '/';
	memcpy(joined + prefix.n + 1, name.p, name.n);
	return text_of(joined, prefix.n + 1 + name.n);
}

static enum entry_kind kind_of(const struct tar_member *m, struct text path)
{
	switch (m->type) {
	case '2':
		return ENTRY_SYMLINK;
	case '3':
		return ENTRY_CHAR_DEVICE;
	case '4':
		return ENTRY_BLOCK_DEVICE;
	case '5':
	case 'D':
		return ENTRY_DIRECTORY;
	case '6':
		return ENTRY_FIFO;
	case '0':
	case '\0': /* as before POSIX; one that has bytes is shown as what it may be unpacked to */
		return text_ends(path, "/") && !m->size ? ENTRY_DIRECTORY : ENTRY_FILE;
	default:
		return ENTRY_FILE; /* POSIX: what is not known is a regular file */
	}
}

struct unpacking {
	struct walk *w;
	struct span bytes;
	struct path_buffer path, same_as;
};

static struct error set_content(struct unpacking *u, const struct tar_member *m, struct entry *e)
{
	struct text link = m->link.p ? m->link : tar_string(m->header, 157, 100);
	e->size = m->real_size;
	if (m->type == '1' && !m->size) {
		e->same_as = path_from_root(&u->same_as, link);
		e->size = SIZE_UNKNOWN;
		return e->same_as.p ? error_none() : error_at(ERR_BUDGET, m->at, "no memory left for names");
	}
	e->offset = m->data;
	if (m->sparse != TAR_DENSE)
		return tar_sparse_content(m, u->bytes, u->w->arena, &e->content);
	e->content = (struct content){ .kind = CONTENT_SPAN, .bytes = span_clip(u->bytes, m->data, m->size) };
	return error_none();
}

/* Emits one member; false when the walk is to stop. */
static bool member_emit(struct unpacking *u, const struct tar_member *m, struct error *error)
{
	char joined[300];
	struct text path = m->path.p ? m->path : header_path(m, joined);
	struct entry e = { ENTRY_INIT, .kind = kind_of(m, path), .path = path_from_root(&u->path, path) };
	e.mode = m->mode;
	e.uid = m->uid;
	e.gid = m->gid;
	e.mtime = m->mtime;
	if (!e.path.p)
		*error = error_at(ERR_BUDGET, m->at, "no memory left for names");
	else if (e.kind == ENTRY_FILE)
		*error = set_content(u, m, &e);
	if (error_is(error))
		return false;
	if (e.kind == ENTRY_SYMLINK)
		e.link_target = m->link.p ? m->link : tar_string(m->header, 157, 100);
	if (e.kind == ENTRY_CHAR_DEVICE || e.kind == ENTRY_BLOCK_DEVICE)
		e.device = m->device;
	if (span_clip(u->bytes, m->data, m->size).n < m->size)
		emit_damage_at(u->w->sink, ERR_TRUNCATED, m->data, "a member has %llu bytes of data, %zu are there",
					   (unsigned long long)m->size, span_clip(u->bytes, m->data, m->size).n);
	return entry_is_root(&e) || u->w->child(u->w, &e);
}

static struct error tar_walk(struct span bytes, struct walk *w)
{
	struct unpacking u = { w, bytes, { .arena = w->arena }, { .arena = w->arena } };
	struct cursor c = { .bytes = bytes, .w = w };
	struct tar_member m;
	struct error error = error_none();
	while (cursor_next(&c, &m)) {
		if (m.type == 'V')
			continue; /* a volume's name */
		if (m.type == 'M')
			emit_damage_at(w->sink, ERR_UNSUPPORTED, m.at, "a file is continued from another volume");
		else if (!member_emit(&u, &m, &error))
			return error;
	}
	emit_damage_further(w->sink, c.gaps);
	if (!c.whole)
		return error_at(ERR_TRUNCATED, c.at < bytes.n ? c.at : bytes.n,
						"the archive ends without its end-of-archive blocks");
	return error;
}

/* The seventh edition's has none: the permissions that most files and directories have, as GNU tar, BusyBox and older programs write
 * them. */
static const struct format_magic tar_magics[] = {
	MAGIC("ustar", TAR_MAGIC_AT),
	MAGIC("0000644\0", TAR_MODE_AT),
	MAGIC("0000755\0", TAR_MODE_AT),
	MAGIC("0000777\0", TAR_MODE_AT),
	MAGIC("0000664\0", TAR_MODE_AT),
	MAGIC("0000775\0", TAR_MODE_AT),
	MAGIC("0000600\0", TAR_MODE_AT),
	MAGIC("0000700\0", TAR_MODE_AT),
	MAGIC("0000444\0", TAR_MODE_AT),
	MAGIC("0000555\0", TAR_MODE_AT),
	MAGIC("0000400\0", TAR_MODE_AT),
	MAGIC("0000500\0", TAR_MODE_AT),
	MAGIC("   644 \0", TAR_MODE_AT),
	MAGIC("   755 \0", TAR_MODE_AT),
	MAGIC("   777 \0", TAR_MODE_AT),
	MAGIC("000644 \0", TAR_MODE_AT),
	MAGIC("000755 \0", TAR_MODE_AT),
	MAGIC("100644 \0", TAR_MODE_AT),
	MAGIC("100755 \0", TAR_MODE_AT),
	MAGIC(" 40755 \0", TAR_MODE_AT),
	MAGIC("040755 \0", TAR_MODE_AT),
	MAGIC_END,
};

const struct format tar_format = {
	.name = "tar",
	.kind = FORMAT_ARCHIVE,
	.title = "tar archive (seventh edition, ustar, pax, GNU)",
	.spec = "POSIX.1-2017 pax; GNU tar manual, Basic Tar Format; tar(5) of the seventh edition",
	.magics = tar_magics,
	.probe = tar_probe,
	.walk = tar_walk,
	.at_start = true,
};

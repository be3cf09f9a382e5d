/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tar archives: ustar, pax, GNU with its long names and sparse files. Members are spans of the archive, nothing is
 * copied.
 *
 * Specifications: POSIX.1-2017 pax ("ustar Interchange Format", "pax Interchange Format"); GNU tar manual, "Basic Tar
 * Format"; tar(5) of libarchive.
 */
#include "format/tar.h"

#include "format/path.h"
#include "format/rest.h"

#define RECORD (20u * TAR_BLOCK) /* archives are written in records of this size */
#define CHECKSUM_AT 148u
#define TYPE_AT 156u
#define MODE_AT 100u
#define MAGIC_AT 257u
#define MAGIC_SIZE 8u
#define PREFIX_AT 345u
#define PREFIX_SIZE 155u
#define OWNER_AT 108u
#define OWNER_SIZE 16u
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

uint64_t tar_number(struct span field)
{
	uint64_t v = 0;
	if (field.n && field.p[0] & 0x80) { /* base 256, GNU; a negative number makes no sense for what is read here */
		for (size_t i = 0; i < field.n; i++)
			v = v << 8 | (i ? field.p[i] : field.p[i] & 0x3f);
		return v;
	}
	size_t i = 0;
	while (i < field.n && field.p[i] == ' ')
		i++;
	for (; i < field.n && field.p[i] >= '0' && field.p[i] <= '7'; i++)
		v = v << 3 | (field.p[i] - '0');
	return v;
}

uint64_t tar_decimal(struct text t)
{
	uint64_t v = 0;
	for (size_t i = 0; i < t.n && t.p[i] >= '0' && t.p[i] <= '9'; i++)
		if (__builtin_mul_overflow(v, 10u, &v) || __builtin_add_overflow(v, (unsigned)(t.p[i] - '0'), &v))
			return UINT64_MAX / 2;
	return v;
}

static uint64_t field(struct span header, uint64_t at, uint64_t n)
{
	return tar_number(span_sub(header, at, n));
}

static struct text string(struct span header, uint64_t at, uint64_t n)
{
	return text_until_nul(span_sub(header, at, n));
}

/* Adds up n bytes, and how many of them have their highest bit, eight at a time: in lanes that up to 512 bytes do not fill. */
static void sum_of(const uint8_t *p, size_t n, uint32_t *sum, uint32_t *high)
{
	const uint64_t even = 0x00ff00ff00ff00ffu, ones = 0x0101010101010101u, words = 0x0001000100010001u;
	uint64_t sums = 0, highs = 0;
	size_t i = 0;
	for (; i + 8 <= n; i += 8) {
		uint64_t w;
		memcpy(&w, p + i, 8);
		sums += (w & even) + (w >> 8 & even);
		highs += w >> 7 & ones;
	}
	*high += (uint32_t)(((highs & even) + (highs >> 8 & even)) * words >> 48);
	*sum += (uint32_t)((sums & 0xffff) + (sums >> 16 & 0xffff) + (sums >> 32 & 0xffff) + (sums >> 48));
	for (; i < n; i++) {
		*sum += p[i];
		*high += p[i] >> 7;
	}
}

static bool has_magic(struct span header)
{
	return span_has(header, MAGIC_AT, "ustar", 5);
}

/* POSIX' header, whose name may go on in the prefix: GNU's has times there. */
static bool is_posix(struct span header)
{
	return span_has(header, MAGIC_AT, "ustar", 6);
}

/* A header counts when its checksum verifies; historical writers summed signed characters. Where the path of a directory was split at
 * its last slash, all of it is the prefix. */
static bool header_verifies(struct span header)
{
	if (header.n < TAR_BLOCK || (!header.p[0] && (!is_posix(header) || !header.p[PREFIX_AT])))
		return false;
	uint32_t sum = 8 * ' ', high = 0; /* high: the characters that are negative when they are signed */
	sum_of(header.p, CHECKSUM_AT, &sum, &high);
	sum_of(header.p + CHECKSUM_AT + 8, TAR_BLOCK - CHECKSUM_AT - 8, &sum, &high);
	uint64_t stored = field(header, CHECKSUM_AT, 8);
	return stored == sum || (int64_t)stored == (int64_t)sum - 256 * (int64_t)high;
}

/* A field of octal digits as writers before POSIX fill it: blanks before, a blank or NUL or nothing behind. */
static bool is_octal_field(struct span header, uint64_t at, uint64_t n, unsigned least)
{
	struct span f = span_sub(header, at, n);
	size_t i = 0, digits = 0;
	while (i < f.n && f.p[i] == ' ')
		i++;
	for (; i < f.n && f.p[i] >= '0' && f.p[i] <= '7'; i++)
		digits++;
	for (; i < f.n; i++)
		if (f.p[i] != ' ' && f.p[i] != '\0')
			return false;
	return digits >= least;
}

/* The seventh edition's header has no magic: a name, numbers, a kind, a link's name, and zeros. */
static bool is_seventh_edition(struct span header)
{
	if (header.n < TAR_BLOCK || !header.p[0] || !strchr("0125", header.p[TYPE_AT]) || header.p[99] || header.p[256])
		return false;
	for (size_t i = MAGIC_AT; i < TAR_BLOCK; i++)
		if ((i < 329 || i >= PREFIX_AT) && header.p[i]) /* GNU tar leaves the numbers of a device there */
			return false;
	return is_octal_field(header, 100, 8, 1) && is_octal_field(header, 108, 8, 1) &&
		   is_octal_field(header, 116, 8, 1) && is_octal_field(header, 124, 12, 1) &&
		   is_octal_field(header, 136, 12, 1) && is_octal_field(header, CHECKSUM_AT, 8, 3) &&
		   is_octal_field(header, 329, 8, 0) && is_octal_field(header, 337, 8, 0);
}

/* star's header before POSIX: its own mark at the end, and numbers, names and times where the seventh edition has zeros. */
static bool is_old_star(struct span header)
{
	if (header.n < TAR_BLOCK || !header.p[0] || !strchr("012345", header.p[TYPE_AT]) || header.p[99] || !span_has(header, 508, "tar", 4))
		return false;
	return is_octal_field(header, 100, 8, 1) && is_octal_field(header, 108, 8, 1) && is_octal_field(header, 116, 8, 1) &&
		   is_octal_field(header, 124, 12, 1) && is_octal_field(header, 136, 12, 1) && is_octal_field(header, CHECKSUM_AT, 8, 3);
}

/* Whether what did not fit in the name stands in the prefix. */
static bool has_prefix(struct span header)
{
	return is_posix(header) || is_old_star(header);
}

bool tar_pax_next(struct span *records, struct text *key, struct text *value)
{
	const uint8_t *space = records->n ? memchr(records->p, ' ', records->n < 20 ? records->n : 20) : NULL;
	if (!space)
		return false;
	size_t digits = (size_t)(space - records->p);
	uint64_t size = tar_decimal(text_of((const char *)records->p, digits));
	struct span record = span_sub(*records, 0, size);
	if (record.n < digits + 2)
		return false;
	struct span pair = span_sub(record, digits + 1, record.n - digits - 2); /* without the newline */
	const uint8_t *equals = pair.n ? memchr(pair.p, '=', pair.n) : NULL;
	if (!equals)
		return false;
	size_t n = (size_t)(equals - pair.p);
	*key = text_of((const char *)pair.p, n);
	*value = text_of((const char *)pair.p + n + 1, pair.n - n - 1);
	*records = span_from(*records, size);
	return true;
}

static void apply_pax(struct tar_member *m)
{
	struct span records = m->pax;
	struct text key, value, sparse_name = TEXT_NONE;
	while (tar_pax_next(&records, &key, &value)) {
		if (text_is(key, "path"))
			m->path = value;
		else if (text_is(key, "linkpath"))
			m->link = value;
		else if (text_is(key, "size"))
			m->size = tar_decimal(value);
		else if (text_is(key, "uid"))
			m->uid = (int64_t)tar_decimal(value);
		else if (text_is(key, "gid"))
			m->gid = (int64_t)tar_decimal(value);
		else if (text_is(key, "mtime"))
			m->mtime = (int64_t)tar_decimal(value);
		else if (text_is(key, "GNU.sparse.name"))
			sparse_name = value;
		else if (text_is(key, "GNU.sparse.size") || text_is(key, "GNU.sparse.realsize"))
			m->real_size = tar_decimal(value);
		else if (text_is(key, "GNU.sparse.major") && text_is(value, "1"))
			m->sparse = TAR_SPARSE_PAX_1;
		else if ((text_is(key, "GNU.sparse.numblocks") || text_is(key, "GNU.sparse.map")) && m->sparse == TAR_DENSE)
			m->sparse = TAR_SPARSE_PAX_0;
	}
	if (sparse_name.p)
		m->path = sparse_name;
}

static void take_header(struct tar_member *m, struct span header)
{
	m->header = header;
	m->type = header.p[TYPE_AT];
	m->posix = has_prefix(header);
	m->mode = (int64_t)field(header, 100, 8) & 07777;
	m->uid = (int64_t)field(header, 108, 8);
	m->gid = (int64_t)field(header, 116, 8);
	m->size = field(header, 124, 12);
	m->mtime = (int64_t)field(header, 136, 12);
	m->device = (int64_t)(field(header, 329, 8) << 32 | (uint32_t)field(header, 337, 8));
}

/* Links, devices and directories have no data, whatever their size field says, except hard links of pax writers: those
 * are told by what stands behind the header. */
static bool has_data(struct span bytes, const struct tar_member *m)
{
	if (m->type == '1')
		return !header_verifies(span_sub(bytes, m->at + TAR_BLOCK, TAR_BLOCK));
	return m->type < '2' || m->type > '6';
}

static uint64_t after_extended_headers(struct span bytes, const struct tar_member *m)
{
	uint64_t at = m->at + TAR_BLOCK;
	struct span more = span_sub(m->header, 482, 1);
	while (more.p && more.p[0]) {
		more = span_sub(bytes, at + 504, 1);
		at += TAR_BLOCK;
	}
	return at;
}

static void place_data(struct span bytes, struct tar_member *m)
{
	m->data = m->at + TAR_BLOCK;
	if (m->type == 'S') {
		m->sparse = TAR_SPARSE_OLD_GNU;
		m->real_size = field(m->header, 483, 12);
		m->data = after_extended_headers(bytes, m);
	}
	if (!has_data(bytes, m))
		m->size = 0;
	if (m->size > UINT64_MAX / 4)
		m->size = UINT64_MAX / 4; /* beyond any input, without overflow */
	if (m->sparse == TAR_DENSE)
		m->real_size = m->size;
	m->next = m->data + (m->size + TAR_BLOCK - 1) / TAR_BLOCK * TAR_BLOCK;
}

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
	struct text prefix = has_prefix(header) ? string(header, PREFIX_AT, PREFIX_SIZE) : TEXT_NONE;
	struct text t = prefix.n ? prefix : string(header, 0, 100);
	size_t n = 0;
	while (n < t.n && t.p[n] != '/')
		n++;
	return text_of(t.p, n);
}

/* Whether two headers can be of one archive: of one writer, of one owner, below one directory. */
static bool same_archive(struct span a, struct span b)
{
	bool extends = b.p[TYPE_AT] && strchr("xgLK", b.p[TYPE_AT]); /* these have names and owners of their own */
	return memcmp(a.p + MAGIC_AT, b.p + MAGIC_AT, MAGIC_SIZE) == 0 &&
		   (extends || (memcmp(a.p + OWNER_AT, b.p + OWNER_AT, OWNER_SIZE) == 0 && text_eq(first_part(a), first_part(b))));
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
		struct span header = hit >= from + MAGIC_AT ? span_sub(c->bytes, hit - MAGIC_AT, TAR_BLOCK) : SPAN_NONE;
		if (!p)
			return 0;
		if (header_verifies(header))
			return same_archive(last, header) ? hit - MAGIC_AT : 0;
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
	return is_end && (header_verifies(span_sub(c->bytes, *from, TAR_BLOCK)) || !begins_before);
}

/* Where no header stands: on to the next one of this archive, when what is there is damage. What lies between is shown, so that it is
 * looked at. False: the archive ends here. */
static bool cursor_resume(struct cursor *c)
{
	uint64_t back = c->at > c->last_data + RESUME_BACK ? c->at - RESUME_BACK : c->last_data, from = back, to = c->at + RESUME_AHEAD;
	struct span last = span_sub(c->bytes, c->last, TAR_BLOCK);
	if (!has_magic(last) || c->at >= c->bytes.n)
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

/* The next member, with what preceding headers say about it. False at the end, or (not `whole`) where headers stop. */
static bool cursor_next(struct cursor *c, struct tar_member *m)
{
	*m = (struct tar_member){ .path = TEXT_NONE };
	struct text long_name = TEXT_NONE, long_link = TEXT_NONE;
	struct span pax = SPAN_NONE;
	while (!c->whole) {
		struct span header = span_sub(c->bytes, c->at, TAR_BLOCK);
		if (!header_verifies(header)) {
			if (c->at == 0 || !cursor_resume(c))
				break;
			long_name = long_link = TEXT_NONE;
			pax = SPAN_NONE;
			continue;
		}
		*m = (struct tar_member){ .at = c->at, .path = long_name, .link = long_link, .pax = pax };
		take_header(m, header);
		if (!strchr("xgLK", m->type) || !m->type)
			apply_pax(m);
		place_data(c->bytes, m);
		c->at = m->next;
		c->last = m->type && strchr("xgLK", m->type) ? c->last : m->at;
		c->last_data = m->data;
		struct span data = span_clip(c->bytes, m->data, m->size);
		if (m->type == 'x')
			pax = data;
		else if (m->type == 'L')
			long_name = string(data, 0, data.n);
		else if (m->type == 'K')
			long_link = string(data, 0, data.n);
		else if (m->type != 'g') /* global pax headers carry comments */
			return true;
	}
	if (!c->whole && is_zero(span_clip(c->bytes, c->at, TAR_BLOCK)) && !is_lone_zero(c))
		cursor_finish(c);
	return false;
}

static bool tar_probe(struct span at, struct format_match *match)
{
	struct span header = span_sub(at, 0, TAR_BLOCK);
	bool old = !has_magic(header);
	if ((old && !is_seventh_edition(header) && !is_old_star(header)) || !header_verifies(header))
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
	struct text name = string(m->header, 0, 100), prefix = string(m->header, PREFIX_AT, PREFIX_SIZE);
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
	struct text link = m->link.p ? m->link : string(m->header, 157, 100);
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
		e.link_target = m->link.p ? m->link : string(m->header, 157, 100);
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
	MAGIC("ustar", MAGIC_AT),
	MAGIC("0000644\0", MODE_AT),
	MAGIC("0000755\0", MODE_AT),
	MAGIC("0000777\0", MODE_AT),
	MAGIC("0000664\0", MODE_AT),
	MAGIC("0000775\0", MODE_AT),
	MAGIC("0000600\0", MODE_AT),
	MAGIC("0000700\0", MODE_AT),
	MAGIC("0000444\0", MODE_AT),
	MAGIC("0000555\0", MODE_AT),
	MAGIC("0000400\0", MODE_AT),
	MAGIC("0000500\0", MODE_AT),
	MAGIC("   644 \0", MODE_AT),
	MAGIC("   755 \0", MODE_AT),
	MAGIC("   777 \0", MODE_AT),
	MAGIC("000644 \0", MODE_AT),
	MAGIC("000755 \0", MODE_AT),
	MAGIC("100644 \0", MODE_AT),
	MAGIC("100755 \0", MODE_AT),
	MAGIC(" 40755 \0", MODE_AT),
	MAGIC("040755 \0", MODE_AT),
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

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ar archives: static libraries, Debian packages, the first ipk packages.
 *
 * Specifications: ar(5) of the BSDs; binutils "ar" for GNU's long names; deb(5).
 */
#include "base/work.h"
#include "format/format.h"
#include "format/path.h"
#include "format/region.h"

#define HEADER_SIZE 60u
#define GLOBAL_MAGIC "!<arch>\n"
#define THIN_MAGIC "!<thin>\n"
#define GLOBAL_SIZE 8u
#define SEARCH_MAX ((uint64_t)16 << 20) /* bytes in which the member behind a broken one is looked for */

struct member {
	uint64_t at, data, size, next;
	int64_t mtime, uid, gid, mode;
	struct text name; /* as the header has it, without trailing spaces */
};

static bool number_of(struct span field, unsigned base, int64_t *value)
{
	uint64_t v = 0;
	size_t n = field.n;
	while (n && field.p[n - 1] == ' ')
		n--;
	for (size_t i = 0; i < n; i++) {
		unsigned digit = (unsigned)field.p[i] - '0';
		if (digit >= base)
			return false;
		v = v * base + digit; /* at most 12 digits */
	}
	*value = n ? (int64_t)v : FACT_NULL;
	return field.n > 0;
}

static bool member_read(struct span bytes, uint64_t at, struct member *m)
{
	struct span header = span_sub(bytes, at, HEADER_SIZE);
	int64_t size;
	if (!span_has(header, 58, "`\n", 2) || !number_of(span_sub(header, 16, 12), 10, &m->mtime) ||
		!number_of(span_sub(header, 28, 6), 10, &m->uid) || !number_of(span_sub(header, 34, 6), 10, &m->gid) ||
		!number_of(span_sub(header, 40, 8), 8, &m->mode) || !number_of(span_sub(header, 48, 10), 10, &size) ||
		size == FACT_NULL)
		return false;
	m->at = at;
	m->data = at + HEADER_SIZE;
	m->size = (uint64_t)size;
	m->next = m->data + m->size + (m->size & 1);
	m->name = text_of((const char *)header.p, 16);
	while (m->name.n && m->name.p[m->name.n - 1] == ' ')
		m->name.n--;
	return m->name.n > 0;
}

static bool has_archive(struct span within)
{
	return within.n >= GLOBAL_SIZE && (memmem(within.p, within.n, GLOBAL_MAGIC, GLOBAL_SIZE) ||
									   memmem(within.p, within.n, THIN_MAGIC, GLOBAL_SIZE));
}

/* The first member behind a place, unless an archive of its own begins before it. A header has 48 bytes of digits and spaces. */
static bool member_find(struct span bytes, uint64_t from, uint64_t to, struct member *m)
{
	struct span within = span_clip(bytes, from, to > from ? to - from : 0);
	work_add_summed(within.n);
	for (uint64_t at = 0; at + HEADER_SIZE <= within.n; at++) {
		const uint8_t *hit = memmem(within.p + at + 58, within.n - at - 58, "`\n", 2);
		if (!hit)
			return false;
		at = (uint64_t)(hit - within.p) - 58;
		if (member_read(bytes, from + at, m))
			return !has_archive(span_clip(within, 0, at));
	}
	return false;
}

/* Whether there stands what is left of a header: one byte in eight may be wrong, or its end be missing. An archive is none, though it
 * begins with as few bytes of its own before the first member's. */
static bool is_like_header(struct span bytes, uint64_t at)
{
	struct span header = span_clip(bytes, at, HEADER_SIZE);
	if (has_archive(span_clip(header, 0, GLOBAL_SIZE)))
		return false;
	size_t right = 0, digits = 0;
	for (size_t i = 16; i < header.n; i++) {
		bool digit = header.p[i] >= '0' && header.p[i] <= '9';
		digits += digit;
		right += digit || header.p[i] == (i == 58 ? '`' : i == 59 ? '\n' : ' ');
	}
	return header.n > 20 && header.p[0] > ' ' && header.p[0] < 0x7f && digits > 0 && right >= (header.n - 16) - (header.n - 16) / 8;
}

/* The member behind another one. Where a header can not be read it is the next that can; a size that is too large hides the members
 * that stand within it. */
static bool member_next(struct span bytes, const struct member *m, struct member *next)
{
	return member_read(bytes, m->next, next) || (m->size & 1 && member_read(bytes, m->next - 1, next)) ||
		   (m->next != bytes.n && member_find(bytes, m->data, m->next + SEARCH_MAX, next));
}

static bool ar_probe(struct span at, struct format_match *match)
{
	struct member m, next;
	if (!span_starts(at, GLOBAL_MAGIC, GLOBAL_SIZE) || !member_read(at, GLOBAL_SIZE, &m))
		return false;
	while (member_next(at, &m, &next))
		m = next;
	uint64_t end = m.next;
	/* The last member's padding byte may be missing: what stands there instead is the next one's. */
	match->size = m.size & 1 && !span_has(at, end - 1, "\n", 1) ? end - 1 : end;
	if (is_like_header(at, match->size))
		match->size += span_clip(at, match->size, HEADER_SIZE).n;
	match->confidence = 80;
	return true;
}

static bool deb_probe(struct span at, struct format_match *match)
{
	struct member m;
	if (!member_read(at, GLOBAL_SIZE, &m) || !text_starts(m.name, "debian-binary") || !ar_probe(at, match))
		return false;
	match->confidence = 90;
	return true;
}

/* GNU: "/" and where the name stands in the "//" member. */
static bool is_reference(struct text name)
{
	return name.n > 1 && name.p[0] == '/' && name.p[1] >= '0' && name.p[1] <= '9';
}

/* GNU: a name of the "//" member, from an offset to "/\n". */
static struct text long_name(struct span names, struct text reference)
{
	int64_t offset;
	if (!number_of(span_of(reference.p + 1, reference.n - 1), 10, &offset) || offset == FACT_NULL)
		return reference;
	struct span rest = span_clip(names, (uint64_t)offset, FACT_TEXT_MAX);
	const uint8_t *end = rest.n ? memchr(rest.p, '\n', rest.n) : NULL;
	size_t n = end ? (size_t)(end - rest.p) : rest.n;
	if (n && rest.p[n - 1] == '/')
		n--;
	return n ? text_of((const char *)rest.p, n) : reference;
}

/* BSD: "#1/" and the length of a name that precedes the data. */
static struct text bsd_name(struct span bytes, struct member *m)
{
	int64_t n;
	if (!number_of(span_of(m->name.p + 3, m->name.n - 3), 10, &n) || n == FACT_NULL || (uint64_t)n > m->size)
		return m->name;
	struct span name = span_clip(bytes, m->data, (uint64_t)n);
	m->data += (uint64_t)n;
	m->size -= (uint64_t)n;
	return text_until_nul(name);
}

static struct text name_of(struct span bytes, struct span names, struct member *m)
{
	if (text_starts(m->name, "#1/"))
		return bsd_name(bytes, m);
	if (text_starts(m->name, "/") && m->name.n > 1)
		return long_name(names, m->name);
	return text_ends(m->name, "/") ? text_of(m->name.p, m->name.n - 1) : m->name;
}

static bool is_symbol_table(struct text name)
{
	return text_is(name, "/") || text_is(name, "/SYM64/") || text_starts(name, "__.SYMDEF");
}

/* Tells what stands between a member and the next one that can be read, and shows what no member takes; of a member whose size is too
 * large only what is its. */
static bool cut_to_next(struct walk *w, struct span bytes, unsigned *damages, struct member *m, const struct member *next)
{
	if (next->at < m->next - (m->size & 1)) {
		emit_damage_capped(w->sink, damages, ERR_CORRUPT, m->at, "a member of %llu bytes, in which the next one stands after %llu",
						   (unsigned long long)m->size, (unsigned long long)(next->at - m->data));
		m->size = next->at - m->data;
	} else if (next->at > m->next) {
		emit_damage_capped(w->sink, damages, ERR_CORRUPT, m->next,
						   "a member's header was expected; the next one stands %llu bytes further on",
						   (unsigned long long)(next->at - m->next));
		uint64_t from = m->next + (is_like_header(bytes, m->next) ? HEADER_SIZE : 0);
		return next->at <= from || region_emit(w, "unread", bytes, from, next->at - from, NULL);
	}
	return true;
}

static bool show(struct walk *w, struct text path, struct span bytes, const struct member *m)
{
	struct entry e = entry_new(ENTRY_FILE, path);
	e.mtime = m->mtime;
	e.uid = m->uid;
	e.gid = m->gid;
	e.mode = m->mode == FACT_NULL ? FACT_NULL : m->mode & 07777;
	e.offset = m->data;
	e.size = m->size;
	e.content = (struct content){ .kind = CONTENT_SPAN, .bytes = span_clip(bytes, m->data, m->size) };
	return w->child(w, &e);
}

static struct error ar_walk(struct span bytes, struct walk *w)
{
	struct path_buffer path = { .arena = w->arena };
	struct span names = SPAN_NONE;
	struct member m = { .next = GLOBAL_SIZE }, next;
	bool more = member_read(bytes, GLOBAL_SIZE, &next);
	unsigned damages = 0;
	while (more) {
		m = next;
		more = member_next(bytes, &m, &next);
		if (more && !cut_to_next(w, bytes, &damages, &m, &next))
			return error_none();
		struct span data = span_clip(bytes, m.data, m.size);
		if (data.n < m.size)
			emit_damage_at(w->sink, ERR_TRUNCATED, m.data, "a member has %llu bytes, %zu are there",
						   (unsigned long long)m.size, data.n);
		if (text_is(m.name, "//"))
			names = data;
		if (text_is(m.name, "//") || is_symbol_table(m.name))
			continue;
		struct text name = path_from_root(&path, name_of(bytes, names, &m));
		if (!name.p)
			return error_at(ERR_BUDGET, m.at, "no memory left for names");
		if (!names.n && is_reference(m.name))
			emit_damage_capped(w->sink, &damages, ERR_CORRUPT, m.at, "a member's name stands in a table that is not there");
		if (!show(w, name, bytes, &m))
			return error_none();
	}
	emit_damage_further(w->sink, damages);
	if (m.next < bytes.n)
		return error_at(ERR_CORRUPT, m.next, "a member's header was expected");
	return error_none();
}

static const struct format_magic ar_magics[] = { MAGIC(GLOBAL_MAGIC, 0), MAGIC_END };
static const struct format_magic deb_magics[] = { MAGIC(GLOBAL_MAGIC "debian-binary", 0), MAGIC_END };

const struct format ar_format = {
	.name = "ar",
	.kind = FORMAT_ARCHIVE,
	.title = "ar archive, static library",
	.spec = "ar(5); GNU binutils",
	.magics = ar_magics,
	.probe = ar_probe,
	.walk = ar_walk,
};

const struct format deb_format = {
	.name = "deb",
	.kind = FORMAT_ARCHIVE,
	.title = "Debian package",
	.spec = "deb(5)",
	.magics = deb_magics,
	.probe = deb_probe,
	.walk = ar_walk,
};

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Headers of tar: which of their kinds one is, what it says of a member, and what pax records change of that. */
#include "format/tar.h"

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

struct text tar_string(struct span header, uint64_t at, uint64_t n)
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

bool tar_has_magic(struct span header)
{
	return span_has(header, TAR_MAGIC_AT, "ustar", 5);
}

/* POSIX' header, whose name may go on in the prefix: GNU's has times there. */
static bool is_posix(struct span header)
{
	return span_has(header, TAR_MAGIC_AT, "ustar", 6);
}

bool tar_header_verifies(struct span header)
{
	if (header.n < TAR_BLOCK || (!header.p[0] && (!is_posix(header) || !header.p[TAR_PREFIX_AT])))
		return false;
	uint32_t sum = 8 * ' ', high = 0; /* high: the characters that are negative when they are signed */
	sum_of(header.p, TAR_CHECKSUM_AT, &sum, &high);
	sum_of(header.p + TAR_CHECKSUM_AT + 8, TAR_BLOCK - TAR_CHECKSUM_AT - 8, &sum, &high);
	uint64_t stored = field(header, TAR_CHECKSUM_AT, 8);
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

bool tar_is_seventh_edition(struct span header)
{
	if (header.n < TAR_BLOCK || !header.p[0] || !strchr("0125", header.p[TAR_TYPE_AT]) || header.p[99] || header.p[256])
		return false;
	for (size_t i = TAR_MAGIC_AT; i < TAR_BLOCK; i++)
		if ((i < 329 || i >= TAR_PREFIX_AT) && header.p[i]) /* GNU tar leaves the numbers of a device there */
			return false;
	return is_octal_field(header, 100, 8, 1) && is_octal_field(header, 108, 8, 1) &&
		   is_octal_field(header, 116, 8, 1) && is_octal_field(header, 124, 12, 1) &&
		   is_octal_field(header, 136, 12, 1) && is_octal_field(header, TAR_CHECKSUM_AT, 8, 3) &&
		   is_octal_field(header, 329, 8, 0) && is_octal_field(header, 337, 8, 0);
}

bool tar_is_old_star(struct span header)
{
	if (header.n < TAR_BLOCK || !header.p[0] || !strchr("012345", header.p[TAR_TYPE_AT]) || header.p[99] || !span_has(header, 508, "tar", 4))
		return false;
	return is_octal_field(header, 100, 8, 1) && is_octal_field(header, 108, 8, 1) && is_octal_field(header, 116, 8, 1) &&
		   is_octal_field(header, 124, 12, 1) && is_octal_field(header, 136, 12, 1) && is_octal_field(header, TAR_CHECKSUM_AT, 8, 3);
}

bool tar_has_prefix(struct span header)
{
	return is_posix(header) || tar_is_old_star(header);
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

void tar_apply_pax(struct tar_member *m)
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

void tar_take_header(struct tar_member *m, struct span header)
{
	m->header = header;
	m->type = header.p[TAR_TYPE_AT];
	m->posix = tar_has_prefix(header);
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
	struct text path = m->path.p ? m->path : tar_string(m->header, 0, 100);
	bool old_directory = (m->type == '0' || m->type == '\0') && text_ends(path, "/"); /* whose size means nothing */
	if (m->type == '1' || old_directory)
		return !tar_header_verifies(span_sub(bytes, m->at + TAR_BLOCK, TAR_BLOCK));
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

void tar_place_data(struct span bytes, struct tar_member *m)
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

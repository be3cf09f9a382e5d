/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Self-extracting archives of makeself: a shell script of so many lines, then archives of the sizes that it names, with a POSIX checksum,
 * an MD5 and a SHA-256 each.
 *
 * Specification: makeself 2.4.5 and 2.1.5, makeself-header.sh (MS_Check, --dumpconf).
 */
#include <stdio.h>

#include "format/region.h"
#include "format/text_line.h"
#include "format/wrapper.h"

#define MARK "# This script was generated using Makeself"
#define SHEBANG_MAX 64u
#define SCRIPT_MAX (1u << 20) /* a licence may be in it */
#define LINES_MAX 65536u
#define ARCHIVES_MAX 256u

/* What follows `NAME="` at the beginning of a line, up to the quote. */
static struct text value_of(struct span script, const char *name)
{
	const uint8_t *p = script.n ? memmem(script.p, script.n, name, strlen(name)) : NULL;
	struct span rest = p ? span_from(script, (uint64_t)(p - script.p) + strlen(name)) : SPAN_NONE;
	const uint8_t *end = rest.n ? memchr(rest.p, '"', rest.n) : NULL;
	return end ? text_of((const char *)rest.p, (size_t)(end - rest.p)) : TEXT_NONE;
}

/* The next word of a list; it is taken off. */
static struct text next_word(struct text *list)
{
	size_t from = 0;
	if (!list->n)
		return TEXT_NONE;
	while (from < list->n && (list->p[from] == ' ' || list->p[from] == '\n'))
		from++;
	size_t to = from;
	while (to < list->n && list->p[to] != ' ' && list->p[to] != '\n')
		to++;
	struct text word = text_of(list->p + from, to - from);
	*list = text_of(list->p + to, list->n - to);
	return word;
}

static bool number(struct text t, uint64_t *v)
{
	*v = 0;
	for (size_t i = 0; i < t.n; i++)
		if (t.p[i] < '0' || t.p[i] > '9' || __builtin_mul_overflow(*v, 10, v) || __builtin_add_overflow(*v, (unsigned)t.p[i] - '0', v))
			return false;
	return t.n > 0;
}

/* Digits behind `word`. */
static uint64_t number_behind(struct span script, const char *word)
{
	const uint8_t *p = script.n ? memmem(script.p, script.n, word, strlen(word)) : NULL;
	uint64_t at = p ? (uint64_t)(p - script.p) + strlen(word) : script.n, v = 0;
	for (; at < script.n && script.p[at] >= '0' && script.p[at] <= '9' && v < LINES_MAX; at++)
		v = v * 10 + script.p[at] - '0';
	return v;
}

/* As far as the script may go: not into another one, so that of many marks each reads what stands before the next. */
static struct span head_of(struct span bytes)
{
	struct span head = span_clip(bytes, 0, SCRIPT_MAX), behind = span_from(head, SHEBANG_MAX + sizeof MARK);
	const uint8_t *next = behind.n ? memmem(behind.p, behind.n, MARK, sizeof MARK - 1) : NULL;
	return next ? span_clip(head, 0, (uint64_t)(next - head.p)) : head;
}

/* Where the archives begin: behind so many lines, which `skip` tells since 2.4, and the command that counts them before that. */
static uint64_t script_end(struct span bytes)
{
	struct span head = head_of(bytes);
	struct text line;
	uint64_t at = 0, lines = number_behind(head, "\nskip=\""), n = 0;
	lines = lines ? lines : number_behind(head, "offset=`head -n ");
	while (n < lines && text_line_next(head, &at, &line))
		n++;
	return lines && lines <= LINES_MAX && n == lines ? at : 0;
}

static bool makeself_locate(struct span all, uint64_t hit, uint64_t *start)
{
	uint64_t at = hit;
	while (at && hit - at < SHEBANG_MAX && !span_has(all, at, "#!", 2))
		at--;
	*start = at;
	return span_has(all, at, "#!", 2);
}

/* Something stands behind the script: by itself it is one like any other. */
static bool makeself_probe(struct span at, struct format_match *match)
{
	struct span first = span_clip(at, 0, SHEBANG_MAX + sizeof MARK);
	if (!span_starts(at, "#!", 2) || !memmem(first.p, first.n, MARK, sizeof MARK - 1))
		return false;
	uint64_t end = script_end(at), size;
	bool is_text = end && !memchr(at.p, 0, (size_t)end);
	struct text sizes = is_text && at.n > end ? value_of(span_sub(at, 0, end), "\nfilesizes=\"") : TEXT_NONE;
	match->size = match->text = end;
	match->confidence = 90;
	for (unsigned n = 0; n < ARCHIVES_MAX; n++) {
		struct text word = next_word(&sizes);
		if (!word.n)
			return n > 0;
		if (!number(word, &size) || __builtin_add_overflow(match->size, size, &match->size))
			return false;
	}
	return true;
}

/* cksum of POSIX: a CRC of the bytes and of their number. */
static uint32_t posix_cksum(struct span s)
{
	uint32_t table[256], crc = 0;
	for (uint32_t i = 0; i < 256; i++) {
		table[i] = i << 24;
		for (unsigned bit = 0; bit < 8; bit++)
			table[i] = table[i] << 1 ^ (table[i] >> 31 ? 0x04c11db7u : 0);
	}
	for (size_t i = 0; i < s.n; i++)
		crc = crc << 8 ^ table[crc >> 24 ^ s.p[i]];
	for (size_t n = s.n; n; n >>= 8)
		crc = crc << 8 ^ table[crc >> 24 ^ (n & 0xff)];
	return ~crc;
}

static bool is_all_zeros(struct text t)
{
	for (size_t i = 0; i < t.n; i++)
		if (t.p[i] != '0')
			return false;
	return true;
}

static void field_of(struct walk *w, struct span script, const char *variable, const char *name)
{
	struct text value = value_of(script, variable);
	if (value.n)
		emit_header(w->sink, &(struct fact_header){ (value.p - (const char *)script.p), text_c(name), value });
}

struct sums {
	struct text crc, md5, sha;
};

static void check_archive(struct walk *w, struct span archive, uint64_t at, bool whole, struct sums *left)
{
	struct text crc = next_word(&left->crc), md5 = next_word(&left->md5), sha = next_word(&left->sha);
	uint64_t declared;
	if (!is_all_zeros(crc) && number(crc, &declared))
		wrapper_check(w, at, "cksum", whole, whole && declared == posix_cksum(archive));
	if (!is_all_zeros(md5))
		wrapper_check(w, at, "MD5", whole, whole && digest_matches_hex(DIGEST_MD5, archive, md5));
	if (!is_all_zeros(sha))
		wrapper_check(w, at, "SHA-256", whole, whole && digest_matches_hex(DIGEST_SHA256, archive, sha));
}

static void describe(struct walk *w, struct span script)
{
	field_of(w, script, "\nlabel=\"", "label");
	field_of(w, script, "\nscript=\"", "script");
	field_of(w, script, "\ntargetdir=\"", "target directory");
	field_of(w, script, "\ndecrypt_cmd=\"", "decrypted by");
	if (value_of(script, "\nSIGNATURE=\"").n)
		emit_header_field(w->sink, 0, "signature", "OpenPGP, not verified");
}

static struct error makeself_walk(struct span bytes, struct walk *w)
{
	uint64_t at = script_end(bytes), size;
	struct span script = span_sub(bytes, 0, at);
	struct sums left = { value_of(script, "\nCRCsum=\""), value_of(script, "\nMD5=\""), value_of(script, "\nSHA=\"") };
	struct text sizes = value_of(script, "\nfilesizes=\"");
	if (!at)
		return error_at(ERR_TRUNCATED, bytes.n, "the script ends before its last line");
	describe(w, script);
	if (!w->in_text && !region_emit(w, "script.sh", bytes, 0, at, NULL))
		return error_none();
	for (unsigned n = 1; number(next_word(&sizes), &size); n++) {
		char name[32];
		if (n > ARCHIVES_MAX)
			return error_at(ERR_BUDGET, at, "more than %u archives", ARCHIVES_MAX);
		struct span archive = span_clip(bytes, at, size);
		snprintf(name, sizeof name, "archive-%u", n);
		check_archive(w, archive, at, archive.n == size, &left);
		if (!region_emit(w, name, bytes, at, size, NULL) || __builtin_add_overflow(at, size, &at))
			break;
	}
	return error_none();
}

static const struct format_magic makeself_magics[] = { MAGIC(MARK, 0), MAGIC_END };

const struct format makeself_format = {
	.name = "makeself",
	.kind = FORMAT_CONTAINER,
	.title = "makeself self-extracting archive",
	.spec = "makeself 2.4.5, makeself-header.sh",
	.magics = makeself_magics,
	.probe = makeself_probe,
	.walk = makeself_walk,
	.locate = makeself_locate,
	.at_start = true,
	.own_bytes = true,
	.as_text = true,
};

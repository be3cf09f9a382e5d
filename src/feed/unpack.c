/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Packed feeds, through libarchive (but for gzip, whose checksums it does not look at): compressed documents, and archives of them: tar,
 * packed or not (POSIX.1-2017, pax, "ustar Interchange Format"), as Red Hat and SUSE publish their CSAF documents, and zip read from
 * front to back as a stream (the central directory is not needed: PKWARE APPNOTE 6.3, sections 4.3.7 to 4.3.9). A zip in a zip is one
 * more turn: the CVE program publishes its whole list so. */
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "feed/gunzip.h"
#include "feed/parse.h"

#define CHUNK ((size_t)64 << 10)
#define NESTED_MAX 4u
#define RATIO_MAX 250u                  /* real feeds stay below 40 */
#define RATIO_FROM ((uint64_t)64 << 20) /* what may be unpacked whatever the ratio */
#define TAR_MAGIC_AT 257u
#define UNPACKED_MAX ((uint64_t)64 << 30)
#define MEMBERS_MAX 4000000u

/* A stream of which the first bytes were looked at. */
struct packed {
	struct feed_parser *parser;
	json_pull_read read;
	void *context;
	uint8_t first[TAR_MAGIC_AT + 5];
	size_t nfirst, given;
	struct error error; /* of read */
	uint8_t chunk[CHUNK];
	uint64_t in, out, zeros; /* zeros: at the end of what was read */
	struct archive *archive;
	struct gunzip *gzip;
	unsigned nested;
};

static struct error parse(struct feed_parser *p, const char *name, json_pull_read read, void *context, unsigned nested);

static struct error read_packed(void *context, uint8_t *into, size_t n, size_t *got)
{
	struct packed *u = context;
	size_t left = u->nfirst - u->given;
	if (!left)
		return u->read(u->context, into, n, got);
	*got = left < n ? left : n;
	memcpy(into, u->first + u->given, *got);
	u->given += *got;
	return error_none();
}

static la_ssize_t on_read(struct archive *a, void *context, const void **bytes)
{
	struct packed *u = context;
	size_t got = 0;
	u->error = read_packed(u, u->chunk, sizeof u->chunk, &got);
	if (error_is(&u->error)) {
		archive_set_error(a, EIO, "%s", u->error.text);
		return -1;
	}
	size_t zeros = 0;
	while (zeros < got && u->chunk[got - 1 - zeros] == 0)
		zeros++;
	u->zeros = zeros == got ? u->zeros + got : zeros;
	u->in += got;
	*bytes = u->chunk;
	return (la_ssize_t)got;
}

static struct error archive_fault(struct packed *u)
{
	const char *words = archive_error_string(u->archive);
	if (error_is(&u->error))
		return u->error;
	return error_at(ERR_CORRUPT, u->in, "byte %llu of the packed file: %s", (unsigned long long)u->in,
					words ? words : "it can not be unpacked");
}

/* More bytes that were unpacked: an error where they are too many. */
static struct error count(struct packed *u, size_t n)
{
	u->out += n;
	if (u->out > UNPACKED_MAX || (u->out > RATIO_FROM && u->out / RATIO_MAX > u->in))
		return error_at(ERR_BUDGET, u->in, "byte %llu of the packed file: it unpacks to more than %u times its size",
						(unsigned long long)u->in, RATIO_MAX);
	return error_none();
}

/* json_pull_read over the current member. */
static struct error read_member(void *context, uint8_t *into, size_t n, size_t *got)
{
	struct packed *u = context;
	la_ssize_t r = archive_read_data(u->archive, into, n);
	*got = r > 0 ? (size_t)r : 0;
	if (r < 0)
		return archive_fault(u);
	return count(u, *got);
}

static struct error parse_member(struct packed *u, const char *name, struct archive_entry *entry)
{
	const char *path = archive_entry_pathname(entry);
	char inner[400];
	if (archive_format(u->archive) == ARCHIVE_FORMAT_RAW)
		return parse(u->parser, name, read_member, u, u->nested + 1);
	if (archive_entry_filetype(entry) != AE_IFREG || archive_entry_hardlink(entry))
		return error_none();
	snprintf(inner, sizeof inner, "%s", path ? path : "?");
	struct error e = parse(u->parser, inner, read_member, u, u->nested + 1);
	return error_is(&e) ? error_at(e.code, e.offset, "%.60s: %s", inner, e.text) : e;
}

/* A tar ends with two blocks of zeros (POSIX.1-2017, pax, "ustar Interchange Format"): without the first it is cut off between two
 * members. Of what is packed around it the packing tells. */
static struct error tar_end(struct packed *u)
{
	bool tar = (archive_format(u->archive) & ARCHIVE_FORMAT_BASE_MASK) == ARCHIVE_FORMAT_TAR;
	if (!tar || archive_filter_count(u->archive) > 1 || u->zeros >= 512)
		return error_none();
	return error_at(ERR_CORRUPT, u->in, "byte %llu of the packed file: the tar archive has no end", (unsigned long long)u->in);
}

static struct error parse_archive(struct packed *u, const char *name)
{
	struct archive_entry *entry;
	for (uint64_t members = 0;; members++) {
		errno = 0; /* as in format/archive.c: libarchive exits where it finds an ENOMEM of before */
		int r = archive_read_next_header(u->archive, &entry);
		if (r == ARCHIVE_EOF)
			return tar_end(u);
		if (r < ARCHIVE_WARN)
			return archive_fault(u);
		if (members > MEMBERS_MAX)
			return error_at(ERR_BUDGET, u->in, "the archive has more than %u members", MEMBERS_MAX);
		struct error e = parse_member(u, name, entry);
		if (error_is(&e))
			return e;
	}
}

static struct error unpack(struct packed *u, const char *name, bool zip)
{
	u->archive = archive_read_new();
	if (!u->archive)
		return error_at(ERR_MEMORY, 0, "no memory to unpack");
	archive_read_support_filter_xz(u->archive);
	archive_read_support_filter_zstd(u->archive);
	archive_read_support_filter_bzip2(u->archive);
	if (zip) {
		archive_read_support_format_zip_streamable(u->archive);
	} else {
		archive_read_support_format_tar(u->archive);
		archive_read_support_format_raw(u->archive);
	}
	struct error e = archive_read_open(u->archive, u, NULL, on_read, NULL) == ARCHIVE_OK ? parse_archive(u, name)
																						 : archive_fault(u);
	archive_read_free(u->archive);
	return e;
}

/* json_pull_read over what gzip unpacks. */
static struct error read_gzip(void *context, uint8_t *into, size_t n, size_t *got)
{
	struct packed *u = context;
	struct error e = gunzip_read(u->gzip, into, n, got);
	u->in = gunzip_in(u->gzip);
	return error_is(&e) ? e : count(u, *got);
}

static struct error unpack_gzip(struct packed *u, const char *name)
{
	u->gzip = gunzip_new(read_packed, u);
	if (!u->gzip)
		return error_at(ERR_MEMORY, 0, "no memory to unpack");
	struct error e = parse(u->parser, name, read_gzip, u, u->nested + 1);
	uint8_t rest[512];
	size_t got = 1;
	while (!error_is(&e) && got) /* behind the end of a tar is that of the stream, and its checksum */
		e = read_gzip(u, rest, sizeof rest, &got);
	gunzip_free(u->gzip);
	return e;
}

static bool is_compressed(struct span s)
{
	return span_starts(s,
					   "\xfd"
					   "7zXZ",
					   6) ||
		   span_starts(s, "\x28\xb5\x2f\xfd", 4) || span_starts(s, "BZh", 3);
}

static struct error parse(struct feed_parser *p, const char *name, json_pull_read read, void *context, unsigned nested)
{
	struct packed *u = calloc(1, sizeof *u);
	size_t got = 1;
	struct error e = error_none();
	if (!u)
		return error_at(ERR_MEMORY, 0, "no memory to unpack");
	u->parser = p;
	u->read = read;
	u->context = context;
	u->nested = nested;
	while (!error_is(&e) && got && u->nfirst < sizeof u->first) {
		e = read(context, u->first + u->nfirst, sizeof u->first - u->nfirst, &got);
		u->nfirst += got;
	}
	struct span first = span_of(u->first, u->nfirst);
	bool zip = span_starts(first, "PK\3\4", 4), gzip = span_starts(first, "\x1f\x8b", 2);
	bool tar = span_has(first, TAR_MAGIC_AT, "ustar", 5);
	if (!error_is(&e)) {
		if (!zip && !tar && !gzip && !is_compressed(first))
			e = feed_parse_document(p, name, read_packed, u);
		else if (nested >= NESTED_MAX)
			e = error_at(ERR_BUDGET, 0, "archives are nested deeper than %u", NESTED_MAX);
		else
			e = gzip ? unpack_gzip(u, name) : unpack(u, name, zip);
	}
	free(u);
	return e;
}

struct error feed_parse(struct feed_parser *p, const char *name, json_pull_read read, void *context)
{
	return parse(p, name, read, context, 0);
}

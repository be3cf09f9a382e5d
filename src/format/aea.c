/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Apple Encrypted Archive: an archive or an image in segments, which are packed, and mostly enciphered. Those that are signed only are
 * opened.
 *
 * Specification: github.com/kinnay/AEA FORMAT.md.
 */
#include "format/apple_codec.h"
#include "format/region.h"

#define HEADER 12u
#define MAC 32u
#define SIGNATURE 128u
#define ROOT 48u
#define AUTH_MAX (1u << 20)
#define PROFILES 6u

struct archive {
	struct span bytes;
	unsigned profile;
	uint32_t auth;
	uint64_t root; /* where the root header is, of one that is signed only */
	uint64_t size, end;
	uint32_t segment, segments;
	enum apple_codec codec;
	unsigned checksum; /* bytes behind the sizes of a segment */
};

static bool root_read(struct archive *a)
{
	static const unsigned checksums[] = { 0, 8, 32 };
	a->root = HEADER + (uint64_t)a->auth + SIGNATURE + 3 * MAC;
	struct span root = span_sub(a->bytes, a->root, ROOT);
	a->size = span_u64le(root, 0);
	a->end = span_u64le(root, 8);
	a->segment = span_u32le(root, 16);
	a->segments = span_u32le(root, 20);
	if (!root.p || a->segment < 1024 || a->segment > 1u << 30 || a->segments < 1 || a->segments > 65536 || root.p[25] > 2 ||
		!span_is_zero(span_sub(root, 26, 6)))
		return false;
	a->codec = apple_codec_of((char)root.p[24]);
	a->checksum = checksums[root.p[25]];
	return a->codec != APPLE_UNKNOWN && a->size <= INT64_MAX && a->end <= INT64_MAX && a->end > a->root;
}

/* Auth data are mostly texts, each behind its size. */
static bool is_auth(struct span auth, uint32_t told)
{
	uint32_t first = span_u32le(auth, 0);
	return told == 0 || span_starts(auth, "bplist", 6) || span_starts(auth, "<?xml", 5) || span_starts(auth, "AA01", 4) ||
		   (first >= 2 && first <= told - 4 && auth.n > 4 && auth.p[4] > ' ' && auth.p[4] < 0x7f);
}

static bool archive_read(struct span at, struct archive *a)
{
	*a = (struct archive){ .bytes = at, .profile = span_u32le(at, 4) & 0xffffff, .auth = span_u32le(at, 8) };
	return span_starts(at, "AEA1", 4) && at.n > HEADER && a->profile < PROFILES && (a->profile == 5 || at.p[7] == 0) &&
		   a->auth <= AUTH_MAX && is_auth(span_from(at, HEADER), a->auth);
}

static bool aea_probe(struct span at, struct format_match *match)
{
	struct archive a;
	if (!archive_read(at, &a) || a.profile != 0 || !root_read(&a))
		return false;
	match->size = a.end;
	match->confidence = 80;
	return true;
}

/* Where one ends that is enciphered is enciphered, too: it is told where it is a blob by itself. */
static bool aea_probe_whole(struct span all, struct format_match *match)
{
	struct archive a;
	match->size = all.n;
	match->confidence = 80;
	return archive_read(all, &a) && a.profile != 0;
}

/* Where the last segment ends. The archive may say that it goes on behind it. */
static uint64_t segments_end(const struct archive *a)
{
	uint64_t header = 8 + (uint64_t)a->checksum, at = a->root + ROOT + MAC, done = 0;
	while (done < a->size) {
		uint64_t table = at, before = done;
		at += a->segments * (header + MAC) + MAC;
		for (uint32_t i = 0; i < a->segments && done < a->size; i++) {
			struct span told = span_sub(a->bytes, table + i * header, header);
			done += span_u32le(told, 0);
			at += span_u32le(told, 4);
		}
		if (done == before)
			break;
	}
	return at;
}

/* Clusters: the headers of the segments, a MAC, MACs of the segments, segments. Those that are not used are zero. */
static struct error unpack(const void *fs, const void *file, struct buf *out)
{
	const struct archive *a = file;
	uint64_t header = 8 + (uint64_t)a->checksum, at = a->root + ROOT + MAC, done = 0;
	(void)fs;
	while (done < a->size) {
		uint64_t table = at, before = done;
		at += a->segments * (header + MAC) + MAC;
		for (uint32_t i = 0; i < a->segments && done < a->size; i++) {
			struct span told = span_sub(a->bytes, table + i * header, header);
			uint32_t n = span_u32le(told, 0), packed = span_u32le(told, 4);
			struct span in = span_sub(a->bytes, at, packed);
			if (!told.p || !in.p)
				return error_at(ERR_TRUNCATED, a->bytes.n, "a segment is cut off");
			if (n == 0 || n > a->segment || n > a->size - done)
				return error_at(ERR_CORRUPT, table + i * header, "a segment of %lu bytes", (unsigned long)n);
			enum error_code code = buf_reserve(out, n);
			if (code)
				return error_at(code, at, "more bytes than are unpacked of one archive");
			struct error e = apple_unpack(n == packed ? APPLE_STORED : a->codec, in, out->p + out->n, n);
			e.offset = at;
			if (error_is(&e))
				return e;
			out->n += n;
			done += n;
			at += packed;
		}
		if (done == before)
			return error_at(ERR_CORRUPT, table, "a cluster without segments");
	}
	return error_none();
}

static struct error aea_walk(struct span bytes, struct walk *w)
{
	static const char *const profiles[PROFILES] = {
		"hkdf_sha256_hmac__none__ecdsa_p256",
		"hkdf_sha256_aesctr_hmac__symmetric__none",
		"hkdf_sha256_aesctr_hmac__symmetric__ecdsa_p256",
		"hkdf_sha256_aesctr_hmac__ecdhe_p256__none",
		"hkdf_sha256_aesctr_hmac__ecdhe_p256__ecdsa_p256",
		"hkdf_sha256_aesctr_hmac__scrypt__none",
	};
	static const struct content_ops ops = { .unpack = unpack };
	struct archive *a = ARENA_NEW(w->arena, struct archive);
	if (!a)
		return error_at(ERR_BUDGET, 0, "no memory for the header");
	if (!archive_read(bytes, a))
		return error_at(ERR_CORRUPT, 0, "no header of an Apple Encrypted Archive");
	emit_header_field(w->sink, 4, "profile", "%s", profiles[a->profile]);
	if (a->auth && !region_emit(w, "auth_data", bytes, HEADER, a->auth, NULL))
		return error_none();
	if (a->profile != 0)
		return error_at(ERR_ENCRYPTED, HEADER + (uint64_t)a->auth, "the archive is encrypted (profile %u), and the key is not here", a->profile);
	if (!root_read(a))
		return error_at(ERR_CORRUPT, HEADER + (uint64_t)a->auth, "the root header is damaged, or cut off");
	emit_header_field(w->sink, a->root + 24, "compression", "%s", apple_codec_name(a->codec));
	struct content content = { .kind = CONTENT_STREAM, .ops = &ops, .file = a };
	uint64_t end = segments_end(a);
	if (a->size && !region_emit_content(w, "archive", a->size, content, NULL))
		return error_none();
	if (end < bytes.n)
		(void)region_emit(w, "more", bytes, end, bytes.n - end, NULL);
	return error_none();
}

static const struct format_magic magics[] = { MAGIC("AEA1\0\0\0", 0), MAGIC("AEA1\1\0\0", 0), MAGIC("AEA1\2\0\0", 0), MAGIC("AEA1\3\0\0", 0),
											  MAGIC("AEA1\4\0\0", 0), MAGIC("AEA1\5\0\0", 0), MAGIC_END };

const struct format aea_format = {
	.name = "aea",
	.kind = FORMAT_CONTAINER,
	.title = "Apple Encrypted Archive",
	.spec = "https://github.com/kinnay/AEA/blob/main/FORMAT.md",
	.magics = magics,
	.probe = aea_probe,
	.probe_whole = aea_probe_whole,
	.walk = aea_walk,
	.own_bytes = true,
};

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Mender artefacts: a tar archive of a version, a manifest with the SHA-256 of all that is in it, a header and payloads, the
 * latter two as compressed tar archives of their own.
 *
 * Specification: mender-artifact, Documentation/artifact-format-v3.md.
 */
#include <stdio.h>

#include "base/codec.h"
#include "base/settings.h"
#include "format/members.h"
#include "format/signature.h"

#define VERSION_MAX 1024u
#define MANIFEST_MAX (1u << 20)
#define HEADER_MAX (16u << 20)
/* What payloads may unpack to in all, and how many of them: the manifest could name them over and over. */
#define PAYLOADS_MAX 64u
#define PAYLOAD_BYTES_MAX ((size_t)256 << 20)
#define LINES_MAX 1024u
#define VERSION_DATA 512u

extern const struct format tar_format;

static bool mender_probe(struct span at, struct format_match *match)
{
	struct span version = span_clip(at, VERSION_DATA, 128);
	if (!span_has(at, 0, "version\0", 8) || !version.n || version.p[0] != '{' ||
		!memmem(version.p, version.n, "\"mender\"", 8) || !tar_format.probe(at, match))
		return false;
	match->confidence = 95; /* above that of tar */
	return true;
}

struct artefact {
	struct walk *w;
	struct members members;
	unsigned depth, fields;
	struct text keys[SETTINGS_DEPTH + 1];
	uint64_t at;
};

/* Decompresses a part by what its name ends with; the caller frees it. */
static bool unpack_part(struct span packed, struct text name, size_t max, struct buf *out)
{
	static const struct {
		const char *ending;
		enum codec codec;
	} codecs[] = { { ".gz", CODEC_GZIP }, { ".xz", CODEC_XZ }, { ".zst", CODEC_ZSTD }, { ".lzma", CODEC_LZMA } };
	size_t used;
	*out = buf_with_limit(max);
	for (size_t i = 0; i < sizeof codecs / sizeof codecs[0]; i++)
		if (text_ends(name, codecs[i].ending)) {
			struct error e = codec_stream(codecs[i].codec, packed, out, &used);
			return !error_is(&e);
		}
	return buf_add(out, packed.p, packed.n) == ERR_NONE;
}

static bool ignore_child(struct walk *w, const struct entry *e)
{
	(void)w;
	(void)e;
	return true;
}

static void ignore_fact(struct sink *sink, enum fact_type type, const void *row)
{
	(void)sink;
	(void)type;
	(void)row;
}

/* The members of a part, as if nobody watched: they are looked at in their turn. */
static bool list_part(struct artefact *a, struct span tar, struct members *m)
{
	struct sink quiet = { ignore_fact };
	struct walk w = { a->w->arena, &quiet, a->w->depth + 1, ignore_child };
	struct format_match match;
	if (!tar_format.probe(tar, &match))
		return false;
	struct error e = members_walk(&tar_format, tar, &w, m);
	return !error_is(&e);
}

static void take_header_event(void *self, enum settings_event event, unsigned depth, struct text key, struct text value)
{
	static const char *const fields[] = { "artifact_name", "device_type", "artifact_group", "type",
										  "device_types_compatible" };
	struct artefact *a = self;
	if (event == SETTINGS_OPEN)
		a->keys[depth] = key;
	if (event != SETTINGS_VALUE)
		return;
	if (!key.p && depth)
		key = a->keys[depth - 1];
	for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
		if (text_is(key, fields[i]) && a->fields++ < 64)
			emit_header(a->w->sink, &(struct fact_header){
										(int64_t)a->at,
										text_c(strcmp(fields[i], "type") == 0 ? "payload_type" : fields[i]), value });
}

static void describe_header(struct artefact *a, struct span packed, struct text name, uint64_t at)
{
	struct buf out;
	struct members m;
	if (unpack_part(packed, name, HEADER_MAX, &out) && list_part(a, buf_span(&out), &m)) {
		struct member_seen *info = members_find(&m, TEXT_LIT("/header-info"));
		struct span text = info ? members_content(info, a->w->arena, MANIFEST_MAX) : SPAN_NONE;
		a->at = at;
		if (text.p && !settings_parse(text_from_span(text), take_header_event, a))
			emit_damage_at(a->w->sink, ERR_CORRUPT, at, "header-info is malformed");
	}
	buf_free(&out);
}

/* A payload's file lies in data/NNNN.tar with the ending of its compression. */
static struct member_seen *payload_archive(const struct artefact *a, struct text name)
{
	struct text number = text_of(name.p + 5, 4);
	for (size_t i = 0; i < a->members.n; i++) {
		struct text path = a->members.v[i].path;
		if (text_starts(path, "/data/") && path.n > 10 && memcmp(path.p + 6, number.p, 4) == 0 &&
			text_starts(text_of(path.p + 10, path.n - 10), ".tar"))
			return &a->members.v[i];
	}
	return NULL;
}

/* Of payloads one is kept unpacked at a time: the manifest names them in their order. */
struct payloads {
	const struct member_seen *archive;
	struct members members;
	struct buf bytes;
	bool read;
	unsigned unpacked;
	size_t left;
};

static const char *check_payload(struct artefact *a, struct payloads *p, struct text name, struct text hex)
{
	struct member_seen *archive = name.n > 10 ? payload_archive(a, name) : NULL;
	if (!archive || archive->content.kind != CONTENT_SPAN)
		return "missing";
	if (p->archive != archive) {
		buf_free(&p->bytes);
		p->archive = archive;
		p->read = p->unpacked++ < PAYLOADS_MAX && p->left > 0 &&
				  unpack_part(archive->content.bytes, archive->path, p->left, &p->bytes) &&
				  list_part(a, buf_span(&p->bytes), &p->members);
		p->left -= p->bytes.n < p->left ? p->bytes.n : p->left;
	}
	if (!p->read)
		return "not checked";
	char path[300];
	int n = snprintf(path, sizeof path, "/%.*s", (int)(name.n - 10), name.p + 10);
	struct member_seen *file =
		n > 0 && (size_t)n < sizeof path ? members_find(&p->members, text_of(path, (size_t)n)) : NULL;
	return !file                                ? "missing"
		   : file->content.kind != CONTENT_SPAN ? "not checked"
		   : members_sha256_is(file, hex)       ? "ok"
												: "mismatch";
}

static void check_line(struct artefact *a, struct payloads *p, struct text hex, struct text name)
{
	char path[300];
	int n = snprintf(path, sizeof path, "/%.*s", (int)(name.n < 280 ? name.n : 280), name.p);
	struct member_seen *member = members_find(&a->members, text_of(path, (size_t)n));
	const char *result;
	if (text_starts(name, "data/"))
		result = check_payload(a, p, name, hex);
	else
		result = !member ? "missing" : members_sha256_is(member, hex) ? "ok" : "mismatch";
	emit_header_field(a->w->sink, a->at, "sha256", "%s: %s", path + 1, result);
	if (strcmp(result, "mismatch") == 0)
		emit_damage_at(a->w->sink, ERR_CORRUPT, a->at, "%.100s does not have the SHA-256 that the manifest says",
					   path + 1);
	else if (strcmp(result, "missing") == 0 && a->members.n < MEMBERS_MAX)
		emit_damage_at(a->w->sink, ERR_TRUNCATED, a->at, "the manifest names %.100s, which is not there", path + 1);
	if (member && text_starts(name, "header.tar"))
		describe_header(a, member->content.bytes, name, member->offset);
}

/* Lines of a SHA-256 in hex, two blanks and a name. */
static void check_manifest(struct artefact *a, struct span manifest, uint64_t at)
{
	struct payloads p = { .left = PAYLOAD_BYTES_MAX };
	struct text rest = text_from_span(manifest);
	for (unsigned i = 0; rest.n && i < LINES_MAX; i++) {
		const char *end = memchr(rest.p, '\n', rest.n);
		struct text line = text_of(rest.p, end ? (size_t)(end - rest.p) : rest.n);
		rest = text_of(rest.p + line.n, rest.n - line.n);
		if (end)
			rest = text_of(rest.p + 1, rest.n - 1);
		a->at = at;
		if (line.n > 66 && line.p[64] == ' ')
			check_line(a, &p, text_of(line.p, 64), text_of(line.p + 66, line.n - 66));
		else if (line.n)
			emit_damage_at(a->w->sink, ERR_CORRUPT, at, "a line of the manifest is malformed");
	}
	buf_free(&p.bytes);
}

static void take_version_event(void *self, enum settings_event event, unsigned depth, struct text key,
							   struct text value)
{
	struct walk *w = self;
	if (event == SETTINGS_VALUE && depth == 1 && (text_is(key, "version") || text_is(key, "format")))
		emit_header(w->sink, &(struct fact_header){ VERSION_DATA, key, value });
}

static struct error mender_walk(struct span bytes, struct walk *w)
{
	struct artefact *a = ARENA_NEW(w->arena, struct artefact);
	if (!a)
		return tar_format.walk(bytes, w);
	a->w = w;
	struct error e = members_walk(&tar_format, bytes, w, &a->members);
	if (a->members.stopped)
		return e;
	struct member_seen *version = members_find(&a->members, TEXT_LIT("/version"));
	struct member_seen *manifest = members_find(&a->members, TEXT_LIT("/manifest"));
	struct member_seen *signature = members_find(&a->members, TEXT_LIT("/manifest.sig"));
	struct span text = version ? members_content(version, w->arena, VERSION_MAX) : SPAN_NONE;
	if (text.p && !settings_parse(text_from_span(text), take_version_event, w))
		emit_damage_at(w->sink, ERR_CORRUPT, VERSION_DATA, "the version is malformed");
	emit_header_field(w->sink, signature ? signature->offset : 0, "signature", "%s",
					  signature ? "manifest.sig" : "none");
	signature_report_plain(w->sink, signature ? signature->offset : 0, "mender", "manifest", NULL,
						   signature ? SIGNATURE_NO_KEY : SIGNATURE_ABSENT,
						   signature ? "the device has the key (ArtifactVerifyKey)"
									 : "the artifact has no manifest.sig");
	text = manifest ? members_content(manifest, w->arena, MANIFEST_MAX) : SPAN_NONE;
	if (text.p)
		check_manifest(a, text, manifest->offset);
	return e;
}

static const struct format_magic mender_magics[] = { MAGIC("version\0\0\0\0\0\0\0\0\0", 0), MAGIC_END };

const struct format mender_format = {
	.name = "mender",
	.kind = FORMAT_ARCHIVE,
	.title = "Mender artefact",
	.spec = "mender-artifact, artifact-format-v3.md",
	.magics = mender_magics,
	.probe = mender_probe,
	.walk = mender_walk,
};

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* RAUC bundles: a squashfs, perhaps the hash tree of dm-verity over it, a signature in CMS and its size. The manifest
 * is in the squashfs (plain) or in the signature (verity, crypt).
 *
 * Specification: RAUC documentation, "Reference: Bundle Formats"; RFC 5652 (CMS); Linux Documentation/admin-guide/
 * device-mapper/verity.rst.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/ascii.h"
#include "format/members.h"
#include "format/signature.h"

#define TRAILER 8u
#define SIGNATURE_MIN 64u
#define SIGNATURE_MAX (4u << 20)
#define MANIFEST_MAX (1u << 20)
#define BLOCK 4096u
#define DIGEST_SIZE 32u
#define LEVELS_MAX 8u
#define FIELDS_MAX 256u

extern const struct format squashfs_format;

enum { DER_SEQUENCE = 0x30, DER_OID = 6, DER_OCTETS = 4, DER_CONTEXT_0 = 0xa0 };

/* Takes a value of DER from *s; false when it is not whole. */
static bool der_next(struct span *s, uint8_t *tag, struct span *value)
{
	struct reader r = reader_be(*s);
	*tag = rd_u8(&r);
	uint64_t size = rd_u8(&r);
	if (size > 0x84 || size == 0x80)
		return false;
	if (size > 0x80)
		size = rd_uint(&r, (unsigned)(size - 0x80));
	*value = rd_bytes(&r, size);
	if (rd_ok(&r))
		*s = span_from(*s, r.at);
	return rd_ok(&r);
}

/* The value of the next one, which must have that tag. */
static bool der_expect(struct span *s, uint8_t tag, struct span *value)
{
	uint8_t found;
	return der_next(s, &found, value) && found == tag;
}

struct bundle {
	struct span signature;
	uint64_t signature_at; /* where the contents end */
	bool enveloped;        /* the signature itself is encrypted to its readers */
};

/* SEQUENCE { OID pkcs7-signedData or pkcs7-envelopedData ... } */
static bool signature_read(struct span bytes, struct bundle *b)
{
	if (bytes.n < TRAILER + SIGNATURE_MIN)
		return false;
	struct reader r = reader_be(span_from(bytes, bytes.n - TRAILER));
	uint64_t size = rd_u64(&r);
	if (size < SIGNATURE_MIN || size > SIGNATURE_MAX || size > bytes.n - TRAILER)
		return false;
	b->signature_at = bytes.n - TRAILER - size;
	b->signature = span_sub(bytes, b->signature_at, size);
	struct span rest = b->signature, sequence, oid;
	if (!der_expect(&rest, DER_SEQUENCE, &sequence) || rest.n || !der_expect(&sequence, DER_OID, &oid))
		return false;
	b->enveloped = span_has(oid, 0, "\x2a\x86\x48\x86\xf7\x0d\1\7\3", 9);
	return b->enveloped || span_has(oid, 0, "\x2a\x86\x48\x86\xf7\x0d\1\7\2", 9);
}

/* The content that is encapsulated in the signature; false when it is detached. */
static bool encapsulated(struct span signature, struct span *content)
{
	struct span s, oid, data, digests;
	uint8_t tag;
	return der_expect(&signature, DER_SEQUENCE, &s) && der_expect(&s, DER_OID, &oid) &&
		   der_expect(&s, DER_CONTEXT_0, &data) && der_expect(&data, DER_SEQUENCE, &s) && der_next(&s, &tag, &oid) &&
		   der_next(&s, &tag, &digests) && der_expect(&s, DER_SEQUENCE, &data) && der_expect(&data, DER_OID, &oid) &&
		   der_expect(&data, DER_CONTEXT_0, &s) && der_expect(&s, DER_OCTETS, content);
}

static bool rauc_probe(struct span at, struct format_match *match)
{
	struct bundle b;
	struct span manifest;
	struct format_match inner;
	if (!signature_read(at, &b))
		return false;
	bool plain = squashfs_format.probe(at, &inner) && inner.size <= b.signature_at;
	bool crypt =
		!plain && b.signature_at % BLOCK == 0 &&
		(b.enveloped || (encapsulated(b.signature, &manifest) && memmem(manifest.p, manifest.n, "format=crypt", 12)));
	if (!plain && !crypt)
		return false;
	match->size = at.n;
	match->confidence = 96;
	return true;
}

#define BLANKS " \t\r"

struct manifest {
	struct text verity_hash, verity_salt, verity_size, format;
	bool crypt;
};

/* One "key=value" of a section: those of the bundle itself are kept, all that a reader may want are shown. */
static void take_setting(struct walk *w, struct manifest *m, struct text section, struct text key, struct text value,
						 uint64_t at)
{
	char name[160];
	if (text_is(section, "bundle")) {
		struct text *kept = text_is(key, "verity-hash")   ? &m->verity_hash
							: text_is(key, "verity-salt") ? &m->verity_salt
							: text_is(key, "verity-size") ? &m->verity_size
							: text_is(key, "format")      ? &m->format
														  : NULL;
		if (kept)
			*kept = value;
		m->crypt |= text_is(key, "crypt-key") || (text_is(key, "format") && text_is(value, "crypt"));
		if (text_is(key, "crypt-key"))
			return;
	}
	if (text_is(section, "update"))
		snprintf(name, sizeof name, "%.*s", (int)(key.n < 64 ? key.n : 64), key.p);
	else
		snprintf(name, sizeof name, "%.*s %.*s", (int)(section.n < 64 ? section.n : 64), section.n ? section.p : "",
				 (int)(key.n < 64 ? key.n : 64), key.p);
	emit_header(w->sink, &(struct fact_header){ (int64_t)at, text_c(name), value });
}

/* GLib's key files: sections in brackets, settings, comments. */
static void read_manifest(struct walk *w, struct manifest *m, struct span bytes, uint64_t at)
{
	struct text rest = text_from_span(bytes), section = TEXT_NONE, line;
	for (unsigned fields = 0; fields < FIELDS_MAX && text_take_line(&rest, &line);) {
		line = text_trim(line, BLANKS);
		const char *equals = line.n ? memchr(line.p, '=', line.n) : NULL;
		if (line.n > 2 && line.p[0] == '[' && line.p[line.n - 1] == ']') {
			section = text_of(line.p + 1, line.n - 2);
		} else if (equals && line.p[0] != '#') {
			size_t n = (size_t)(equals - line.p);
			take_setting(w, m, section, text_trim(text_of(line.p, n), BLANKS),
						 text_trim(text_of(equals + 1, line.n - n - 1), BLANKS), at);
			fields++;
		}
	}
}

static bool from_hex(struct text hex, uint8_t out[DIGEST_SIZE])
{
	if (hex.n != 2 * DIGEST_SIZE)
		return false;
	for (size_t i = 0; i < hex.n; i++) {
		int v = ascii_hex_value(hex.p[i]);
		if (v < 0)
			return false;
		out[i / 2] = (uint8_t)(i % 2 ? out[i / 2] | v : v << 4);
	}
	return true;
}

/* Whether each block of `below` has the digest that stands for it in `level`; the first that has not in *bad. */
static bool level_holds(struct span below, struct span level, struct span salt, uint64_t *bad)
{
	uint8_t digest[DIGEST_SIZE];
	for (uint64_t i = 0; i < below.n / BLOCK; i++) {
		digest_of_parts(DIGEST_SHA256, (struct span[]){ salt, span_sub(below, i * BLOCK, BLOCK) }, 2, digest);
		if (!span_has(level, i * DIGEST_SIZE, digest, DIGEST_SIZE)) {
			*bad = i;
			return false;
		}
	}
	return true;
}

/* The tree stands behind the data, its root first: each level's blocks hold the digests of the one below, padded. */
static const char *check_tree(struct span data, struct span tree, struct span root, struct span salt, uint64_t *bad)
{
	struct span levels[LEVELS_MAX], below = data;
	uint64_t blocks[LEVELS_MAX], at = 0;
	unsigned n = 0;
	for (uint64_t below_blocks = data.n / BLOCK; n == 0 || blocks[n - 1] > 1; below_blocks = blocks[n++]) {
		if (n == LEVELS_MAX)
			return "not checked";
		blocks[n] = (below_blocks + BLOCK / DIGEST_SIZE - 1) / (BLOCK / DIGEST_SIZE);
	}
	for (unsigned i = n; i > 0; i--) {
		levels[i - 1] = span_sub(tree, at, blocks[i - 1] * BLOCK);
		at += blocks[i - 1] * BLOCK;
	}
	if (at > tree.n)
		return "mismatch of the hash tree's size";
	uint8_t digest[DIGEST_SIZE];
	digest_of_parts(DIGEST_SHA256, (struct span[]){ salt, levels[n - 1] }, 2, digest);
	if (!span_has(root, 0, digest, DIGEST_SIZE))
		return "mismatch of the root hash";
	for (unsigned i = 0; i < n; below = levels[i++])
		if (!level_holds(below, levels[i], salt, bad))
			return i ? "mismatch within the hash tree" : "mismatch";
	return "ok";
}

static const char *check_payload(const struct manifest *m, struct span contents, struct span *data, uint64_t *bad)
{
	uint8_t root[DIGEST_SIZE], salt[DIGEST_SIZE];
	char digits[24];
	struct format_match inner;
	snprintf(digits, sizeof digits, "%.*s", (int)(m->verity_size.n < 20 ? m->verity_size.n : 20), m->verity_size.p);
	uint64_t size = strtoull(digits, NULL, 10);
	if (!from_hex(m->verity_hash, root) || !from_hex(m->verity_salt, salt) || size % BLOCK || contents.n % BLOCK ||
		size == 0 || size >= contents.n)
		return "settings that do not fit the bundle";
	*data = span_clip(contents, 0, contents.n - size);
	struct span tree = span_from(contents, contents.n - size);
	if (!m->crypt && squashfs_format.probe(contents, &inner) && inner.size > data->n)
		return "mismatch: the file system goes on beyond what the hash tree covers";
	return check_tree(*data, tree, span_of(root, sizeof root), span_of(salt, sizeof salt), bad);
}

/* Whether the tree that the manifest names is one of the payload, also of an encrypted one: dm-crypt stands above dm-verity. */
static const char *verify(struct walk *w, const struct manifest *m, struct span contents)
{
	uint64_t bad = 0;
	struct span data = contents;
	if (!m->verity_hash.n)
		return "none";
	const char *result = check_payload(m, contents, &data, &bad);
	emit_header_field(w->sink, data.n, "verity", "%s", result);
	if (strcmp(result, "ok") != 0)
		emit_damage_at(w->sink, ERR_CORRUPT, strcmp(result, "mismatch") == 0 ? bad * BLOCK : data.n, "dm-verity: %s",
					   result);
	return result;
}

static struct error walk_encrypted(struct span bytes, struct walk *w, const struct bundle *b)
{
	emit_damage_at(w->sink, ERR_ENCRYPTED, 0, "the bundle is encrypted (dm-crypt), %s",
				   b->enveloped ? "and so is its signature, to the keys of its readers"
								: "the key is in its signature");
	struct entry e = entry_new(ENTRY_REGION, TEXT_LIT("payload"));
	e.offset = 0;
	e.size = b->signature_at;
	e.content = (struct content){ .kind = CONTENT_SPAN, .bytes = span_clip(bytes, 0, b->signature_at) };
	w->child(w, &e);
	return error_none();
}

/* Of a plain bundle the signature is one of its contents. Of the others it is one of the manifest: of the payload nothing is signed
 * but by the root of a hash tree that is one of the payload. */
static void report_signature(struct walk *w, struct span bytes, const struct bundle *b, const char *verity)
{
	struct signature_cms cms;
	signature_cms_verify(b->signature, verity ? SPAN_NONE : span_clip(bytes, 0, b->signature_at), &cms);
	signature_cms_ask_purpose(&cms);
	if (verity && strcmp(verity, "ok") != 0) {
		bool checked = strcmp(verity, "not checked") != 0;
		cms.state = checked ? SIGNATURE_INVALID : SIGNATURE_UNSUPPORTED;
		cms.detail = strcmp(verity, "none") == 0
						 ? "the manifest has no hash tree, so that nothing of the payload is signed"
					 : checked ? "the payload is not the one whose hash tree is signed"
							   : "the hash tree of the payload is not checked";
		cms.signer.method = cms.issuer.method = NULL;
	}
	signature_report_cms(w->sink, b->signature_at, verity ? "manifest of the bundle" : "bundle", &cms);
}

static struct error rauc_walk(struct span bytes, struct walk *w)
{
	struct bundle b;
	struct format_match inner;
	struct manifest m = { .crypt = false };
	struct span text;
	struct members members;
	if (!signature_read(bytes, &b))
		return error_at(ERR_CORRUPT, bytes.n, "no signature at the end of the bundle");
	emit_header_field(w->sink, b.signature_at, "signature", "CMS, %zu bytes", b.signature.n);
	if (b.enveloped) {
		signature_report_plain(w->sink, b.signature_at, "cms", "bundle", NULL, SIGNATURE_UNSUPPORTED,
							   "the signature itself is encrypted");
		return walk_encrypted(bytes, w, &b);
	}
	bool inside = encapsulated(b.signature, &text);
	if (inside)
		read_manifest(w, &m, text, b.signature_at);
	struct span contents = span_clip(bytes, 0, b.signature_at);
	report_signature(w, bytes, &b, inside ? verify(w, &m, contents) : NULL);
	if (!squashfs_format.probe(contents, &inner))
		return walk_encrypted(bytes, w, &b);
	struct error e = members_walk(&squashfs_format, span_clip(contents, 0, inner.size), w, &members);
	struct member_seen *file = members.stopped ? NULL : members_find(&members, TEXT_LIT("/manifest.raucm"));
	text = file && !inside ? members_content(file, w->arena, MANIFEST_MAX) : SPAN_NONE;
	if (text.p)
		read_manifest(w, &m, text, 0);
	if (!inside)
		emit_header_field(w->sink, 0, "bundle format", "plain");
	return e;
}

const struct format rauc_format = {
	.name = "rauc",
	.kind = FORMAT_FILESYSTEM,
	.title = "RAUC bundle, plain and verity",
	.spec = "RAUC documentation, Reference",
	.at_start = true,
	.probe = rauc_probe,
	.walk = rauc_walk,
};

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SUIT envelopes: a manifest in CBOR, who signed it, and what it is about: payloads, and parts of it that are taken out so
 * that they need not be kept.
 *
 * Specification: draft-ietf-suit-manifest-34; RFC 9052 (COSE).
 */
#include "format/suit.h"

#include <stdio.h>

#include "format/cose.h"
#include "format/digest.h"
#include "format/region.h"
#include "format/signature.h"

#define PAIRS_MAX 64u
#define BLOCKS_MAX 16u
#define ENVELOPE_TAG 107
#define KEY_AUTHENTICATION 2
#define KEY_MANIFEST 3

struct envelope {
	struct span authentication, manifest, manifest_encoded; /* the last with the head of its byte string */
	uint64_t end;                                           /* UINT64_MAX: beyond what a size can be */
	bool broken;                                            /* what follows is malformed */
	bool repeats;                                           /* there is a second manifest or authentication wrapper */
};

struct pair {
	int64_t key;
	struct text name; /* of an integrated payload; absent: `key` counts */
	struct span value, encoded;
};

/* The tag may be left out, where it is known what a file is. */
static bool envelope_begins(struct reader *r, uint64_t *pairs)
{
	struct cbor item;
	if (!cbor_next(r, &item))
		return false;
	bool tagged = item.type == CBOR_TAG;
	if (tagged && (item.value != ENVELOPE_TAG || !cbor_next(r, &item)))
		return false;
	*pairs = item.value;
	return item.type == CBOR_MAP && item.value >= (tagged ? 1 : 2) && item.value <= PAIRS_MAX;
}

static bool next_pair(struct reader *r, struct pair *p)
{
	struct cbor key, value;
	*p = (struct pair){ .key = INT64_MIN };
	if (!cbor_next(r, &key))
		return false;
	if (key.type == CBOR_TEXT)
		p->name = text_from_span(key.bytes);
	else if (!cbor_int(&key, &p->key))
		return false;
	if (!cbor_expect(r, CBOR_BYTES, &value))
		return false;
	p->value = value.bytes;
	p->encoded = value.encoded;
	return true;
}

/* An array whose first element is the digest [algorithm, bytes]. */
static bool digest_of_authentication(struct span authentication, struct span *digest)
{
	struct reader r = reader_be(authentication);
	struct cbor item;
	if (!cbor_expect(&r, CBOR_ARRAY, &item) || item.value < 1 || !cbor_expect(&r, CBOR_BYTES, &item))
		return false;
	*digest = item.bytes;
	struct reader d = reader_be(item.bytes);
	int64_t algorithm;
	return cbor_expect(&d, CBOR_ARRAY, &item) && item.value == 2 && cbor_next(&d, &item) &&
		   cbor_int(&item, &algorithm) && cbor_expect(&d, CBOR_BYTES, &item);
}

/* {1: version, ...}: a manifest begins with its version. */
static bool manifest_is_sane(struct span manifest)
{
	struct reader r = reader_be(manifest);
	struct cbor map, key, version;
	return cbor_expect(&r, CBOR_MAP, &map) && cbor_expect(&r, CBOR_UINT, &key) && key.value == 1 &&
		   cbor_expect(&r, CBOR_UINT, &version);
}

/* The size of a byte string that does not end within the bytes, or 0. */
static uint64_t cut_string(struct span bytes, size_t at)
{
	struct span rest = span_from(bytes, at);
	struct reader r = reader_be(span_clip(rest, 0, 9));
	uint8_t head = rd_u8(&r);
	uint64_t size = head & 31;
	if (head >> 5 != CBOR_BYTES || size > 27)
		return 0;
	if (size >= 24)
		size = rd_uint(&r, 1u << (size - 24));
	return rd_ok(&r) && size > rest.n && size <= UINT32_MAX ? r.at + size : 0;
}

static bool envelope_read(struct span bytes, struct envelope *e)
{
	struct reader r = reader_be(bytes);
	uint64_t pairs;
	struct pair p;
	struct span digest;
	*e = (struct envelope){ .end = 0 };
	if (!envelope_begins(&r, &pairs))
		return false;
	for (; pairs; pairs--) {
		size_t before = r.at;
		if (!next_pair(&r, &p)) {
			uint64_t cut = r.at > before ? cut_string(bytes, r.at) : 0;
			e->broken = !cut;
			e->end = r.at > before && cut ? r.at + cut : before;
			break;
		}
		e->end = r.at;
		e->repeats |= (p.key == KEY_AUTHENTICATION && e->authentication.p) || (p.key == KEY_MANIFEST && e->manifest.p);
		if (p.key == KEY_AUTHENTICATION && !e->authentication.p)
			e->authentication = p.value;
		if (p.key == KEY_MANIFEST && !e->manifest.p) {
			e->manifest = p.value;
			e->manifest_encoded = p.encoded;
		}
	}
	if (e->authentication.p && digest_of_authentication(e->authentication, &digest))
		return true;
	/* one without any wrapper is told by its tag */
	return (e->authentication.p || span_starts(bytes, "\xd8\x6b", 2)) && e->manifest.p && manifest_is_sane(e->manifest);
}

static bool suit_probe(struct span at, struct format_match *match)
{
	struct envelope e;
	if (!envelope_read(at, &e))
		return false;
	match->size = e.end;
	match->confidence = 90;
	return true;
}

static uint64_t offset_in(struct span outer, struct span inner)
{
	return inner.p && inner.p >= outer.p ? (uint64_t)(inner.p - outer.p) : 0;
}

/* The digest of the manifest, then the signatures of that. */
static void describe_authentication(struct walk *w, struct span bytes, const struct envelope *e)
{
	uint64_t at = offset_in(bytes, e->authentication);
	struct reader r = reader_be(e->authentication);
	struct cbor array, block;
	struct span digest;
	if (!e->authentication.p) {
		emit_header_field(w->sink, 0, "authentication", "none");
		signature_report_plain(w->sink, 0, "cose", "manifest digest", NULL, SIGNATURE_ABSENT,
							   "the envelope has no authentication wrapper");
		return;
	}
	if (!digest_of_authentication(e->authentication, &digest) || !cbor_expect(&r, CBOR_ARRAY, &array)) {
		emit_damage_at(w->sink, ERR_CORRUPT, at, "the authentication wrapper holds no digest");
		return;
	}
	if (e->manifest.p)
		suit_verify_digest(w, digest, e->manifest_encoded, "manifest digest", at);
	if (!cbor_skip(&r, NULL))
		return;
	for (uint64_t i = 1; i < array.value && i < BLOCKS_MAX && cbor_expect(&r, CBOR_BYTES, &block); i++)
		cose_describe(w, block.bytes, digest, "manifest digest", offset_in(bytes, block.bytes));
	if (!rd_ok(&r))
		emit_damage_at(w->sink, ERR_CORRUPT, at, "an authentication block is malformed");
	if (array.value == 1) {
		emit_header_field(w->sink, at, "authentication", "none");
		signature_report_plain(w->sink, at, "cose", "manifest digest", NULL, SIGNATURE_ABSENT,
							   "the authentication wrapper holds no authentication block");
	}
}

static bool is_of_manifest(const struct envelope *e, const struct pair *p)
{
	struct span digest;
	return suit_severable_name(p->key) && suit_severed_digest(e->manifest, p->key, &digest) &&
		   suit_digest_holds(digest, p->encoded);
}

/* What was taken out of the manifest must have the digest that it left there. */
static bool take_severed(struct walk *w, struct span bytes, const struct envelope *e, const struct pair *p,
						 struct suit_bound *bound)
{
	char name[48];
	struct span digest;
	uint64_t at = offset_in(bytes, p->value);
	const char *severable = suit_severable_name(p->key);
	if (severable)
		snprintf(name, sizeof name, "%s", severable);
	else
		snprintf(name, sizeof name, "element-%lld", (long long)p->key);
	if (severable) {
		char field[64];
		snprintf(field, sizeof field, "%s digest", name);
		if (suit_severed_digest(e->manifest, p->key, &digest))
			suit_verify_digest(w, digest, p->encoded, field, at);
		else
			emit_damage_at(w->sink, ERR_CORRUPT, at, "the manifest has no digest for %s", name);
		if (p->key != SUIT_TEXT && p->key != SUIT_COSWID && is_of_manifest(e, p))
			suit_describe_commands(w, p->value, at, bound);
	}
	return region_emit(w, name, bytes, at, p->value.n, NULL);
}

static bool holds(struct span bytes, struct span what)
{
	return bytes.n && memmem(bytes.p, bytes.n, what.p, what.n);
}

/* The manifest, or what was taken out of it, must hold the digest of each payload in the envelope: else nothing signed binds it. What a
 * payload becomes when it is decrypted or unpacked is not known, nor is it of a dependency, which is an envelope by itself. */
static void check_payload(struct walk *w, struct span bytes, const struct envelope *e, const struct pair *p)
{
	static const enum digest kinds[] = { DIGEST_SHA256, DIGEST_SHA384, DIGEST_SHA512 };
	uint8_t digest[DIGEST_MAX];
	uint64_t pairs;
	struct pair other;
	bool named = false;
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0] && !named; i++) {
		struct span of = span_of(digest, digest_size(kinds[i]));
		struct reader r = reader_be(bytes);
		digest_of(kinds[i], p->value, digest);
		named = holds(e->manifest, of);
		for (bool more = !named && envelope_begins(&r, &pairs); more && pairs && !named && next_pair(&r, &other);
			 pairs--)
			named = holds(other.value, of) && is_of_manifest(e, &other);
	}
	emit_header_field(w->sink, offset_in(bytes, p->value), "payload digest", "%s",
					  named ? "ok" : "not in the manifest");
}

static struct error suit_walk(struct span bytes, struct walk *w)
{
	struct envelope e;
	struct pair p;
	uint64_t pairs;
	struct suit_bound bound = { .components = 0 };
	struct reader r = reader_be(bytes);
	if (!envelope_read(bytes, &e) || !envelope_begins(&r, &pairs))
		return error_at(ERR_CORRUPT, 0, "no SUIT envelope");
	describe_authentication(w, bytes, &e);
	if (e.repeats)
		emit_damage_at(w->sink, ERR_CORRUPT, 0, "the envelope holds two manifests or two authentication wrappers");
	if (e.manifest.p)
		suit_describe_manifest(w, e.manifest, offset_in(bytes, e.manifest), &bound);
	for (; pairs && next_pair(&r, &p); pairs--) {
		bool known = p.key == KEY_AUTHENTICATION || p.key == KEY_MANIFEST;
		bool goes_on = true;
		if (p.name.p) {
			check_payload(w, bytes, &e, &p);
			char *name = arena_strdup(w->arena, p.name);
			goes_on =
				!name || region_emit(w, *name ? name : "payload", bytes, offset_in(bytes, p.value), p.value.n, NULL);
		} else if (!known) {
			goes_on = take_severed(w, bytes, &e, &p, &bound);
		}
		if (!goes_on)
			return error_none();
	}
	if (pairs)
		return error_at(e.broken ? ERR_CORRUPT : ERR_TRUNCATED, r.at, "the envelope breaks off");
	if (!e.manifest.p)
		return error_at(ERR_CORRUPT, 0, "the envelope holds no manifest");
	if (suit_unbound(&bound))
		emit_header_field(w->sink, offset_in(bytes, e.manifest), "unbound components", "%llu",
						  (unsigned long long)suit_unbound(&bound));
	return error_none();
}

static const struct format_magic suit_magics[] = { MAGIC("\xd8\x6b", 0), MAGIC_END };

const struct format suit_format = {
	.name = "suit",
	.kind = FORMAT_CONTAINER,
	.title = "SUIT envelope",
	.spec = "draft-ietf-suit-manifest-34",
	.magics = suit_magics,
	.at_start = true,
	.probe = suit_probe,
	.walk = suit_walk,
};

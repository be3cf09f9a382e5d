/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The manifest of a SUIT envelope: what it is for, and the parameters within its command sequences. */

#include "base/hash.h"
#include "format/digest.h"
#include "format/suit.h"

#define PAIRS_MAX 64u
#define COMMANDS_MAX 256u
#define DEPTH_MAX 8u
#define FIELDS_MAX 512u

enum {
	MANIFEST_VERSION = 1,
	MANIFEST_SEQUENCE = 2,
	MANIFEST_COMMON = 3,
	MANIFEST_URI = 4,
	MANIFEST_COMPONENT = 5,
	MANIFEST_VALIDATE = 7,
	MANIFEST_INVOKE = 9
};
enum { COMMON_COMPONENTS = 2, COMMON_SHARED = 4 };
enum {
	COMMAND_IMAGE_MATCH = 3,
	COMMAND_CHECK_CONTENT = 6,
	COMMAND_SET_COMPONENT = 12,
	COMMAND_TRY_EACH = 15,
	COMMAND_SET_PARAMETERS = 19,
	COMMAND_OVERRIDE = 20,
	COMMAND_RUN = 32
};
enum {
	PARAMETER_VENDOR = 1,
	PARAMETER_CLASS = 2,
	PARAMETER_DIGEST = 3,
	PARAMETER_SIZE = 14,
	PARAMETER_CONTENT = 18,
	PARAMETER_ENCRYPTION = 19,
	PARAMETER_URI = 21
};

struct describing {
	struct walk *w;
	struct span manifest;
	uint64_t at;
	unsigned fields;
	bool encrypted;
	struct suit_bound *bound;
	uint64_t current; /* components that commands are about */
};

const char *suit_severable_name(int64_t key)
{
	switch (key) {
	case SUIT_COSWID:
		return "coswid";
	case SUIT_DEPENDENCY_RESOLUTION:
		return "dependency-resolution";
	case SUIT_PAYLOAD_FETCH:
		return "payload-fetch";
	case SUIT_INSTALL:
		return "install";
	case SUIT_TEXT:
		return "text";
	default:
		return NULL;
	}
}

static bool digest_read(struct span digest, int64_t *algorithm, struct span *bytes)
{
	struct reader r = reader_be(digest);
	struct cbor item;
	bool good = cbor_expect(&r, CBOR_ARRAY, &item) && item.value == 2 && cbor_next(&r, &item) &&
				cbor_int(&item, algorithm) && cbor_expect(&r, CBOR_BYTES, &item);
	*bytes = item.bytes;
	return good;
}

static bool digest_kind(int64_t algorithm, enum digest *kind)
{
	*kind = algorithm == -16 ? DIGEST_SHA256 : algorithm == -43 ? DIGEST_SHA384 : DIGEST_SHA512;
	return algorithm == -16 || algorithm == -43 || algorithm == -44;
}

bool suit_digest_holds(struct span digest, struct span bytes)
{
	int64_t algorithm;
	struct span expected;
	enum digest kind;
	return digest_read(digest, &algorithm, &expected) && digest_kind(algorithm, &kind) &&
		   digest_matches(kind, bytes, expected);
}

uint64_t suit_unbound(const struct suit_bound *bound)
{
	uint64_t n = bound->components;
	for (unsigned i = 0; i < SUIT_COMPONENTS_MAX && i < bound->components; i++)
		n -= (bound->digested & bound->compared) >> i & 1;
	return n;
}

void suit_verify_digest(struct walk *w, struct span digest, struct span bytes, const char *name, uint64_t at)
{
	int64_t algorithm;
	struct span expected;
	enum digest kind;
	if (!digest_read(digest, &algorithm, &expected)) {
		emit_damage_at(w->sink, ERR_CORRUPT, at, "the %s is malformed", name);
		return;
	}
	if (!digest_kind(algorithm, &kind)) {
		emit_header_field(w->sink, at, name, "not checked: algorithm %lld", (long long)algorithm);
		return;
	}
	bool good = digest_matches(kind, bytes, expected);
	emit_header_field(w->sink, at, name, "%s", good ? "ok" : "mismatch");
	if (!good)
		emit_damage_at(w->sink, ERR_CORRUPT, at, "the %s is not that of the bytes", name);
}

static bool may_emit(struct describing *d)
{
	return d->fields++ < FIELDS_MAX;
}

static void emit_bytes(struct describing *d, const char *name, struct span bytes)
{
	if (may_emit(d))
		digest_emit_hex(d->w->sink, d->at, name, bytes);
}

static void emit_text(struct describing *d, const char *name, struct span text)
{
	if (may_emit(d))
		emit_header(d->w->sink, &(struct fact_header){ (int64_t)d->at, text_c(name), text_from_span(text) });
}

/* The segments of a component's identifier: hex, with '/' between. */
static void emit_identifier(struct describing *d, const char *name, struct reader *r)
{
	struct cbor array, segment;
	char path[256] = "";
	size_t n = 0;
	if (!cbor_expect(r, CBOR_ARRAY, &array))
		return;
	for (uint64_t i = 0; i < array.value && cbor_expect(r, CBOR_BYTES, &segment); i++) {
		size_t fits = segment.bytes.n < 48 ? segment.bytes.n : 48;
		if (n + 2 * fits + 2 >= sizeof path)
			continue;
		if (i)
			path[n++] = '/';
		hash_hex(segment.bytes.p, fits, path + n);
		n += 2 * fits;
	}
	if (rd_ok(r) && may_emit(d))
		emit_header_field(d->w->sink, d->at, name, "%s", path);
}

static void emit_components(struct describing *d, struct reader *r)
{
	struct cbor array;
	if (!cbor_expect(r, CBOR_ARRAY, &array))
		return;
	d->bound->components += array.value; /* of a second list nothing is bound: which one is taken is not known */
	for (uint64_t i = 0; i < array.value && i < PAIRS_MAX && rd_ok(r); i++)
		emit_identifier(d, "component", r);
}

static void describe_parameter(struct describing *d, int64_t key, struct span encoded)
{
	struct reader r = reader_be(encoded);
	struct cbor item;
	struct span digest;
	int64_t algorithm;
	if (!cbor_next(&r, &item))
		return;
	if (key == PARAMETER_CONTENT && item.type == CBOR_BYTES) {
		d->bound->digested |= d->current;
		d->bound->compared |= d->current;
	}
	if (key == PARAMETER_VENDOR && item.type == CBOR_BYTES)
		emit_bytes(d, "vendor-identifier", item.bytes);
	else if (key == PARAMETER_CLASS && item.type == CBOR_BYTES)
		emit_bytes(d, "class-identifier", item.bytes);
	else if (key == PARAMETER_DIGEST && item.type == CBOR_BYTES && digest_read(item.bytes, &algorithm, &digest)) {
		d->bound->digested |= d->current;
		emit_bytes(d, "image-digest", digest);
	} else if (key == PARAMETER_SIZE && item.type == CBOR_UINT && may_emit(d))
		emit_header_field(d->w->sink, d->at, "image-size", "%llu", (unsigned long long)item.value);
	else if (key == PARAMETER_URI && item.type == CBOR_TEXT)
		emit_text(d, "uri", item.bytes);
	else if (key == PARAMETER_ENCRYPTION && !d->encrypted) {
		d->encrypted = true;
		emit_damage_at(d->w->sink, ERR_ENCRYPTED, d->at, "a payload is encrypted (COSE_Encrypt)");
	}
}

static void describe_parameters(struct describing *d, struct span encoded)
{
	struct reader r = reader_be(encoded);
	struct cbor map, key;
	int64_t k;
	struct span value;
	if (!cbor_expect(&r, CBOR_MAP, &map))
		return;
	for (uint64_t i = 0; i < map.value && i < PAIRS_MAX && cbor_next(&r, &key) && cbor_skip(&r, &value); i++)
		if (cbor_int(&key, &k))
			describe_parameter(d, k, value);
}

static void describe_sequence(struct describing *d, struct span sequence, unsigned depth);

static uint64_t component_bit(const struct cbor *item)
{
	return item->type == CBOR_UINT && item->value < SUIT_COMPONENTS_MAX ? (uint64_t)1 << item->value : 0;
}

/* One of them, some, or all (true). */
static uint64_t read_components(struct span encoded)
{
	struct reader r = reader_be(encoded);
	struct cbor item, one;
	uint64_t bits = 0;
	if (!cbor_next(&r, &item))
		return 0;
	if (item.type == CBOR_SIMPLE && item.value == 21)
		return UINT64_MAX;
	for (uint64_t i = 0; item.type == CBOR_ARRAY && i < item.value && i < PAIRS_MAX && cbor_next(&r, &one); i++)
		bits |= component_bit(&one);
	return bits | component_bit(&item);
}

/* Sequences within sequences. */
static void describe_nested(struct describing *d, struct span encoded, unsigned depth)
{
	struct reader r = reader_be(encoded);
	struct cbor item, inner;
	if (!cbor_next(&r, &item))
		return;
	if (item.type == CBOR_BYTES)
		describe_sequence(d, item.bytes, depth + 1);
	for (uint64_t i = 0; item.type == CBOR_ARRAY && i < item.value && i < PAIRS_MAX && cbor_next(&r, &inner); i++)
		if (inner.type == CBOR_BYTES)
			describe_sequence(d, inner.bytes, depth + 1);
}

/* An array of commands and their arguments, in turn. */
static void describe_sequence(struct describing *d, struct span sequence, unsigned depth)
{
	struct reader r = reader_be(sequence);
	struct cbor array, command;
	struct span argument;
	int64_t k;
	if (depth > DEPTH_MAX) {
		emit_damage_at(d->w->sink, ERR_BUDGET, d->at, "command sequences nested deeper than %u are not looked at",
					   DEPTH_MAX);
		return;
	}
	if (!cbor_expect(&r, CBOR_ARRAY, &array))
		return;
	uint64_t before = d->current;
	for (uint64_t i = 0; i + 1 < array.value && i < COMMANDS_MAX && cbor_next(&r, &command) && cbor_skip(&r, &argument);
		 i += 2) {
		if (!cbor_int(&command, &k))
			continue;
		if (k == COMMAND_SET_COMPONENT)
			d->current = read_components(argument);
		else if (k == COMMAND_IMAGE_MATCH || k == COMMAND_CHECK_CONTENT)
			d->bound->compared |= d->current;
		else if (k == COMMAND_SET_PARAMETERS || k == COMMAND_OVERRIDE)
			describe_parameters(d, argument);
		else if (k == COMMAND_TRY_EACH || k == COMMAND_RUN)
			describe_nested(d, argument, depth);
	}
	d->current = before;
}

void suit_describe_commands(struct walk *w, struct span sequence, uint64_t at, struct suit_bound *bound)
{
	struct describing d = { .w = w, .at = at, .bound = bound, .current = 1 };
	describe_sequence(&d, sequence, 0);
}

static void describe_common(struct describing *d, struct span common)
{
	struct reader r = reader_be(common);
	struct cbor map, key, shared;
	int64_t k;
	struct span value;
	if (!cbor_expect(&r, CBOR_MAP, &map))
		return;
	for (uint64_t i = 0; i < map.value && i < PAIRS_MAX && cbor_next(&r, &key) && cbor_skip(&r, &value); i++) {
		struct reader v = reader_be(value);
		if (!cbor_int(&key, &k))
			continue;
		if (k == COMMON_COMPONENTS)
			emit_components(d, &v);
		else if (k == COMMON_SHARED && cbor_expect(&v, CBOR_BYTES, &shared))
			describe_sequence(d, shared.bytes, 0);
	}
}

static void describe_field(struct describing *d, int64_t key, struct span value)
{
	struct reader v = reader_be(value);
	struct cbor item;
	if (key == MANIFEST_COMPONENT) {
		emit_identifier(d, "manifest-component-id", &v);
		return;
	}
	if (!cbor_next(&v, &item))
		return;
	if (key == MANIFEST_VERSION && item.type == CBOR_UINT)
		emit_header_field(d->w->sink, d->at, "manifest-version", "%llu", (unsigned long long)item.value);
	else if (key == MANIFEST_SEQUENCE && item.type == CBOR_UINT)
		emit_header_field(d->w->sink, d->at, "manifest-sequence-number", "%llu", (unsigned long long)item.value);
	else if (key == MANIFEST_COMMON && item.type == CBOR_BYTES)
		describe_common(d, item.bytes);
	else if (key == MANIFEST_URI && item.type == CBOR_TEXT)
		emit_text(d, "reference-uri", item.bytes);
	else if (item.type == CBOR_BYTES && ((key >= MANIFEST_VALIDATE && key <= MANIFEST_INVOKE) ||
										 (suit_severable_name(key) && key != SUIT_TEXT && key != SUIT_COSWID)))
		describe_sequence(d, item.bytes, 0);
}

void suit_describe_manifest(struct walk *w, struct span manifest, uint64_t at, struct suit_bound *bound)
{
	struct describing d = {
		.w = w, .manifest = manifest, .at = at, .bound = bound, .current = 1
	}; /* the first component */
	struct reader r = reader_be(manifest);
	struct cbor map, key;
	int64_t k;
	struct span value;
	if (!cbor_expect(&r, CBOR_MAP, &map)) {
		emit_damage_at(w->sink, ERR_CORRUPT, at, "the manifest is no map");
		return;
	}
	uint64_t i = 0;
	for (; i < map.value && i < PAIRS_MAX && cbor_next(&r, &key) && cbor_skip(&r, &value); i++)
		if (cbor_int(&key, &k))
			describe_field(&d, k, value);
	if (i < map.value)
		emit_damage_at(w->sink, ERR_CORRUPT, at + r.at, "the manifest breaks off");
}

bool suit_severed_digest(struct span manifest, int64_t key, struct span *digest)
{
	struct reader r = reader_be(manifest);
	struct cbor map, item;
	int64_t k, algorithm;
	struct span bytes;
	if (!cbor_expect(&r, CBOR_MAP, &map))
		return false;
	for (uint64_t i = 0; i < map.value && i < PAIRS_MAX && cbor_next(&r, &item) && cbor_skip(&r, digest); i++)
		if (cbor_int(&item, &k) && k == key)
			return digest_read(*digest, &algorithm, &bytes);
	return false;
}

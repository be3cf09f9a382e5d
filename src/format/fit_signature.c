/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Specification: U-Boot doc/usage/fit/signature.rst; which bytes of the tree a configuration's signature covers, boot/
 * fdt_region.c. */
#include "format/fit_signature.h"

#include <stdio.h>

/* OpenSSL's one-shot functions and EVP read a configuration file first, which a confined worker may not. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>

#include "format/rsa_pkcs1.h"
#include "format/signature.h"

#define NODES_MAX 100u /* U-Boot's IMAGE_MAX_HASHED_NODES */
#define PATH_MAX_BYTES 512u
#define NO_KEY "not checked, no control tree with a public key is in the image"
#define OTHER_KEY "not checked, its public key is not in the image"
#define OWN_KEY "by the key that the FIT itself brings, which U-Boot does not read: no proof"

void fit_keys_collect(const struct fdt *fdt, struct text image, struct fit_keys *keys)
{
	struct fdt_cursor c = fdt_begin(fdt);
	struct fdt_token t;
	struct fit_key *key = NULL;
	bool below = false;
	while (fdt_next(&c, &t)) {
		if (t.kind == FDT_BEGIN && t.depth == 2)
			below = text_is(t.name, "signature");
		if (t.depth == 2 && t.kind == FDT_CLOSE)
			below = false;
		if (!below || t.depth != 3)
			continue;
		if (t.kind == FDT_BEGIN && keys->n < FIT_KEYS_MAX) {
			key = &keys->v[keys->n];
			*key = (struct fit_key){ .name = t.name, .exponent = 65537, .image = image };
			if (text_starts(t.name, "key-"))
				key->name = text_of(t.name.p + 4, t.name.n - 4);
		}
		if (t.kind == FDT_CLOSE && key && key->modulus.n)
			keys->n++;
		if (t.kind == FDT_CLOSE)
			key = NULL;
		if (t.kind != FDT_PROPERTY || !key)
			continue;
		if (text_is(t.name, "required"))
			key->required = fdt_string(t.value);
		if (text_is(t.name, "rsa,modulus"))
			key->modulus = t.value;
		if (text_is(t.name, "rsa,exponent") && t.value.n == 8)
			key->exponent = (uint64_t)span_u32be(t.value, 0) << 32 | span_u32be(t.value, 4);
	}
}

void fit_signature_take(struct fit_signature *s, const struct fdt_token *t)
{
	if (text_is(t->name, "algo"))
		s->algo = fdt_string(t->value);
	else if (text_is(t->name, "padding"))
		s->padding = fdt_string(t->value);
	else if (text_is(t->name, "key-name-hint"))
		s->key = fdt_string(t->value);
	else if (text_is(t->name, "value"))
		s->value = t->value;
	else if (text_is(t->name, "hashed-nodes"))
		s->hashed_nodes = t->value;
	else if (text_is(t->name, "hashed-strings"))
		s->hashed_strings = t->value;
}

/* ---- the digest ---- */

struct fit_digest {
	unsigned bits; /* 1: SHA-1 */
	union {
		SHA_CTX sha1;
		SHA256_CTX sha256;
		SHA512_CTX sha512;
	} context;
	uint8_t value[SHA512_DIGEST_LENGTH];
};

static bool digest_init(struct fit_digest *d, struct text algo)
{
	static const struct {
		const char *name;
		unsigned bits;
	} names[] = { { "sha1,", 1 }, { "sha256,", 256 }, { "sha384,", 384 }, { "sha512,", 512 } };
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (text_starts(algo, names[i].name))
			d->bits = names[i].bits;
	return d->bits == 1     ? SHA1_Init(&d->context.sha1)
		   : d->bits == 256 ? SHA256_Init(&d->context.sha256)
		   : d->bits == 384 ? SHA384_Init(&d->context.sha512)
		   : d->bits == 512 ? SHA512_Init(&d->context.sha512)
							: false;
}

static void digest_add(struct fit_digest *d, struct span s)
{
	if (!s.n)
		return;
	if (d->bits == 1)
		SHA1_Update(&d->context.sha1, s.p, s.n);
	else if (d->bits == 256)
		SHA256_Update(&d->context.sha256, s.p, s.n);
	else
		SHA512_Update(&d->context.sha512, s.p, s.n); /* SHA-384 too */
}

static struct span digest_end(struct fit_digest *d)
{
	if (d->bits == 1)
		SHA1_Final(d->value, &d->context.sha1);
	else if (d->bits == 256)
		SHA256_Final(d->value, &d->context.sha256);
	else if (d->bits == 384)
		SHA384_Final(d->value, &d->context.sha512);
	else
		SHA512_Final(d->value, &d->context.sha512);
	return span_of(d->value, d->bits == 1 ? 20 : d->bits / 8);
}

/* ---- which nodes are covered ---- */

struct covered {
	struct text paths[NODES_MAX];
	unsigned n;
};

static void list_paths(struct span value, struct covered *list)
{
	list->n = 0;
	while (value.n && list->n < NODES_MAX) {
		struct text path = fdt_string(value);
		list->paths[list->n++] = path;
		value = span_from(value, path.n + 1);
	}
}

static bool is_covered(const struct covered *list, struct text path)
{
	for (unsigned i = 0; i < list->n; i++)
		if (text_eq(list->paths[i], path))
			return true;
	return false;
}

bool fit_signature_covers(const struct fit_signature *s, struct text path)
{
	struct covered covered;
	list_paths(s->hashed_nodes, &covered);
	return is_covered(&covered, path);
}

/* A signature that was taken from another configuration signs that one. */
static bool covers_owner(const struct fit_signature *s)
{
	char path[PATH_MAX_BYTES];
	snprintf(path, sizeof path, "/configurations/%.*s", (int)(s->owner.n < 400 ? s->owner.n : 400), s->owner.p);
	return fit_signature_covers(s, text_c(path));
}

/* Data is covered by the images' hashes, which are. */
static bool is_data(struct text property)
{
	return text_is(property, "data") || text_is(property, "data-size") || text_is(property, "data-position") ||
		   text_is(property, "data-offset");
}

struct hashing {
	const struct covered *covered;
	unsigned want,
		stack[FDT_DEPTH_MAX + 2]; /* 2: a node that is named, 1: one below it, of which only the tags are covered */
	char path[PATH_MAX_BYTES];
	size_t path_n, lengths[FDT_DEPTH_MAX + 2];
};

static bool open_node(struct hashing *h, const struct fdt_token *t)
{
	h->stack[t->depth] = h->want;
	h->lengths[t->depth] = h->path_n;
	if (h->path_n + t->name.n + 2 > sizeof h->path)
		return false;
	if (h->path_n != 1)
		h->path[h->path_n++] = '/';
	memcpy(h->path + h->path_n, t->name.p, t->name.n);
	h->path_n += t->name.n;
	if (is_covered(h->covered, text_of(h->path, h->path_n)))
		h->want = 2;
	else if (h->want)
		h->want--;
	return true;
}

/* Adds a token's bytes if they are covered. */
static bool hash_token(struct hashing *h, const struct fdt_token *t, bool *include)
{
	if (t->kind == FDT_BEGIN && !open_node(h, t))
		return false;
	*include = t->kind == FDT_PROPERTY ? h->want >= 2 && !is_data(t->name) : h->want > 0;
	if (t->kind == FDT_CLOSE) {
		h->want = h->stack[t->depth];
		h->path_n = h->lengths[t->depth];
	}
	return true;
}

/* The covered tokens, the end mark, and the strings. False when there are too many, or the tree is broken. */
static bool hash_nodes(const struct fdt *fdt, const struct fit_signature *s, struct fit_digest *d, uint64_t *budget)
{
	static const uint8_t end_mark[4] = { 0, 0, 0, 9 };
	struct covered covered;
	struct hashing h = { .covered = &covered };
	struct fdt_cursor c = fdt_begin(fdt);
	struct fdt_token t;
	uint64_t before = 0;
	list_paths(s->hashed_nodes, &covered);
	while (fdt_next(&c, &t)) {
		uint64_t at = t.at - fdt->structs_at;
		bool include;
		if (!*budget)
			return false;
		--*budget;
		if (h.want >= 2) /* what is void between two tokens */
			digest_add(d, span_sub(fdt->structs, before, at - before));
		if (!hash_token(&h, &t, &include))
			return false;
		if (include)
			digest_add(d, span_sub(fdt->structs, at, c.r.at - at));
		before = c.r.at;
	}
	digest_add(d, span_of(end_mark, sizeof end_mark));
	if (s->hashed_strings.n == 8)
		digest_add(d, span_clip(fdt->strings, 0, span_u32be(s->hashed_strings, 4)));
	return t.kind == FDT_DONE;
}

static const struct fit_key *find_key(const struct fit_keys *keys, struct text name)
{
	for (unsigned i = 0; i < keys->n; i++)
		if (keys->v[i].image.n && text_eq(keys->v[i].name, name))
			return &keys->v[i];
	return NULL;
}

static bool has_control_tree(const struct fit_keys *keys)
{
	for (unsigned i = 0; i < keys->n; i++)
		if (keys->v[i].image.n)
			return true;
	return false;
}

/* By which of the keys it is, those of control trees first, and that of the FIT itself only to say so. */
static struct fit_verdict try_keys(const struct fit_signature *s, const struct fit_keys *keys, struct span digest)
{
	bool pss = text_is(s->padding, "pss");
	bool (*verify)(struct span, uint64_t, struct span, struct span) = pss ? rsa_pss_verify : rsa_pkcs1_verify;
	const char *words = has_control_tree(keys) ? OTHER_KEY : NO_KEY;
	bool own = false;
	for (unsigned i = 0; i < keys->n; i++) {
		if (!verify(keys->v[i].modulus, keys->v[i].exponent, s->value, digest))
			continue;
		if (keys->v[i].image.n)
			return (struct fit_verdict){ .state = SIGNATURE_VALID, .words = "ok", .key = &keys->v[i] };
		own = true;
	}
	const struct fit_key *named = find_key(keys, s->key);
	if (named)
		return (struct fit_verdict){ .state = SIGNATURE_INVALID, .words = "mismatch", .key = named };
	struct fit_verdict v = { .state = SIGNATURE_NO_KEY,
							 .words = own ? OWN_KEY : words,
							 .method = pss ? "rsa-pss" : "rsa-pkcs1",
							 .digest_n = digest.n };
	memcpy(v.digest, digest.p, digest.n);
	return v;
}

static struct fit_verdict judge(const struct fdt *fdt, const struct fit_signature *s, const struct fit_keys *keys,
								struct span data, uint64_t *budget)
{
	struct fit_digest d = { 0 };
	const uint8_t *comma = s->algo.n ? memchr(s->algo.p, ',', s->algo.n) : NULL;
	struct text crypto =
		comma ? text_of((const char *)comma + 1, s->algo.n - (size_t)((const char *)comma + 1 - s->algo.p)) : TEXT_NONE;
	if (!s->value.n)
		return (struct fit_verdict){ .state = SIGNATURE_ABSENT, .words = "not signed yet" };
	if (!data.p && s->owner.n && !covers_owner(s))
		return (struct fit_verdict){ .state = SIGNATURE_INVALID, .words = "it does not cover its configuration" };
	if (!text_starts(crypto, "rsa") || !digest_init(&d, s->algo) ||
		(s->padding.p && !text_is(s->padding, "pkcs-1.5") && !text_is(s->padding, "pss")))
		return (struct fit_verdict){
			.state = has_control_tree(keys) ? SIGNATURE_UNSUPPORTED : SIGNATURE_NO_KEY,
			.words = has_control_tree(keys) ? "not checked, the algorithm is not known" : NO_KEY
		};
	if (data.p)
		digest_add(&d, data);
	else if (!hash_nodes(fdt, s, &d, budget))
		return (struct fit_verdict){ .state = SIGNATURE_UNSUPPORTED,
									 .words = "not checked, the tree is broken or too large" };
	return try_keys(s, keys, digest_end(&d));
}

bool fit_signature_verify(const struct fdt *fdt, const struct fit_signature *s, const struct fit_keys *keys,
						  struct span data, uint64_t *budget, char *out, size_t size, struct fit_verdict *verdict)
{
	*verdict = judge(fdt, s, keys, data, budget);
	snprintf(out, size, "%.*s signature by key %.*s: %s", (int)(s->algo.n < 40 ? s->algo.n : 40),
			 s->algo.p ? s->algo.p : "", (int)(s->key.n < 80 ? s->key.n : 80), s->key.p ? s->key.p : "",
			 verdict->words);
	return strcmp(verdict->state, SIGNATURE_INVALID) != 0;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Specification: U-Boot doc/usage/fit/source_file_format.rst (https://fitspec.osfw.foundation), and signature.rst. */
#include "format/fit.h"

#include <stdio.h>

/* OpenSSL's one-shot functions and EVP read a configuration file first, which a confined worker may not. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/md5.h>
#include <openssl/sha.h>

#include "base/hash.h"
#include "base/words.h"
#include "format/fit_signature.h"
#include "format/signature.h"
#include "format/uboot.h"

#define HASHES_MAX 8u
#define DIGEST_MAX 64u
#define FIT_DEPTH 5u /* "", images, an image, a hash, one more */

struct fit_hash {
	struct text node, algo;
	struct span value;
	uint64_t at;
	struct fit_signature signature; /* where it is one */
};

struct fit_image {
	struct text name, description, type, arch, os, compression, cipher;
	uint64_t at;
	struct span data; /* embedded */
	uint64_t data_at, data_size, external_offset, external_position, external_size;
	bool has_data, has_offset, has_position, has_size;
	struct fit_hash hashes[HASHES_MAX]; /* and signatures */
	unsigned nhashes;
};

/* Where a walk through the tree is: the names of the nodes that are open. */
struct fit_reader {
	struct fdt_cursor cursor;
	struct text names[FIT_DEPTH + 1]; /* by depth, from 1 */
	bool in_image;
};

static uint64_t fdt_number(struct span value)
{
	return value.n == 8 ? span_u64be(value, 0) : span_u32be(value, 0);
}

/* Where the names of properties are cut off, as they stand behind all data: the largest one is the data. */
#define NAMELESS_DATA_MIN 64u

static bool is_data(const struct fit_image *image, const struct fdt *fdt, const struct fdt_token *t)
{
	return text_is(t->name, "data") ||
		   (fdt->names_cut && !t->name.n && t->size >= NAMELESS_DATA_MIN && t->size > image->data_size);
}

static void take_image_property(struct fit_image *image, const struct fdt *fdt, const struct fdt_token *t)
{
	const struct {
		const char *name;
		struct text *value;
	} texts[] = { { "description", &image->description },
				  { "type", &image->type },
				  { "arch", &image->arch },
				  { "os", &image->os },
				  { "compression", &image->compression } };
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		if (text_is(t->name, texts[i].name))
			*texts[i].value = fdt_string(t->value);

	if (is_data(image, fdt, t)) {
		image->data = t->value;
		image->data_at = t->value_at;
		image->data_size = t->size;
		image->has_data = true;
	} else if (text_is(t->name, "data-size")) {
		image->external_size = fdt_number(t->value);
		image->has_size = true;
	} else if (text_is(t->name, "data-offset")) {
		image->external_offset = fdt_number(t->value);
		image->has_offset = true;
	} else if (text_is(t->name, "data-position")) {
		image->external_position = fdt_number(t->value);
		image->has_position = true;
	}
}

static void take_hash_property(struct fit_image *image, const struct fit_reader *r, const struct fdt_token *t)
{
	struct text node = r->names[4];
	if (text_starts(node, "cipher") && text_is(t->name, "algo"))
		image->cipher = fdt_string(t->value);
	if (!text_starts(node, "hash") && !text_starts(node, "signature"))
		return;
	struct fit_hash *h = image->nhashes ? &image->hashes[image->nhashes - 1] : NULL;
	if (!h || !text_eq(h->node, node)) {
		if (image->nhashes == HASHES_MAX)
			return;
		h = &image->hashes[image->nhashes++];
		*h = (struct fit_hash){ .node = node, .at = t->at };
	}
	fit_signature_take(&h->signature, t);
	if (text_is(t->name, "algo"))
		h->algo = fdt_string(t->value);
	if (text_is(t->name, "value"))
		h->value = t->value;
}

/* The next token, with the names of the open nodes kept. */
static bool fit_token(struct fit_reader *r, struct fdt_token *t)
{
	bool more = fdt_next(&r->cursor, t);
	if (more && t->kind == FDT_BEGIN && t->depth <= FIT_DEPTH)
		r->names[t->depth] = t->name;
	return more;
}

static bool below_images(const struct fit_reader *r, const struct fdt_token *t)
{
	return t->depth >= 3 && text_is(r->names[2], "images");
}

/* The next image, the last one perhaps cut off; false at the end of the tree, whose last token is *last. */
static bool fit_next_image(struct fit_reader *r, struct fit_image *image, struct fdt_token *last)
{
	while (fit_token(r, last)) {
		if (!below_images(r, last))
			continue;
		if (last->kind == FDT_BEGIN && last->depth == 3) {
			*image = (struct fit_image){ .name = last->name, .at = last->at };
			r->in_image = true;
		}
		if (last->kind == FDT_PROPERTY && last->depth == 3)
			take_image_property(image, r->cursor.fdt, last);
		if (last->kind == FDT_PROPERTY && last->depth == 4)
			take_hash_property(image, r, last);
		if (last->kind == FDT_CLOSE && last->depth == 3)
			break;
	}
	bool found = r->in_image;
	r->in_image = false;
	return found;
}

/* Where external data begins: data-position counts from the tree's beginning, data-offset from its end, rounded up. */
static uint64_t external_at(const struct fdt *fdt, const struct fit_image *image)
{
	return image->has_position ? image->external_position
							   : (((uint64_t)fdt->total_size + 3) & ~(uint64_t)3) + image->external_offset;
}

static bool is_external(const struct fit_image *image)
{
	return !image->has_data && image->has_size && (image->has_offset || image->has_position) &&
		   image->external_size <= UINT32_MAX && image->external_position <= UINT32_MAX &&
		   image->external_offset <= UINT32_MAX;
}

bool fit_recognise(const struct fdt *fdt, uint64_t *end)
{
	struct fit_reader r = { .cursor = fdt_begin(fdt) };
	struct fit_image image = { 0 };
	struct fdt_token last;
	bool found = false;
	*end = fdt->total_size;
	while (fit_next_image(&r, &image, &last)) {
		uint64_t image_end = is_external(&image) ? external_at(fdt, &image) + image.external_size : 0;
		*end = image_end > *end ? image_end : *end;
		found |= image.has_data || is_external(&image);
	}
	return found;
}

static size_t digest_crc32(struct span data, uint8_t *out)
{
	uint32_t crc = hash_crc32(0, data);
	for (int i = 0; i < 4; i++)
		out[i] = (uint8_t)(crc >> (24 - 8 * i));
	return 4;
}

#define DIGEST(name, prefix, context_type, length)                                                                     \
	static size_t digest_##name(struct span data, uint8_t *out)                                                        \
	{                                                                                                                  \
		context_type context;                                                                                          \
		prefix##_Init(&context);                                                                                       \
		prefix##_Update(&context, data.p, data.n);                                                                     \
		prefix##_Final(out, &context);                                                                                 \
		return length;                                                                                                 \
	}
DIGEST(md5, MD5, MD5_CTX, MD5_DIGEST_LENGTH)
DIGEST(sha1, SHA1, SHA_CTX, SHA_DIGEST_LENGTH)
DIGEST(sha256, SHA256, SHA256_CTX, SHA256_DIGEST_LENGTH)
DIGEST(sha384, SHA384, SHA512_CTX, SHA384_DIGEST_LENGTH)
DIGEST(sha512, SHA512, SHA512_CTX, SHA512_DIGEST_LENGTH)

static const struct {
	const char *name;
	size_t (*digest)(struct span data, uint8_t *out);
} algorithms[] = {
	{ "crc32", digest_crc32 },   { "md5", digest_md5 },       { "sha1", digest_sha1 },
	{ "sha256", digest_sha256 }, { "sha384", digest_sha384 }, { "sha512", digest_sha512 },
};

/* "ok", "mismatch", or why it was not checked. */
static const char *hash_verdict(struct walk *w, const struct fit_image *image, const struct fit_hash *h,
								struct span data)
{
	for (size_t i = 0; i < sizeof algorithms / sizeof algorithms[0]; i++) {
		if (!text_is(h->algo, algorithms[i].name))
			continue;
		uint8_t digest[DIGEST_MAX];
		char stored[2 * DIGEST_MAX + 1] = "", computed[2 * DIGEST_MAX + 1];
		size_t n = algorithms[i].digest(data, digest);
		if (h->value.n == n && memcmp(h->value.p, digest, n) == 0)
			return "ok";
		hash_hex(digest, n, computed);
		hash_hex(h->value.p, h->value.n < DIGEST_MAX ? h->value.n : DIGEST_MAX, stored);
		emit_damage_at(w->sink, ERR_CORRUPT, h->at, "%.*s: %s of the data is %.32s, the tree says %.32s",
					   (int)image->name.n, image->name.p, algorithms[i].name, computed, stored);
		return "mismatch";
	}
	return "unknown algorithm";
}

static void emit_field(struct walk *w, uint64_t at, const char *group, struct text node, const char *field,
					   struct text value)
{
	char name[640];
	snprintf(name, sizeof name, "%s%.*s%s%s", group, (int)node.n, node.p ? node.p : "", node.n ? "/" : "", field);
	if (value.p)
		emit_header_field(w->sink, at, name, "%.*s", (int)(value.n < 400 ? value.n : 400), value.p);
}

static void emit_image_fields(struct walk *w, const struct fit_image *image)
{
	emit_field(w, image->at, "images/", image->name, "description", image->description);
	emit_field(w, image->at, "images/", image->name, "type", image->type);
	emit_field(w, image->at, "images/", image->name, "arch", image->arch);
	emit_field(w, image->at, "images/", image->name, "os", image->os);
	emit_field(w, image->at, "images/", image->name, "compression", image->compression);
	emit_field(w, image->at, "images/", image->name, "cipher", image->cipher);
}

/* What signatures of configurations need to know of an image: its digests, and whether its data have them. */
struct seen_image {
	struct text name, digests[HASHES_MAX]; /* the latter: names of nodes */
	unsigned n;
	bool changed, unread; /* its data have another digest than one of these; they are not here */
};

#define SEEN_MAX 256u

/* What a walk keeps from image to image. */
struct fit_walk {
	const struct fdt *fdt;
	struct span bytes;
	struct walk *w;
	struct fit_keys keys;
	uint64_t claimed; /* bytes of all images: external data may overlap, which must not multiply the work */
	struct seen_image *seen; /* SEEN_MAX of them; NULL: no image has any data yet */
	unsigned nseen;
	unsigned signatures;
	uint64_t tokens; /* that may yet be read to verify signatures */
};

static const struct seen_image *find_seen(const struct fit_walk *f, struct text name)
{
	for (unsigned i = 0; i < f->nseen; i++)
		if (text_eq(f->seen[i].name, name))
			return &f->seen[i];
	return NULL;
}

/* NULL: there are too many. */
static struct seen_image *see_image(struct fit_walk *f, struct text name, bool read)
{
	if (!f->seen)
		f->seen = ARENA_ARRAY(f->w->arena, struct seen_image, SEEN_MAX);
	if (!f->seen || f->nseen == SEEN_MAX)
		return NULL;
	struct seen_image *seen = &f->seen[f->nseen++];
	*seen = (struct seen_image){ .name = name, .unread = !read };
	return seen;
}

/* A checksum is made for any data that one likes. */
static void see_digest(struct seen_image *seen, const struct fit_hash *h, const char *verdict)
{
	if (!seen || text_is(h->algo, "crc32") || text_is(h->algo, "crc16-ccitt"))
		return;
	seen->digests[seen->n++] = h->node;
	seen->changed |= strcmp(verdict, "mismatch") == 0;
}

/* Whether boot insists on it depends on the key: U-Boot's `required`. */
static void report_signature(struct fit_walk *f, const struct fit_signature *s, const struct fit_verdict *v,
							 uint64_t at, const char *group, struct text owner)
{
	char covers[240], fingerprint[65] = "", detail[300], by[128] = "";
	snprintf(covers, sizeof covers, "%s%.*s%s%.*s", group, (int)(owner.n < 100 ? owner.n : 100), owner.p,
			 s->without.n ? " without images/" : "", (int)(s->without.n < 100 ? s->without.n : 100),
			 s->without.n ? s->without.p : "");
	if (v->key)
		signature_rsa_fingerprint(v->key->modulus, v->key->exponent, fingerprint);
	if (v->key)
		snprintf(by, sizeof by, " by the key in images/%.*s", (int)(v->key->image.n < 100 ? v->key->image.n : 100),
				 v->key->image.p);
	if (v->key && v->key->required.n)
		snprintf(detail, sizeof detail, "%s%s, U-Boot requires it (%.*s)", v->words, by,
				 (int)(v->key->required.n < 16 ? v->key->required.n : 16), v->key->required.p);
	else
		snprintf(detail, sizeof detail, "%s%s%s", v->words, by, v->key ? ", U-Boot's tree does not require it" : "");
	signature_report(f->w->sink, &(struct signature){ .offset = at,
													  .scheme = "fit",
													  .state = v->state,
													  .covers = text_c(covers),
													  .algorithm = s->algo,
													  .fingerprint = fingerprint,
													  .hint = s->key,
													  .detail = detail,
													  .method = v->method,
													  .message = span_of(v->digest, v->digest_n),
													  .value = s->value });
	f->signatures++;
}

static void verify_signature(struct fit_walk *f, const struct fit_signature *s, struct span data, uint64_t at,
							 const char *group, struct text owner, struct text node)
{
	char value[240], field[320];
	snprintf(field, sizeof field, "%.*s", (int)node.n, node.p);
	struct fit_verdict verdict;
	bool good = fit_signature_verify(f->fdt, s, &f->keys, data, &f->tokens, value, sizeof value, &verdict);
	bool open = strcmp(verdict.state, SIGNATURE_VALID) == 0 || strcmp(verdict.state, SIGNATURE_NO_KEY) == 0;
	if (open && (s->changed || s->unread)) {
		verdict.state = s->changed ? SIGNATURE_INVALID : SIGNATURE_UNSUPPORTED;
		verdict.words = s->changed ? "the data of an image do not have the digest that is signed"
								   : "the data of an image that is signed are not here, or were not looked at";
		verdict.method = NULL;
		verdict.key = NULL;
		snprintf(value, sizeof value, "%.*s: %s", (int)(s->algo.n < 40 ? s->algo.n : 40), s->algo.p ? s->algo.p : "",
				 verdict.words);
	}
	report_signature(f, s, &verdict, at, group, owner);
	emit_field(f->w, at, group, owner, field, text_c(value));
	if (!good)
		emit_damage_at(f->w->sink, ERR_CORRUPT, at, "%s%.*s: the signature %.*s does not verify", group,
					   (int)(owner.n < 64 ? owner.n : 64), owner.p, (int)(node.n < 32 ? node.n : 32), node.p);
}

static void emit_hashes(struct fit_walk *f, const struct fit_image *image, struct span data)
{
	struct seen_image *seen = see_image(f, image->name, data.p);
	for (unsigned i = 0; i < image->nhashes; i++) {
		const struct fit_hash *h = &image->hashes[i];
		char field[300], value[360];
		if (text_starts(h->node, "signature") && data.p) {
			verify_signature(f, &h->signature, data, h->at, "images/", image->name, h->node);
			continue;
		}
		const char *verdict = data.p ? hash_verdict(f->w, image, h, data) : "not checked";
		if (text_starts(h->node, "hash"))
			see_digest(seen, h, verdict);
		snprintf(field, sizeof field, "%.*s", (int)h->node.n, h->node.p);
		snprintf(value, sizeof value, "%.*s %s", (int)(h->algo.n < 64 ? h->algo.n : 64), h->algo.p ? h->algo.p : "",
				 verdict);
		emit_field(f->w, h->at, "images/", image->name, field, text_c(value));
	}
}

/* The image's data, as far as it is there: *at and *size as the tree says. */
static struct span image_data(const struct fdt *fdt, struct span bytes, const struct fit_image *image, uint64_t *at,
							  uint64_t *size)
{
	bool external = is_external(image);
	*at = external ? external_at(fdt, image) : image->data_at;
	*size = external ? image->external_size : image->data_size;
	return span_clip(bytes, *at, *size);
}

/* Emits one image. */
static bool emit_image(struct fit_walk *f, const struct fit_image *image)
{
	struct walk *w = f->w;
	uint64_t at, size;
	struct span data = image_data(f->fdt, f->bytes, image, &at, &size);
	emit_image_fields(w, image);
	if (!is_external(image) && !image->has_data) {
		emit_damage_at(w->sink, ERR_CORRUPT, image->at, "image %.*s has no data", (int)image->name.n, image->name.p);
		return true;
	}
	if (data.n < size)
		emit_damage_at(w->sink, ERR_TRUNCATED, at, "image %.*s has %llu bytes, %zu are there", (int)image->name.n,
					   image->name.p, (unsigned long long)size, data.n);
	f->claimed += data.n;
	if (f->claimed > 2 * (uint64_t)f->bytes.n) {
		emit_damage_at(w->sink, ERR_BUDGET, image->at,
					   "the images overlap: together they claim more than the file holds");
		return false;
	}
	if (!f->fdt->names_cut)
		emit_hashes(f, image, data.n == size ? data : SPAN_NONE);
	if (image->cipher.p)
		emit_damage_at(w->sink, ERR_ENCRYPTED, at, "image %.*s is encrypted with %.*s", (int)image->name.n,
					   image->name.p, (int)(image->cipher.n < 32 ? image->cipher.n : 32), image->cipher.p);

	struct entry e = { ENTRY_INIT, .kind = ENTRY_REGION, .path = image->name };
	e.format = image->cipher.p ? NULL : uboot_promised_format(image->compression, image->type, image->arch);
	e.offset = at;
	e.size = size;
	e.content = (struct content){ .kind = CONTENT_SPAN, .bytes = data };
	return w->child(w, &e);
}

static bool is_wanted(struct text property)
{
	static const char *const names[] = { "default",     "description", "kernel",     "fdt",          "ramdisk",
										 "loadables",   "firmware",    "fpga",       "algo",         "key-name-hint",
										 "sign-images", "signer-name", "compatible", "hashed-nodes", "padding" };
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (text_is(property, names[i]))
			return true;
	return false;
}

/* The root's own properties, and the configurations with their signatures'. */
static void emit_configurations(const struct fdt *fdt, struct walk *w)
{
	struct fit_reader r = { .cursor = fdt_begin(fdt) };
	struct fdt_token t;
	while (fit_token(&r, &t)) {
		if (t.kind != FDT_PROPERTY || t.depth > 4)
			continue;
		char value[400], field[900];
		fdt_strings(t.value, value, sizeof value);
		if (t.depth == 1 && text_is(t.name, "timestamp"))
			emit_header_field(w->sink, t.at, "timestamp", "%llu", (unsigned long long)fdt_number(t.value));
		if (t.depth == 1 && text_is(t.name, "description"))
			emit_header_field(w->sink, t.at, "description", "%s", value);
		if (t.depth == 1 || !text_is(r.names[2], "configurations") || !is_wanted(t.name))
			continue;
		int n = snprintf(field, sizeof field, "configurations/");
		for (unsigned depth = 3; depth <= t.depth; depth++)
			n += snprintf(field + n, sizeof field - (size_t)n, "%.*s/", (int)r.names[depth].n, r.names[depth].p);
		snprintf(field + n, sizeof field - (size_t)n, "%.*s", (int)t.name.n, t.name.p);
		emit_header_field(w->sink, t.at, field, "%s", value);
	}
}

#define PATH_ROOM 128u
#define NAMED_MAX 16u /* images of one configuration that are looked for among what its signature covers */

/* A configuration as it is read. */
struct configuration {
	struct text images[NAMED_MAX];
	unsigned n, signatures;
	uint64_t at;
};

static void take_images(struct configuration *c, const struct fdt_token *t)
{
	static const char *const names[] = { "kernel",   "fdt",  "ramdisk", "loadables",
										 "firmware", "fpga", "script",  "standalone" };
	if (!TEXT_IS_ANY_OF(t->name, names))
		return;
	for (struct span left = t->value; left.n && c->n < NAMED_MAX;) {
		c->images[c->n] = fdt_string(left);
		left = span_from(left, c->images[c->n].n + 1);
		c->n += c->images[c->n].n > 0;
	}
}

static bool covers_node(const struct fit_signature *s, struct text image, struct text digest)
{
	char path[2 * PATH_ROOM];
	snprintf(path, sizeof path, "/images/%.*s%s%.*s", (int)(image.n < 100 ? image.n : 100), image.p,
			 digest.n ? "/" : "", (int)(digest.n < 100 ? digest.n : 100), digest.n ? digest.p : "");
	return fit_signature_covers(s, text_c(path));
}

/* Of an image's data a signature covers a digest alone, which is a node of its own. What is not here is not known to have none. */
static bool covers_image(const struct fit_walk *f, const struct fit_signature *s, struct text image)
{
	const struct seen_image *seen = find_seen(f, image);
	bool bound = !seen;
	for (unsigned i = 0; seen && i < seen->n; i++)
		bound |= covers_node(s, image, seen->digests[i]);
	return bound && covers_node(s, image, TEXT_NONE);
}

/* Which image boots with the configuration and is left out by its signature, and whether one that is not has other data, or none. */
static void look_at_images(struct fit_walk *f, const struct configuration *c, struct fit_signature *s)
{
	for (unsigned i = 0; s->hashed_nodes.n && i < c->n; i++) {
		if (f->tokens < 2 * (uint64_t)f->nseen) {
			s->unread = true;
			return;
		}
		f->tokens -= 2 * (uint64_t)f->nseen;
		const struct seen_image *seen = find_seen(f, c->images[i]);
		bool covered = covers_image(f, s, c->images[i]);
		if (!covered && !s->without.n)
			s->without = c->images[i];
		s->changed |= covered && seen && seen->changed;
		s->unread |= covered && (!seen || seen->unread);
	}
}

/* Every configuration's signatures; how many. */
static unsigned verify_configurations(struct fit_walk *f)
{
	struct fit_reader r = { .cursor = fdt_begin(f->fdt) };
	struct configuration c = { 0 };
	struct fit_signature s = { 0 };
	struct fdt_token t;
	unsigned n = 0;
	while (fit_token(&r, &t)) {
		if (t.depth == 3 && t.kind == FDT_BEGIN)
			c = (struct configuration){ .at = t.at };
		if (t.depth == 3 && t.kind == FDT_PROPERTY)
			take_images(&c, &t);
		if (t.depth != 4 || !text_is(r.names[2], "configurations") || !text_starts(r.names[4], "signature"))
			continue;
		if (t.kind == FDT_BEGIN)
			s = (struct fit_signature){ .at = t.at };
		if (t.kind == FDT_PROPERTY)
			fit_signature_take(&s, &t);
		if (t.kind == FDT_CLOSE) {
			s.owner = r.names[3];
			look_at_images(f, &c, &s);
			verify_signature(f, &s, SPAN_NONE, s.at, "configurations/", r.names[3], r.names[4]);
			n++;
		}
	}
	return n;
}

/* Those that nobody signed, beside others that somebody did. */
static void report_unsigned(struct fit_walk *f)
{
	struct fit_reader r = { .cursor = fdt_begin(f->fdt) };
	struct configuration c = { 0 };
	struct fdt_token t;
	char covers[128];
	while (fit_token(&r, &t)) {
		if (t.depth < 3 || !text_is(r.names[2], "configurations"))
			continue;
		if (t.depth == 3 && t.kind == FDT_BEGIN)
			c = (struct configuration){ .at = t.at };
		c.signatures += t.depth == 4 && t.kind == FDT_BEGIN && text_starts(r.names[4], "signature");
		if (t.depth != 3 || t.kind != FDT_CLOSE || c.signatures)
			continue;
		snprintf(covers, sizeof covers, "configurations/%.*s", (int)(r.names[3].n < 100 ? r.names[3].n : 100),
				 r.names[3].p);
		signature_report_plain(f->w->sink, c.at, "fit", covers, NULL, SIGNATURE_ABSENT,
							   "not signed, beside configurations that are");
	}
}

/* The public keys of the trees among the images, and of this one. */
static void collect_keys(struct fit_walk *f)
{
	struct fit_reader r = { .cursor = fdt_begin(f->fdt) };
	struct fit_image image = { 0 };
	struct fdt_token last;
	uint64_t at, size, read = 0;
	while (fit_next_image(&r, &image, &last)) {
		struct fdt tree;
		struct span data = image_data(f->fdt, f->bytes, &image, &at, &size);
		read += data.n;
		if (read <= 2 * (uint64_t)f->bytes.n && fdt_open(data, &tree))
			fit_keys_collect(&tree, image.name, &f->keys);
	}
	fit_keys_collect(f->fdt, TEXT_NONE, &f->keys);
}

/* Tokens that are read to verify all signatures of a FIT. */
#define TOKENS_MAX (4u << 20)

void fit_walk(const struct fdt *fdt, struct span bytes, struct walk *w)
{
	struct fit_walk f = { .fdt = fdt, .bytes = bytes, .w = w, .tokens = TOKENS_MAX };
	struct fit_reader r = { .cursor = fdt_begin(fdt) };
	struct fit_image image = { 0 };
	struct fdt_token last;
	emit_configurations(fdt, w);
	if (fdt->names_cut) {
		emit_damage_at(
			w->sink, ERR_TRUNCATED, fdt->blob.n,
			"the names of properties are cut off: what has none is taken for data by its size, and nothing was verified");
	} else {
		collect_keys(&f);
	}
	bool whole = true;
	while (whole && fit_next_image(&r, &image, &last))
		whole = emit_image(&f, &image);
	if (!fdt->names_cut && verify_configurations(&f))
		report_unsigned(&f);
	if (!whole)
		return;
	if (last.kind == FDT_BROKEN)
		emit_damage_at(w->sink, ERR_CORRUPT, last.at, "the device tree's structure block is damaged");
	else if (!f.signatures && !fdt->names_cut)
		signature_report_plain(w->sink, 0, "fit", "configurations", NULL, SIGNATURE_ABSENT,
							   "no configuration and no image is signed");
}

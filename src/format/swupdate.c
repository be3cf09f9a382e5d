/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SWUpdate: a cpio archive that begins with a description of what is in it, which may be signed.
 *
 * Specification: SWUpdate documentation, "SWUpdate: syntax and tags with the default parser" and "Update images from
 * verified source".
 */
#include <stdio.h>

#include "base/settings.h"
#include "format/members.h"
#include "format/signature.h"

#define DESCRIPTION "sw-description"
#define DESCRIPTION_MAX (1u << 20)
#define IMAGES_MAX 1024u
#define FIELDS_MAX 256u

extern const struct format cpio_format;

/* The name of a newc archive's first member. */
static bool swupdate_probe(struct span at, struct format_match *match)
{
	bool newc = span_has(at, 0, "070701", 6) || span_has(at, 0, "070702", 6);
	if (!newc || !span_has(at, 110, DESCRIPTION "\0", sizeof DESCRIPTION) || !cpio_format.probe(at, match))
		return false;
	match->confidence = 95; /* above that of cpio */
	return true;
}

/* What a group of the description says of an image. */
struct image {
	struct text filename, sha256, version, type;
	bool encrypted, compressed;
};

struct description {
	struct walk *w;
	const struct members *members;
	struct image stack[SETTINGS_DEPTH + 1]; /* of the groups that are open */
	struct text keys[SETTINGS_DEPTH + 1];
	unsigned images, fields;
	bool is_signed;
	bool named[MEMBERS_MAX]; /* members that it describes */
	bool told[MEMBERS_MAX];  /* second files of a name that are not what it says */
	uint64_t at;
};

static void emit_field(struct description *d, const char *name, struct text value)
{
	if (d->fields++ < FIELDS_MAX)
		emit_header(d->w->sink, &(struct fact_header){ (int64_t)d->at, text_c(name), value });
}

/* The signature is of the description: an image is signed by the digest that stands there, and without one by nothing. SWUpdate
 * installs no such image where it is built to verify signatures, so the row says what is missing. */
static void report_unsigned(struct description *d, uint64_t at, struct text name, const char *state, const char *words)
{
	char covers[160];
	if (!d->is_signed)
		return;
	snprintf(covers, sizeof covers, "%.*s", (int)(name.n < 150 ? name.n : 150), name.p);
	signature_report_plain(d->w->sink, at, "swupdate", covers, NULL, state, words);
}

/* The archive may have another file of the same name, which takes the first one's place where it is unpacked. */
static void check_others(struct description *d, const struct image *image, const struct member_seen *first)
{
	for (size_t i = 0; i < d->members->n; i++) {
		struct member_seen *other = &d->members->v[i];
		if (other == first || !text_eq(other->path, first->path))
			continue;
		d->named[i] = true;
		if (d->told[i] || !image->sha256.n || members_sha256_is(other, image->sha256))
			continue;
		d->told[i] = true;
		report_unsigned(d, other->offset, image->filename, SIGNATURE_INVALID,
						"a second file of that name has not the sha256 in " DESCRIPTION);
	}
}

/* An image's line: what it is and whether it is there as it should be. */
static void check_image(struct description *d, const struct image *image)
{
	char path[512];
	int n = snprintf(path, sizeof path, "/%.*s", (int)image->filename.n, image->filename.p);
	struct member_seen *member =
		n > 0 && (size_t)n < sizeof path ? members_find(d->members, text_of(path, (size_t)n)) : NULL;
	const char *digest = "no sha256";
	if (image->sha256.n)
		digest = !member                                    ? "sha256 not checked"
				 : members_sha256_is(member, image->sha256) ? "sha256 ok"
															: "sha256 mismatch";
	emit_header_field(d->w->sink, d->at, "image", "%.*s%s%.*s: %s%s%s%s",
					  (int)(image->filename.n < 256 ? image->filename.n : 256), image->filename.p,
					  image->version.n ? " " : "", (int)(image->version.n < 64 ? image->version.n : 64),
					  image->version.n ? image->version.p : "", digest, image->encrypted ? ", encrypted" : "",
					  image->compressed ? ", compressed" : "", member ? "" : ", missing");
	uint64_t at = member ? member->offset : d->at;
	if (member) {
		d->named[member - d->members->v] = true;
		check_others(d, image, member);
	}
	if (!image->sha256.n)
		report_unsigned(d, at, image->filename, SIGNATURE_ABSENT,
						DESCRIPTION " has no sha256 of it: it can be changed, and the signature stays valid");
	else if (strcmp(digest, "sha256 mismatch") == 0)
		report_unsigned(d, at, image->filename, SIGNATURE_INVALID, "its sha256 is not the one in " DESCRIPTION);
	if (!member && d->members->n < MEMBERS_MAX)
		emit_damage_at(d->w->sink, ERR_TRUNCATED, at, "the image %.*s is described, but not in the archive",
					   (int)(image->filename.n < 100 ? image->filename.n : 100), image->filename.p);
	else if (member && image->sha256.n && strcmp(digest, "sha256 mismatch") == 0)
		emit_damage_at(d->w->sink, ERR_CORRUPT, at, "the image %.*s does not have the SHA-256 that is described",
					   (int)(image->filename.n < 100 ? image->filename.n : 100), image->filename.p);
	if (image->encrypted)
		emit_damage_at(d->w->sink, ERR_ENCRYPTED, at, "the image %.*s is encrypted with AES-CBC",
					   (int)(image->filename.n < 100 ? image->filename.n : 100), image->filename.p);
}

static void take_value(struct description *d, unsigned depth, struct text key, struct text value)
{
	struct image *image = &d->stack[depth];
	bool compatible =
		text_is(key, "hardware-compatibility") || (depth && text_is(d->keys[depth - 1], "hardware-compatibility"));
	if (text_is(key, "filename"))
		image->filename = value;
	else if (text_is(key, "sha256"))
		image->sha256 = value;
	else if (text_is(key, "encrypted"))
		image->encrypted = settings_is_true(value) || text_starts(value, "aes");
	else if (text_is(key, "compressed"))
		image->compressed = !text_is(value, "false");
	else if (compatible)
		emit_field(d, "hardware-compatibility", value);
	else if (text_is(key, "version") && depth && text_is(d->keys[depth - 1], "software"))
		emit_field(d, "version", value);
	else if (text_is(key, "version"))
		image->version = value;
	else if (text_is(key, "description"))
		emit_field(d, "description", value);
	else if (text_is(key, "bootloader_transaction_marker") || text_is(key, "reboot"))
		emit_field(d, text_is(key, "reboot") ? "reboot" : "bootloader_transaction_marker", value);
}

static void take_event(void *self, enum settings_event event, unsigned depth, struct text key, struct text value)
{
	struct description *d = self;
	switch (event) {
	case SETTINGS_OPEN:
		d->keys[depth] = key;
		d->stack[depth + 1] = (struct image){ .encrypted = false };
		break;
	case SETTINGS_VALUE:
		take_value(d, depth, key, value);
		break;
	case SETTINGS_CLOSE:
		if (!d->stack[depth + 1].filename.n)
			break;
		if (d->images++ < IMAGES_MAX)
			check_image(d, &d->stack[depth + 1]);
		else if (d->images == IMAGES_MAX + 1)
			emit_damage_at(d->w->sink, ERR_BUDGET, d->at, "only the first %u images of the description were checked",
						   IMAGES_MAX);
	}
}

/* Files that the description does not name. */
static void report_unnamed(struct description *d)
{
	for (size_t i = 0; i < d->members->n; i++) {
		struct text name = d->members->v[i].path;
		if (d->named[i] || text_is(name, "/" DESCRIPTION) || text_is(name, "/" DESCRIPTION ".sig"))
			continue;
		report_unsigned(d, d->members->v[i].offset, text_of(name.p + 1, name.n - 1), SIGNATURE_ABSENT,
						DESCRIPTION " does not name it: SWUpdate leaves it out");
	}
}

static void report_cms(struct walk *w, const struct members *m, const struct member_seen *s, struct span bytes)
{
	const struct member_seen *d = members_find(m, TEXT_LIT("/" DESCRIPTION));
	struct span text = d ? members_content(d, w->arena, DESCRIPTION_MAX) : SPAN_NONE;
	struct signature_cms cms;
	if (!text.p)
		return;
	signature_cms_verify(bytes, text, &cms);
	signature_cms_ask_purpose(&cms);
	signature_report_cms(w->sink, s->offset, DESCRIPTION, &cms);
}

/* SWUpdate says nowhere whether the padding is that of PKCS #1 v1.5 or PSS: its build knows. The name "rsa" tries both. */
static void report_rsa(struct walk *w, const struct members *m, const struct member_seen *s, struct span bytes)
{
	const struct member_seen *d = members_find(m, TEXT_LIT("/" DESCRIPTION));
	struct span text = d ? members_content(d, w->arena, DESCRIPTION_MAX) : SPAN_NONE;
	uint8_t digest[DIGEST_MAX];
	if (text.p)
		digest_of(DIGEST_SHA256, text, digest);
	signature_report(w->sink, &(struct signature){ .offset = s->offset,
												   .scheme = "pkcs1",
												   .state = SIGNATURE_NO_KEY,
												   .covers = TEXT_LIT(DESCRIPTION),
												   .algorithm = TEXT_LIT("sha256 with RSA"),
												   .detail = "the device has the key",
												   .method = text.p ? "rsa" : NULL,
												   .message = span_of(digest, digest_size(DIGEST_SHA256)),
												   .value = bytes });
}

/* Whether it is one SEQUENCE, whose length takes two bytes or, with small keys, one. */
static bool is_der(struct span s)
{
	return (span_starts(s, "\x30\x82", 2) && s.n == 4 + (size_t)span_u16be(s, 2)) ||
		   (span_starts(s, "\x30\x81", 2) && s.n > 2 && s.n == 3 + (size_t)s.p[2]);
}

/* A signature is CMS, which begins as DER does, or the bare result of RSA. */
static void describe_signature(struct walk *w, const struct members *m)
{
	const struct member_seen *s = members_find(m, TEXT_LIT("/" DESCRIPTION ".sig"));
	struct span bytes = s && s->content.kind == CONTENT_SPAN ? s->content.bytes : SPAN_NONE;
	if (!s) {
		emit_header_field(w->sink, 0, "signature", "none");
		signature_report_plain(w->sink, 0, "swupdate", DESCRIPTION, NULL, SIGNATURE_ABSENT,
							   "the archive has no " DESCRIPTION ".sig");
	} else if (is_der(bytes)) {
		emit_header_field(w->sink, s->offset, "signature", "CMS, %zu bytes", bytes.n);
		report_cms(w, m, s, bytes);
	} else {
		emit_header_field(w->sink, s->offset, "signature", "RSA, %zu bytes", bytes.n);
		report_rsa(w, m, s, bytes);
	}
}

static void describe(struct walk *w, const struct members *m)
{
	const struct member_seen *s = members_find(m, TEXT_LIT("/" DESCRIPTION));
	struct span text = s ? members_content(s, w->arena, DESCRIPTION_MAX) : SPAN_NONE;
	if (!text.p) {
		emit_damage_at(w->sink, ERR_UNSUPPORTED, 0, "the description is larger than what is read");
		return;
	}
	struct description *d = ARENA_NEW(w->arena, struct description);
	if (!d)
		return;
	*d = (struct description){ .w = w, .members = m, .at = s->offset };
	d->is_signed = members_find(m, TEXT_LIT("/" DESCRIPTION ".sig")) != NULL;
	if (memchr(text.p, 0, text.n) || text.n % 16 == 0) {
		/* An encrypted description is blocks of AES. */
		bool plain = memmem(text.p, text.n, "software", 8) != NULL;
		if (!plain) {
			emit_damage_at(w->sink, ERR_ENCRYPTED, s->offset, "the description is encrypted");
			return;
		}
	}
	if (settings_parse(text_from_span(text), take_event, d))
		report_unnamed(d);
	else
		emit_damage_at(w->sink, ERR_CORRUPT, s->offset, "the description is malformed");
}

static struct error swupdate_walk(struct span bytes, struct walk *w)
{
	struct members m;
	struct error e = members_walk(&cpio_format, bytes, w, &m);
	if (!m.stopped) {
		describe_signature(w, &m);
		describe(w, &m);
	}
	return e;
}

static const struct format_magic swupdate_magics[] = { MAGIC(DESCRIPTION "\0", 110), MAGIC_END };

const struct format swupdate_format = {
	.name = "swupdate",
	.kind = FORMAT_ARCHIVE,
	.title = "SWUpdate image (.swu)",
	.spec = "SWUpdate documentation",
	.magics = swupdate_magics,
	.probe = swupdate_probe,
	.walk = swupdate_walk,
};

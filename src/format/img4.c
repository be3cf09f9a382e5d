/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Image4: what Apple's boot loaders load since 2013, with the manifest that allows it.
 *
 * Specification: none is public; img4lib and img4tool (tihmstar) agree on the ASN.1: IMG4 { payload, [0] manifest, [1] restore info },
 * IM4P { type, description, data, keybag, compression }, IM4M { version, body, signature, certificates }.
 */
#include <stdio.h>

#include "format/der.h"
#include "format/parts.h"
#include "format/region.h"

#define DESCRIPTION_MAX 1024u
#define CERTIFICATES_MAX 16u

enum part { IMG4, IM4P, IM4M, IM4R };

/* The object that begins there: what it is, and in *at the place behind its name. */
static bool object_read(struct span s, uint64_t begin, struct der *object, enum part *part, uint64_t *at)
{
	static const char *const names[] = { "IMG4", "IM4P", "IM4M", "IM4R" };
	struct der name;
	*at = begin;
	if (!der_read_tag(s, at, DER_SEQUENCE, object))
		return false;
	*at = object->at + object->header;
	if (!der_read_tag(s, at, DER_IA5, &name) || name.n != 4)
		return false;
	for (unsigned i = 0; i < 4; i++)
		if (span_starts(name.content, names[i], 4)) {
			*part = (enum part)i;
			return true;
		}
	return false;
}

static uint64_t end_of(const struct der *d)
{
	return d->at + d->header + d->n;
}

static bool is_printable(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < ' ' || s.p[i] > '~')
			return false;
	return true;
}

/* Whether what follows the name is as it must be, as far as the bytes go. */
static bool is_object(struct span s, uint64_t begin, struct der *object, unsigned depth)
{
	enum part part;
	struct der first, second, third;
	uint64_t at;
	if (!object_read(s, begin, object, &part, &at) || !der_read(s, &at, &first))
		return false;
	if (part == IMG4) {
		struct der payload;
		return depth == 0 && first.tag == DER_SEQUENCE && at <= end_of(object) && is_object(s, first.at, &payload, 1);
	}
	if (part == IM4R)
		return first.tag == DER_SET && at == end_of(object);
	if (part == IM4M)
		return der_number(&first) >= 0 && der_read_tag(s, &at, DER_SET, &second) && at < end_of(object);
	return first.tag == DER_IA5 && first.n == 4 && is_printable(first.content) && der_read_tag(s, &at, DER_IA5, &second) &&
		   second.n <= DESCRIPTION_MAX && is_printable(second.content) && der_read_tag(s, &at, DER_OCTETS, &third) &&
		   at <= end_of(object);
}

static bool img4_probe(struct span at, struct format_match *match)
{
	struct der object;
	if (!is_object(at, 0, &object, 0))
		return false;
	match->size = end_of(&object);
	match->confidence = 90;
	return true;
}

static void text_field(struct walk *w, const char *name, const struct der *d)
{
	emit_header_field(w->sink, d->at, name, "%.*s", (int)d->content.n, (const char *)d->content.p);
}

/* What payloads begin with that are not encrypted: a keybag may be left over. */
static bool is_plain(struct span s)
{
	static const char *const begins[] = { "bvx-", "bvx1", "bvx2", "bvxn", "comp", "\xcf\xfa\xed\xfe", "\xce\xfa\xed\xfe" };
	for (size_t i = 0; i < sizeof begins / sizeof begins[0]; i++)
		if (span_starts(s, begins[i], 4))
			return true;
	return false;
}

/* Behind the payload: a keybag, how it is packed, properties. */
static void tell_extras(struct span s, uint64_t at, const struct der *object, struct span data, struct walk *w)
{
	struct der d, method, size;
	while (at < end_of(object) && der_read(s, &at, &d)) {
		uint64_t inner = d.at + d.header;
		if (d.tag == DER_OCTETS && !is_plain(data)) {
			emit_damage_at(w->sink, ERR_ENCRYPTED, d.at, "the payload is encrypted: its key is in a keybag (KBAG), under a key of the chip");
		} else if (d.tag == DER_SEQUENCE && der_read_tag(s, &inner, DER_INTEGER, &method) && der_read_tag(s, &inner, DER_INTEGER, &size)) {
			const char *const names[] = { "LZSS", "LZFSE" };
			int64_t number = der_number(&method);
			emit_header_field(w->sink, d.at, "compression", "%s", number >= 0 && number < 2 ? names[number] : "unknown");
			emit_header_field(w->sink, size.at, "unpacked_size", "%lld", (long long)der_number(&size));
		}
	}
}

static bool payload_walk(struct parts *p, const struct der *object, uint64_t at)
{
	struct der type, description, data;
	if (!der_read(p->bytes, &at, &type) || !der_read(p->bytes, &at, &description) || !der_read(p->bytes, &at, &data)) {
		emit_damage_at(p->w->sink, ERR_CORRUPT, object->at, "the payload has no data");
		return true;
	}
	text_field(p->w, "type", &type);
	text_field(p->w, "description", &description);
	tell_extras(p->bytes, at, object, data.content, p->w);
	return parts_emit(p, TEXT_LIT("payload"), data.at + data.header, data.n, NULL);
}

/* The certificates that its signature is by. */
static bool manifest_walk(struct parts *p, uint64_t at)
{
	struct der version, body, signature, certificates, certificate;
	if (!der_read(p->bytes, &at, &version) || !der_read(p->bytes, &at, &body))
		return true;
	emit_header_field(p->w->sink, version.at, "manifest_version", "%lld", (long long)der_number(&version));
	if (!parts_emit(p, TEXT_LIT("manifest_body"), body.at, body.header + body.n, NULL))
		return false;
	if (!der_read_tag(p->bytes, &at, DER_OCTETS, &signature) || !der_read_tag(p->bytes, &at, DER_SEQUENCE, &certificates))
		return true;
	at = certificates.at + certificates.header;
	for (unsigned i = 0; i < CERTIFICATES_MAX && at < end_of(&certificates) && der_read(p->bytes, &at, &certificate); i++) {
		char name[32];
		snprintf(name, sizeof name, "certificate-%u", i);
		if (!parts_emit(p, text_c(name), certificate.at, certificate.header + certificate.n, NULL))
			return false;
	}
	return true;
}

/* The manifest and what a restore has added: each is an object by itself. */
static void image_walk(struct parts *p, const struct der *object, uint64_t at)
{
	struct der payload, inner, d;
	enum part part;
	uint64_t next = at, name_end;
	if (!der_read(p->bytes, &next, &payload) || !object_read(p->bytes, payload.at, &inner, &part, &name_end) || part != IM4P) {
		emit_damage_at(p->w->sink, ERR_CORRUPT, at, "it has no payload");
		return;
	}
	if (!payload_walk(p, &inner, name_end))
		return;
	while (next < end_of(object) && der_read(p->bytes, &next, &d)) {
		uint64_t begin = d.at + d.header;
		struct text name = d.tag == DER_CONTEXT_0 ? TEXT_LIT("manifest") : d.tag == DER_CONTEXT_1 ? TEXT_LIT("restore_info") : TEXT_LIT("more");
		if (!parts_emit(p, name, begin, d.n, "img4"))
			return;
	}
}

static struct error img4_walk(struct span bytes, struct walk *w)
{
	static const char *const names[] = { "IMG4", "IM4P", "IM4M", "IM4R" };
	struct parts p = { .bytes = bytes, .w = w };
	struct der object;
	enum part part;
	uint64_t at;
	if (!object_read(bytes, 0, &object, &part, &at))
		return error_at(ERR_CORRUPT, 0, "no object of Image4");
	emit_header_field(w->sink, object.at, "object", "%s", names[part]);
	if (end_of(&object) > bytes.n)
		emit_damage_at(w->sink, ERR_TRUNCATED, bytes.n, "it has %llu bytes, here are %zu", (unsigned long long)end_of(&object), bytes.n);
	if (part == IMG4)
		image_walk(&p, &object, at);
	else if (part == IM4P)
		(void)payload_walk(&p, &object, at);
	else if (part == IM4M)
		(void)manifest_walk(&p, at);
	return error_none();
}

/* The name stands behind a tag and a length of one to five bytes. */
#define AT_ANY(name)                                                                                                                     \
	MAGIC("\x16\x04" name, 2), MAGIC("\x16\x04" name, 3), MAGIC("\x16\x04" name, 4), MAGIC("\x16\x04" name, 5), MAGIC("\x16\x04" name, 6)
static const struct format_magic magics[] = { AT_ANY("IMG4"), AT_ANY("IM4P"), AT_ANY("IM4M"), AT_ANY("IM4R"), MAGIC_END };

const struct format img4_format = {
	.name = "img4",
	.kind = FORMAT_CONTAINER,
	.title = "Image4 of Apple's boot loaders",
	.spec = "img4lib, img4tool",
	.magics = magics,
	.probe = img4_probe,
	.walk = img4_walk,
};

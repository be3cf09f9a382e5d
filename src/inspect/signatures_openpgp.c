/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Signatures of OpenPGP: texts that are signed in clear (apt's InRelease, dpkg-sig), and detached ones in armor or binary
 * (Release.gpg, .sig, .asc), whose file stands beside them. They are verified by a key from elsewhere when all is unpacked.
 *
 * Specification: RFC 9580, sections 5.2 and 7; RFC 4880. */
#include <time.h>

#include <openssl/evp.h>

#include "base/hash.h"
#include "base/openpgp.h"
#include "inspect/signatures.h"

#define SIGNATURES_MAX 64u
#define DETACHED_MAX ((size_t)64 << 10)
#define DIGESTED_MAX ((uint64_t)4 << 30) /* for all signatures of one file */
#define CLEAR "-----BEGIN PGP SIGNED MESSAGE-----"
#define ARMOR "-----BEGIN PGP SIGNATURE-----"

/* ---- rows ---- */

static const char *made_at(const struct subject *s, int64_t seconds)
{
	char date[40] = "at a time that it does not say";
	time_t t = (time_t)seconds;
	struct tm tm;
	if (seconds >= 0 && gmtime_r(&t, &tm))
		strftime(date, sizeof date, "on %Y-%m-%dT%H:%M:%SZ", &tm);
	return arena_printf(s->arena, "made %s", date);
}

struct found {
	uint64_t at;
	struct text covers;
	struct span digest; /* of what is signed; none: it is not known */
	const char *why;    /* ... because */
};

static void report(const struct subject *s, struct sink *sink, const struct openpgp_signature *p, const struct found *f)
{
	char name[OPENPGP_NAME_SIZE] = "";
	const char *hash = openpgp_hash_name(p->hash), *algorithm = openpgp_algorithm_name(p->algorithm), *method = NULL;
	uint8_t *value = arena_alloc(s->arena, OPENPGP_VALUE_MAX, 1);
	bool sound = !p->not_understood && p->created >= 0;
	size_t n = value && sound && f->digest.n ? openpgp_value(p, value, &method) : 0;
	const char *why = f->why    ? f->why
					  : !sound  ? "it does not say when it was made, or something in it must be understood and is not"
					  : n    ? "its key is not found in the image"
							 : "its algorithm is none that is verified";
	if (p->issuer.n)
		openpgp_name(p->issuer, name);
	emit_signature(sink, &(struct fact_signature){
							 .offset = (int64_t)f->at,
							 .scheme = TEXT_LIT("openpgp"),
							 .covers = f->covers,
							 .algorithm = text_c(arena_printf(s->arena, "%s with %s", hash ? hash : "unknown digest",
															  algorithm ? algorithm : "unknown algorithm")),
							 .state = text_c(n ? "no-key" : "unsupported"),
							 .key_hint = text_c(name[0] ? name : NULL),
							 .detail = text_c(
								 arena_printf(s->arena, "version %u, %s: %s", p->version, made_at(s, p->created), why)),
							 .method = text_c(n ? method : NULL),
							 .message = n ? signatures_hex(s, f->digest) : TEXT_NONE,
							 .value = n ? signatures_hex(s, span_of(value, n)) : TEXT_NONE,
							 .made = p->created < 0 ? FACT_NULL : p->created,
							 .expires = p->created < 0 || p->expires <= 0 ? FACT_NULL : p->created + p->expires,
						 });
}

/* ---- signed in clear (7) ---- */

static bool take_line(struct span *rest, struct span *line)
{
	const uint8_t *end = rest->n ? memchr(rest->p, '\n', rest->n) : NULL;
	if (!rest->n)
		return false;
	*line = span_of(rest->p, end ? (size_t)(end - rest->p) : rest->n);
	*rest = span_from(*rest, line->n + (end != NULL));
	return true;
}

static struct span without_end(struct span line)
{
	while (line.n && (line.p[line.n - 1] == '\r' || line.p[line.n - 1] == ' ' || line.p[line.n - 1] == '\t'))
		line.n--;
	return line;
}

/* The text between the headers (of which only "Hash" may be there) and the signatures. */
static bool clear_text(struct span bytes, struct span *text, uint64_t *armor)
{
	struct span rest = bytes, line;
	if (!take_line(&rest, &line))
		return false;
	for (bool head = true; head;) {
		if (!take_line(&rest, &line))
			return false;
		line = without_end(line);
		head = line.n > 0;
		if (head && !span_starts(line, "Hash:", 5))
			return false;
	}
	*text = rest;
	for (struct span begin = rest; take_line(&rest, &line); begin = rest)
		if (span_starts(line, ARMOR, sizeof ARMOR - 1)) {
			*armor = (uint64_t)(begin.p - bytes.p);
			text->n = (size_t)(begin.p - text->p);
			return true;
		}
	return false;
}

/* Lines end with CR LF, the last one without; their trailing blanks do not count, nor do dashes that escape. */
static size_t digest_clear(struct span text, const struct openpgp_signature *p, uint8_t out[OPENPGP_DIGEST_MAX])
{
	EVP_MD_CTX *digest = openpgp_digest_begin(p);
	bool ok = digest != NULL, first = true;
	for (struct span line; ok && take_line(&text, &line); first = false) {
		line = without_end(span_starts(line, "- ", 2) ? span_from(line, 2) : line);
		ok = (first || EVP_DigestUpdate(digest, "\r\n", 2) == 1) &&
			 (!line.n || EVP_DigestUpdate(digest, line.p, line.n) == 1);
	}
	if (digest && !ok)
		EVP_MD_CTX_free(digest);
	return ok ? openpgp_digest_end(digest, p, out) : 0;
}

static void clear_run(const struct subject *s, struct sink *sink)
{
	struct span text, packets;
	uint64_t at, end;
	struct openpgp_packet packet;
	struct openpgp_signature p;
	if (!clear_text(s->bytes, &text, &at) || !openpgp_dearmor(s->arena, s->bytes, at, &packets, &end)) {
		emit_damage_at(sink, ERR_CORRUPT, 0, "a text that is signed in clear has no signature that can be read");
		return;
	}
	struct text name = text_base(s->path);
	for (unsigned i = 0; i < SIGNATURES_MAX && openpgp_take(&packets, &packet); i++) {
		uint8_t digest[OPENPGP_DIGEST_MAX];
		if (packet.tag != OPENPGP_SIGNATURE || !openpgp_read_signature(packet.body, &p))
			continue;
		struct found f = { .at = at, .covers = text_c(arena_printf(s->arena, "text in %.*s", (int)name.n, name.p)) };
		if (p.type == OPENPGP_TEXT)
			f.digest = span_of(digest, digest_clear(text, &p, digest));
		else
			f.why = "it is none of a text";
		report(s, sink, &p, &f);
	}
}

/* ---- detached ---- */

/* Lines of a text end with CR LF, whatever they end with in the file (5.2.1.2). */
static bool digest_text(EVP_MD_CTX *digest, struct span text)
{
	const uint8_t *end = text.n ? text.p + text.n : NULL;
	for (struct span line; take_line(&text, &line);) {
		bool ended = line.p + line.n < end;
		size_t n = line.n;
		while (ended && n && line.p[n - 1] == '\r')
			n--;
		if ((n && EVP_DigestUpdate(digest, line.p, n) != 1) || (ended && EVP_DigestUpdate(digest, "\r\n", 2) != 1))
			return false;
	}
	return true;
}

static size_t digest_file(struct span file, const struct openpgp_signature *p, uint8_t out[OPENPGP_DIGEST_MAX])
{
	EVP_MD_CTX *digest = openpgp_digest_begin(p);
	bool ok = digest && (p->type == OPENPGP_TEXT ? digest_text(digest, file)
												 : !file.n || EVP_DigestUpdate(digest, file.p, file.n) == 1);
	if (digest && !ok)
		EVP_MD_CTX_free(digest);
	return ok ? openpgp_digest_end(digest, p, out) : 0;
}

static void detached_run(const struct subject *s, struct sink *sink, struct span packets)
{
	struct openpgp_packet packet;
	struct openpgp_signature p;
	uint8_t digest[OPENPGP_DIGEST_MAX];
	const char *why = NULL;
	struct span file = signatures_covered_bytes(s, &why);
	uint64_t digested = 0;
	for (unsigned i = 0; i < SIGNATURES_MAX && openpgp_take(&packets, &packet); i++) {
		if (packet.tag != OPENPGP_SIGNATURE || !openpgp_read_signature(packet.body, &p))
			continue;
		struct found f = { .covers = signatures_covered_file(s->path), .why = why };
		if (!why && p.type != OPENPGP_BINARY && p.type != OPENPGP_TEXT)
			f.why = "it is none over a file";
		else if (!why && (digested += file.n) > DIGESTED_MAX)
			f.why = "there are more signatures of the file than are looked at";
		else if (!why)
			f.digest = span_of(digest, digest_file(file, &p, digest));
		report(s, sink, &p, &f);
	}
}

/* Nothing but signatures, of algorithms that there are. */
static bool is_binary(struct span bytes)
{
	struct openpgp_packet packet;
	struct openpgp_signature p;
	for (unsigned i = 0; i < SIGNATURES_MAX && bytes.n; i++)
		if (!openpgp_take(&bytes, &packet) || packet.tag != OPENPGP_SIGNATURE ||
			!openpgp_read_signature(packet.body, &p) || !openpgp_hash_name(p.hash) ||
			!openpgp_algorithm_name(p.algorithm))
			return false;
	return !bytes.n;
}

static bool is_named(struct text path)
{
	return signatures_is_detached_name(path) || text_starts(text_base(path), "_gpg"); /* of a Debian package */
}

bool signatures_is_openpgp(const struct subject *s)
{
	struct span b = s->bytes;
	if (s->kind != ENTRY_FILE || !b.n || text_has(s->path, "/usr/share/doc/"))
		return false;
	if (span_starts(b, CLEAR, sizeof CLEAR - 1) || span_starts(b, ARMOR, sizeof ARMOR - 1))
		return true;
	return b.n <= DETACHED_MAX && (b.p[0] & 0x80) && is_named(s->path) && is_binary(b);
}

void signatures_openpgp(const struct subject *s, struct sink *sink)
{
	struct span packets = s->bytes;
	uint64_t end;
	if (span_starts(s->bytes, CLEAR, sizeof CLEAR - 1))
		clear_run(s, sink);
	else if (!span_starts(s->bytes, ARMOR, sizeof ARMOR - 1) || openpgp_dearmor(s->arena, s->bytes, 0, &packets, &end))
		detached_run(s, sink, packets);
	else
		emit_damage_at(sink, ERR_CORRUPT, 0, "the armor of an OpenPGP signature can not be read");
}

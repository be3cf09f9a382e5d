/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What `openssl enc` writes with a password: "Salted__", eight bytes of salt, ciphertext. Named for what it is; without the
 * password nothing more can be said.
 *
 * Specification: OpenSSL apps/enc.c; doc/man1/openssl-enc.pod.in.
 */
#include "base/hash.h"
#include "format/format.h"

#define HEADER_SIZE 16u
#define SAMPLE 4096u

/* Ciphertext has no favourite byte: text that follows the word in a program's strings has. */
static bool looks_encrypted(struct span text)
{
	struct span sample = span_clip(text, 0, SAMPLE);
	unsigned counts[256] = { 0 }, high = 0;
	for (size_t i = 0; i < sample.n; i++) {
		counts[sample.p[i]]++;
		high += sample.p[i] >= 0x80;
	}
	for (unsigned i = 0; i < 256; i++)
		if (counts[i] > 8 + sample.n / 64)
			return false;
	return high > sample.n / 3 && high < sample.n - sample.n / 3;
}

static bool salted_probe(struct span at, struct format_match *match)
{
	struct span text = span_from(at, HEADER_SIZE);
	if (!span_starts(at, "Salted__", 8) || text.n < 64 || !looks_encrypted(text))
		return false;
	match->size = at.n;
	match->confidence = 70;
	return true;
}

static struct error salted_walk(struct span bytes, struct walk *w)
{
	char salt[17];
	if (bytes.n < HEADER_SIZE)
		return error_at(ERR_TRUNCATED, bytes.n, "the salt is cut off");
	hash_hex(bytes.p + 8, 8, salt);
	emit_header_field(w->sink, 8, "salt", "%s", salt);
	return error_at(ERR_ENCRYPTED, HEADER_SIZE, "%zu bytes that `openssl enc` encrypted with a password%s",
					bytes.n - HEADER_SIZE, bytes.n % 16 ? "" : ", in whole blocks of 16");
}

static const struct format_magic salted_magics[] = { MAGIC("Salted__", 0), MAGIC_END };

const struct format openssl_salted_format = {
	.name = "openssl_salted",
	.kind = FORMAT_CONTAINER,
	.title = "data encrypted by `openssl enc` with a password (named)",
	.spec = "OpenSSL apps/enc.c",
	.magics = salted_magics,
	.probe = salted_probe,
	.walk = salted_walk,
};

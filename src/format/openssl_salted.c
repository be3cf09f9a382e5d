/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What `openssl enc` writes with a password: "Salted__", eight bytes of salt, ciphertext. Vendors'
 * passwords that are published are tried; without the password nothing more can be said.
 *
 * Specification: OpenSSL apps/enc.c; doc/man1/openssl-enc.pod.in. Passwords: github.com/mcw0/PoC decrypt-foscam.py;
 * github.com/devttys0/delink src/dap1610.rs, src/r95.rs.
 */
#include "base/hash.h"
#include "base/work.h"
#include "format/openssl_enc.h"

#define HEADER_SIZE OPENSSL_ENC_HEADER
#define PEEK_SIZE 512u
#define SAMPLE 4096u
#define BOUNDARY 512u

/* Ciphertext has no favourite byte: text that follows the word in a program's strings has. */
static bool looks_encrypted(struct span text)
{
	struct span sample = span_clip(text, 0, SAMPLE);
	unsigned counts[256] = { 0 }, high = 0;
	work_add(2 * (uint64_t)sample.n);
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

/* Where dense bytes go on before it, it is a word that a compressed stream holds as it is, as that of the program `openssl` does; what is
 * really put behind such bytes begins on a boundary. */
static bool salted_locate(struct span all, uint64_t hit, uint64_t *start)
{
	uint64_t before = hit < SAMPLE ? hit : SAMPLE;
	*start = hit;
	return hit % BOUNDARY == 0 || before < 64 || !looks_encrypted(span_sub(all, hit - before, before));
}

/* Of Foscam's cameras, by model and version. */
static const char *const foscam[] = {
	"Wxift*",  "Wxift*v2",  "WWxift*",  "WWxift*v2",  "Wyift*",   "Wyift*v2", "WWyift*",   "WWyift*v2", "Wzift*", "Wzift*v2", "WWzift*",
	"WWzift*v2", "WWzift*v4", "Weift*",   "Weift*v2",   "WWeift*",  "WWeift*v2", "WWjift*v2", "Pxift*",    "Pxift*v2", "PPxift*", "PPxift*v2",
	"Xti1f*",  "Xti1f*v2",  "XXti1f*",  "XXti1f*v2",  "Ktf1g*",   "Ktf1g*v2", "KKtf1g*",   "KKtf1g*v2", "WT8Nk*", "WT8Nk*v2", "WWT8Nk*",
	"WWT8Nk*v2", "XT8Nk*",    "XT8Nk*v2", "XXT8Nk*",    "XXT8Nk*v2", NULL,
};
/* The R36, M36, R95 and M95 of D-Link. */
static const char *const dlink_dtb[] = { "CAD1C42B11F1982FFA94B6A24C260A43", "A11E331C15CE73ABA8E06171A11D2FB6",
										 "BE81AE1B6F523AC7164C4FD67B6BD8FD", "91A9A3AF2218F4EA60AC37D5835EB318", NULL };
static const char *const dlink_tar[] = { "2c3b6fa78bd60b41bb0796fef4b058b0", NULL }; /* the DAP-1610 */

static bool begins_gzip(struct span plain)
{
	return span_starts(plain, "\x1f\x8b\x08", 3) && !(plain.p[3] & 0xe0) && (plain.p[8] == 0 || plain.p[8] == 2 || plain.p[8] == 4) &&
		   (plain.p[9] <= 19 || plain.p[9] == 0xff);
}

static bool begins_dtb(struct span plain)
{
	return span_starts(plain, "\xd0\x0d\xfe\xed", 4);
}

static bool begins_tar(struct span plain)
{
	return span_has(plain, 257, "ustar", 5);
}

static const struct {
	const char *const *passwords, *vendor;
	enum digest digest;
	unsigned bits;
	bool (*begins)(struct span plain); /* what such images hold: by that a password is known to be the right one */
} published[] = {
	{ foscam, "Foscam", DIGEST_MD5, 128, begins_gzip },
	{ dlink_dtb, "D-Link", DIGEST_SHA256, 256, begins_dtb },
	{ dlink_tar, "D-Link", DIGEST_SHA256, 256, begins_tar },
};

/* The vendor under one of whose passwords something known comes out, or NULL. */
static const char *find_password(struct span bytes, struct openssl_enc *made, struct wrapper_cipher *cipher)
{
	uint8_t plain[PEEK_SIZE];
	struct span peek = span_clip(bytes, HEADER_SIZE, PEEK_SIZE);
	peek.n -= peek.n % 16;
	if (peek.n < 16)
		return NULL;
	for (size_t i = 0; i < sizeof published / sizeof published[0]; i++)
		for (const char *const *p = published[i].passwords; *p; p++) {
			*cipher = openssl_enc_cipher(made, published[i].digest, published[i].bits, text_c(*p), span_sub(bytes, 8, 8));
			if (wrapper_decipher(*cipher, peek.p, plain, peek.n) && published[i].begins(span_of(plain, peek.n)))
				return published[i].vendor;
		}
	return NULL;
}

static struct error salted_walk(struct span bytes, struct walk *w)
{
	char salt[17];
	if (bytes.n < HEADER_SIZE)
		return error_at(ERR_TRUNCATED, bytes.n, "the salt is cut off");
	hash_hex(bytes.p + 8, 8, salt);
	emit_header_field(w->sink, 8, "salt", "%s", salt);
	struct openssl_enc made;
	struct wrapper_cipher cipher;
	const char *vendor = find_password(bytes, &made, &cipher);
	if (vendor) {
		struct span packed = span_sub(bytes, HEADER_SIZE, (bytes.n - HEADER_SIZE) / 16 * 16);
		unsigned padding = openssl_enc_padding(cipher, packed);
		emit_header_field(w->sink, HEADER_SIZE, "cipher", "AES-%u-CBC, published password of %s", cipher.bits, vendor);
		if (!padding || packed.n < bytes.n - HEADER_SIZE)
			emit_damage_at(w->sink, ERR_TRUNCATED, bytes.n, "what is enciphered does not end with its padding: it is cut off, or other bytes follow");
		(void)wrapper_deciphered(w, packed, 0, packed.n - padding, TEXT_LIT("firmware"), cipher);
		return error_none();
	}
	return error_at(ERR_ENCRYPTED, HEADER_SIZE, "%zu bytes that `openssl enc` encrypted with a password%s",
					bytes.n - HEADER_SIZE, bytes.n % 16 ? "" : ", in whole blocks of 16");
}

static const struct format_magic salted_magics[] = { MAGIC("Salted__", 0), MAGIC_END };

const struct format openssl_salted_format = {
	.name = "openssl_salted",
	.kind = FORMAT_CONTAINER,
	.title = "data encrypted by `openssl enc` with a password",
	.spec = "OpenSSL apps/enc.c",
	.magics = salted_magics,
	.probe = salted_probe,
	.walk = salted_walk,
	.locate = salted_locate,
	.at_start = true,
};

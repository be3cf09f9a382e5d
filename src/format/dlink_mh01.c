/* SPDX-License-Identifier: GPL-3.0-or-later */
/* D-Link MH01: two parts behind a header, of which the first may be an MH01 of two parts itself: the initialisation vector as text, and
 * what `openssl enc -aes-128-cbc -md sha256` made of a third MH01: the firmware and its signature. The passwords are published.
 *
 * Specification: FACT_extractor plugins/unpacking/dlink, dlink_mh01.py; binwalk src/structures/mh01.rs.
 */
#include "format/dlink_keys.h"
#include "format/hex_digits.h"
#include "format/openssl_enc.h"
#include "format/region.h"

#define HEADER_SIZE 16u
#define IV_SIZE 16u
#define IV_TEXT_MAX 512u
#define SIGNATURE_MAX 8192u

struct mh01 {
	bool knows_order; /* it says which byte order it has */
	struct span first, second; /* what is there of them */
	uint64_t second_at, end;
};

static bool mh01_read(struct span bytes, struct mh01 *m)
{
	bool big = span_has(bytes, 12, "\x1a\x2b", 2);
	struct reader r = reader_of(bytes, big);
	rd_skip(&r, 4);
	uint32_t first = rd_u32(&r), second = rd_u32(&r);
	rd_skip(&r, 4);
	*m = (struct mh01){ .knows_order = big || span_has(bytes, 12, "\x2b\x1a", 2) };
	m->second_at = (uint64_t)HEADER_SIZE + first;
	m->end = m->second_at + second;
	m->first = span_clip(bytes, HEADER_SIZE, first);
	m->second = span_clip(bytes, m->second_at, second);
	return rd_ok(&r) && span_starts(bytes, "MH01", 4) && first && second;
}

/* Within what is enciphered, the vector's text is the first part. */
static bool inner_read(const struct mh01 *outer, struct span bytes, struct mh01 *inner)
{
	return mh01_read(span_from(bytes, HEADER_SIZE), inner) && inner->first.n >= 2 * IV_SIZE && inner->first.n <= IV_TEXT_MAX &&
		   wrapper_is_text(inner->first) && (!outer->knows_order || HEADER_SIZE + inner->end <= outer->second_at);
}

static bool mh01_probe(struct span at, struct format_match *match)
{
	struct mh01 m, inner;
	if (!mh01_read(at, &m))
		return false;
	bool enciphered = inner_read(&m, at, &inner);
	match->size = m.knows_order ? m.end : HEADER_SIZE + inner.end;
	match->confidence = 90;
	return enciphered || (m.knows_order && m.end - m.second_at <= SIGNATURE_MAX);
}

/* The password under which an MH01 comes out, with whole padding where all of it is there. */
static bool find_cipher(struct span packed, struct span salt, bool whole, const uint8_t *iv, struct openssl_enc *made,
						struct wrapper_cipher *cipher, unsigned *padding)
{
	uint8_t plain[16];
	for (const char *const *p = dlink_passwords; *p && packed.n >= sizeof plain; p++) {
		*cipher = openssl_enc_cipher(made, DIGEST_SHA256, 128, text_c(*p), salt);
		cipher->iv = iv;
		if (!wrapper_decipher(*cipher, packed.p, plain, sizeof plain) || memcmp(plain, "MH01", 4) != 0)
			continue;
		*padding = whole ? openssl_enc_padding(*cipher, packed) : 0;
		if (!whole || *padding)
			return true;
	}
	return false;
}

static struct error walk_enciphered(struct walk *w, const struct mh01 *inner)
{
	uint8_t iv[IV_SIZE];
	struct openssl_enc made;
	struct wrapper_cipher cipher;
	unsigned padding = 0;
	struct span data = inner->second, packed = span_from(data, OPENSSL_ENC_HEADER);
	bool whole = inner->end - inner->second_at == data.n;
	uint64_t at = HEADER_SIZE + inner->second_at;
	wrapper_field(w, 2 * HEADER_SIZE, "iv", inner->first);
	emit_header_field(w->sink, HEADER_SIZE + 8, "encrypted_data_size", "%llu",
					  (unsigned long long)(inner->end - inner->second_at));
	if (!span_starts(data, "Salted__", 8) || !hex_digits_read(inner->first, 0, iv, IV_SIZE) ||
		!find_cipher(packed, span_sub(data, 8, 8), whole, iv, &made, &cipher, &padding))
		return error_at(ERR_ENCRYPTED, at, "D-Link's MH01 encryption, under a password that is not published");
	emit_header_field(w->sink, at, "cipher", "%s", "AES-128-CBC, published password");
	if (!whole)
		emit_damage_at(w->sink, ERR_TRUNCATED, at + data.n, "the header announces %llu enciphered bytes, %zu are there",
					   (unsigned long long)(inner->end - inner->second_at), data.n);
	(void)wrapper_deciphered(w, packed, 0, packed.n / 16 * 16 - padding, TEXT_LIT("image"), cipher);
	return error_none();
}

static struct error mh01_walk(struct span bytes, struct walk *w)
{
	struct mh01 m, inner;
	struct error e = error_none();
	if (!mh01_read(bytes, &m))
		return error_at(ERR_CORRUPT, 0, "no MH01 header");
	emit_header_field(w->sink, 4, "image_size", "%llu", (unsigned long long)(m.second_at - HEADER_SIZE));
	if (inner_read(&m, bytes, &inner)) {
		uint64_t end = HEADER_SIZE + inner.end;
		e = walk_enciphered(w, &inner);
		if (m.knows_order && end < m.second_at && end < bytes.n &&
			!wrapper_region(w, bytes, end, m.second_at - end, TEXT_LIT("rest"), NULL))
			return e;
	} else if (!wrapper_region(w, bytes, HEADER_SIZE, m.second_at - HEADER_SIZE, TEXT_LIT("firmware"), NULL)) {
		return e;
	}
	if (m.knows_order)
		(void)wrapper_region(w, bytes, m.second_at, m.end - m.second_at, TEXT_LIT("signature"), NULL);
	return e;
}

static const struct format_magic mh01_magics[] = { MAGIC("MH01", 0), MAGIC_END };

const struct format dlink_mh01_format = {
	.name = "dlink_mh01",
	.kind = FORMAT_CONTAINER,
	.title = "D-Link MH01 image",
	.spec = "FACT_extractor plugins/unpacking/dlink, dlink_mh01.py",
	.magics = mh01_magics,
	.probe = mh01_probe,
	.walk = mh01_walk,
};

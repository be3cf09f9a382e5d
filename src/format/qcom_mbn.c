/* SPDX-License-Identifier: GPL-3.0-or-later */
/* MBN: images for Qualcomm's loaders: a header of 40 bytes, or of 80 that begins with two magic words, then code, signature and chain of
 * certificates, whose addresses in memory follow each other like their bytes.
 *
 * Specification: OpenPST mbn.h (MbnHeader80byte, MbnHeader40byte).
 */
#include "format/parts.h"

#define PLAIN_SIZE 40u
#define SBL_SIZE 80u
#define SBL_MAGIC "\xd1\xdc\x4b\x84\x34\x10\xd7\x73"
#define IMAGE_ID_LAST 0x1fu
#define SIZE_SANE (256u << 20)

struct mbn {
	uint32_t id, destination, size, code, signature, chain;
	uint64_t at; /* of the code */
};

/* Parts without bytes may have any address, or none. */
static bool follows(uint32_t pointer, uint64_t expected, uint32_t size)
{
	return !size || pointer == expected;
}

static bool fields_fit(const struct mbn *m, uint32_t signature_at, uint32_t chain_at)
{
	uint64_t sum = (uint64_t)m->code + m->signature + m->chain, signed_at = (uint64_t)m->destination + m->code;
	return m->id <= IMAGE_ID_LAST && m->code && m->code <= SIZE_SANE && m->size == sum && m->destination && m->destination % 4 == 0 &&
		   signed_at + m->signature + m->chain <= UINT32_MAX && follows(signature_at, signed_at, m->signature) &&
		   follows(chain_at, signed_at + m->signature, m->chain);
}

static bool mbn_read(struct span bytes, struct mbn *m)
{
	bool sbl = span_starts(bytes, SBL_MAGIC, 8);
	struct span h = span_sub(bytes, 0, sbl ? SBL_SIZE : PLAIN_SIZE);
	size_t fields = sbl ? 24 : 12; /* from the destination on both are the same */
	if (!h.p || (!sbl && span_u32le(h, 4) != 3))
		return false;
	*m = (struct mbn){ span_u32le(h, sbl ? 8 : 0),
					   span_u32le(h, fields),
					   span_u32le(h, fields + 4),
					   span_u32le(h, fields + 8),
					   span_u32le(h, fields + 16),
					   span_u32le(h, fields + 24),
					   h.n };
	return span_u32le(h, fields - 4) == (sbl ? SBL_SIZE : 0) && fields_fit(m, span_u32le(h, fields + 12), span_u32le(h, fields + 20));
}

/* The header of 40 bytes has no magic: it is believed where there is a signature, whose address is right. */
static bool mbn_probe(struct span at, struct format_match *match)
{
	struct mbn m;
	if (!mbn_read(at, &m) || (m.at == PLAIN_SIZE && !m.signature))
		return false;
	match->size = m.at + m.size;
	match->confidence = m.at == SBL_SIZE ? 90 : 80;
	return true;
}

/* One without a signature is all there is. */
static bool mbn_probe_whole(struct span at, struct format_match *match)
{
	struct mbn m;
	if (!mbn_read(at, &m) || m.at + m.size != at.n)
		return false;
	match->size = at.n;
	match->confidence = 70;
	return true;
}

/* In an ELF file stands a segment with such a header, whose code is but the digests of all segments. Those of its own are zeros: the second. */
static bool is_hashes(struct span code)
{
	static const size_t sizes[] = { 32, 48 };
	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
		if (code.n >= 2 * sizes[i] && code.n % sizes[i] == 0 && !span_is_zero(span_sub(code, 0, sizes[i])) &&
			span_is_zero(span_sub(code, sizes[i], sizes[i])))
			return true;
	return false;
}

static struct error mbn_walk(struct span bytes, struct walk *w)
{
	struct mbn m;
	if (!mbn_read(bytes, &m))
		return error_at(ERR_CORRUPT, 0, "no MBN header");
	struct parts p = { bytes, w, 0, false };
	emit_header_field(w->sink, m.at == SBL_SIZE ? 8 : 0, "image_id", "%u", m.id);
	emit_header_field(w->sink, m.at == SBL_SIZE ? 24 : 12, "load", "0x%08x", m.destination);
	emit_header_field(w->sink, m.at == SBL_SIZE ? 40 : 28, "signed", "%s", m.signature ? "yes" : "no");
	bool more = parts_emit(&p, is_hashes(span_sub(bytes, m.at, m.code)) ? TEXT_LIT("hashes") : TEXT_LIT("code"), m.at, m.code, NULL);
	if (more && m.signature)
		more = parts_emit(&p, TEXT_LIT("signature"), m.at + m.code, m.signature, NULL);
	if (more && m.chain)
		(void)parts_emit(&p, TEXT_LIT("certificates"), m.at + m.code + m.signature, m.chain, NULL);
	return error_none();
}

static const struct format_magic mbn_magics[] = { MAGIC(SBL_MAGIC, 0), MAGIC("\0\0\0\3\0\0\0\0\0\0\0", 1), MAGIC_END };

const struct format qcom_mbn_format = {
	.name = "qcom_mbn",
	.kind = FORMAT_CONTAINER,
	.title = "Qualcomm MBN image",
	.spec = "OpenPST mbn.h",
	.magics = mbn_magics,
	.probe = mbn_probe,
	.probe_whole = mbn_probe_whole,
	.walk = mbn_walk,
};

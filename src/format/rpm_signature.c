/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Signatures of RPM packages: of OpenPGP, over the header, or over the header and the payload. Their keys are elsewhere.
 *
 * Specification: RPM reference manual, "Package format", section "Signature"; RFC 9580, 5.2. */
#include <stdio.h>

#include <openssl/evp.h>

#include "base/openpgp.h"
#include "format/rpm.h"
#include "format/signature.h"

enum { TAG_DSA = 267, TAG_RSA = 268, TAG_OPENPGP = 278, TAG_PGP = 1002, TAG_GPG = 1005 };

struct signed_part {
	uint32_t tag;
	const char *covers;
	struct span bytes; /* none: not all of it is there */
};

static size_t digest(const struct openpgp_signature *p, struct span bytes, uint8_t out[OPENPGP_DIGEST_MAX])
{
	EVP_MD_CTX *c = bytes.p && p->type == OPENPGP_BINARY ? openpgp_digest_begin(p) : NULL;
	if (c && EVP_DigestUpdate(c, bytes.p, bytes.n) != 1) {
		EVP_MD_CTX_free(c);
		return 0;
	}
	return c ? openpgp_digest_end(c, p, out) : 0;
}

static void report(struct walk *w, const struct signed_part *part, uint64_t at, const struct openpgp_signature *p)
{
	uint8_t message[OPENPGP_DIGEST_MAX], value[OPENPGP_VALUE_MAX];
	char hint[OPENPGP_NAME_SIZE] = "", algorithm[64];
	const char *hash = openpgp_hash_name(p->hash), *name = openpgp_algorithm_name(p->algorithm), *method = NULL;
	bool sound = !p->not_understood && p->created >= 0 && p->issuer.n;
	size_t n = sound ? digest(p, part->bytes, message) : 0, nvalue = n ? openpgp_value(p, value, &method) : 0;
	if (p->issuer.n)
		openpgp_name(p->issuer, hint);
	snprintf(algorithm, sizeof algorithm, "%s with %s", hash ? hash : "unknown digest", name ? name : "unknown algorithm");
	signature_report(w->sink, &(struct signature){
								  .offset = at,
								  .scheme = "rpm",
								  .state = nvalue ? SIGNATURE_NO_KEY : SIGNATURE_UNSUPPORTED,
								  .covers = text_c(part->covers),
								  .algorithm = text_c(algorithm),
								  .hint = text_c(hint),
								  .detail = nvalue         ? "its key is not found in the image"
											: part->bytes.p ? "it is of a kind that is not verified"
														   : "not all of what it signs is there",
								  .method = nvalue ? method : NULL,
								  .message = span_of(message, n),
								  .value = span_of(value, nvalue),
								  .made = p->created > 0 ? p->created : 0,
							  });
}

/* One packet, and nothing behind it. */
static void read_part(struct walk *w, const struct signed_part *part, uint64_t at, struct span value)
{
	struct openpgp_packet packet;
	struct openpgp_signature p;
	if (openpgp_take(&value, &packet) && !value.n && packet.tag == OPENPGP_SIGNATURE &&
		openpgp_read_signature(packet.body, &p))
		report(w, part, at, &p);
	else
		signature_report_plain(w->sink, at, "rpm", part->covers, NULL, SIGNATURE_UNSUPPORTED,
							   "no signature of OpenPGP that can be read");
}

void rpm_signatures(struct walk *w, const struct rpm_header *signatures, struct span header, struct span both)
{
	const struct signed_part parts[] = {
		{ TAG_RSA, "header", header },
		{ TAG_DSA, "header", header },
		{ TAG_PGP, "header and payload", both },
		{ TAG_GPG, "header and payload", both },
	};
	uint32_t type;
	uint64_t at = 0;
	bool any = false;
	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
		if (!rpm_tag(signatures, parts[i].tag, &type, &at).p)
			continue;
		any = true;
		read_part(w, &parts[i], at, rpm_tag_bytes(signatures, parts[i].tag, &at));
	}
	if (rpm_tag(signatures, TAG_OPENPGP, &type, &at).p) {
		any = true;
		signature_report_plain(w->sink, at, "rpm", "header", NULL, SIGNATURE_UNSUPPORTED,
							   "signatures of RPM 6 (tag 278) are not verified");
	}
	if (!any)
		signature_report_plain(w->sink, 0, "rpm", "package", NULL, SIGNATURE_ABSENT, "the package has no signature");
}

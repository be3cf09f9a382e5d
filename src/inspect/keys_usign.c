/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Keys of signify and usign: a comment line, then one line of Base64.
 *
 * Specification: OpenBSD signify.c; OpenWrt usign main.c. */
#include <stdio.h>

#include "base/hash.h"
#include "inspect/keys.h"

#define COMMENT "untrusted comment:"
#define COMMENT_MAX 1024u

/* Behind the comment line, ended as written or as an escape. */
static bool find_line(struct span bytes, uint64_t at, size_t *line)
{
	struct span s = span_clip(bytes, at, sizeof COMMENT - 1 + COMMENT_MAX);
	for (size_t i = sizeof COMMENT - 1; i < s.n; i++) {
		bool escape = s.p[i] == '\\' && i + 1 < s.n && s.p[i + 1] == 'n';
		if (s.p[i] == '\n' || escape) {
			*line = (size_t)at + i + 1 + escape;
			return true;
		}
	}
	return false;
}

/* "Ed", key derivation "BK", rounds (0: none), salt 16, checksum 8, key number 8, seed 32, public key 32 */
static bool read_secret(struct keys *k, struct span body, struct key *out)
{
	struct span point, public = span_sub(body, 72, 32);
	out->encrypted = span_u32be(body, 4) != 0;
	out->type = "ed25519";
	out->bits = 256;
	if (!span_has(body, 2, "BK", 2))
		return false;
	return out->encrypted || (keys_raw_derive(k, KEYS_ED25519, span_sub(body, 40, 32), &point) &&
							  memcmp(point.p, public.p, 32) == 0 && keys_raw_public(k, KEYS_ED25519, public, out));
}

void keys_usign(struct keys *k, uint64_t at)
{
	struct base64 b = { k->subject->bytes, 0, false };
	struct key out = KEY_INIT("usign");
	if (!find_line(b.bytes, at, &b.at))
		return;
	struct span body = keys_base64(k, &b);
	if (!span_starts(body, "Ed", 2))
		return;
	/* Signatures have 74 bytes. */
	char name[32];
	size_t n = (size_t)snprintf(name, sizeof name, "key number ");
	hash_hex(body.p + 2, body.n >= 10 ? 8 : 0, name + n);
	out.name = name;
	if (body.n == 42 && keys_raw_public(k, KEYS_ED25519, span_sub(body, 10, 32), &out))
		keys_emit_public(k, at, &out);
	else if (body.n == 104 && read_secret(k, body, &out))
		keys_emit_private(k, at, &out);
	else
		return;
	k->covered = b.at;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Keys of SSH.
 *
 * Specification: RFC 4253 section 6.6, RFC 5656, RFC 8709 (public keys); OpenSSH PROTOCOL.key (openssh-key-v1);
 * dropbear src/signkey.c, rsa.c, dss.c, ecdsa.c, ed25519.c: its private keys follow the public ones without a frame.
 */
#include "inspect/keys.h"

#define OPENSSH_MAGIC "openssh-key-v1" /* with its terminator */

/* Named curves of RFC 5656: their OIDs as whole elements. */
static const struct curve {
	const char *name;
	const char *oid;
	size_t n;
} curves[] = {
	{ "nistp256", "\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07", 10 },
	{ "nistp384", "\x06\x05\x2b\x81\x04\x00\x22", 7 },
	{ "nistp521", "\x06\x05\x2b\x81\x04\x00\x23", 7 },
};

enum kind { SSH_UNKNOWN, SSH_RSA, SSH_DSS, SSH_ECDSA, SSH_ED25519 };

struct ssh_key {
	enum kind kind;
	struct text name;
	struct span curve;
	struct span v[4]; /* rsa: e, n; dss: p, q, g, y; ecdsa: point; ed25519: point */
};

static struct span read_string(struct reader *r)
{
	return rd_bytes(r, rd_u32(r));
}

/* A number of 0 or more, without leading zero bytes. */
static struct span read_mpint(struct reader *r)
{
	struct span s = read_string(r);
	if (s.n && s.p[0] & 0x80)
		r->failed = true;
	return number_of(s);
}

static enum kind kind_of(struct text name)
{
	if (text_is(name, "ssh-rsa"))
		return SSH_RSA;
	if (text_is(name, "ssh-dss"))
		return SSH_DSS;
	if (text_is(name, "ssh-ed25519"))
		return SSH_ED25519;
	return text_starts(name, "ecdsa-sha2-nistp") ? SSH_ECDSA : SSH_UNKNOWN;
}

static void read_curve(struct reader *r, struct ssh_key *key)
{
	struct text name = text_from_span(read_string(r));
	for (size_t i = 0; i < sizeof curves / sizeof curves[0]; i++)
		if (text_is(name, curves[i].name) && text_ends(key->name, curves[i].name))
			key->curve = span_of(curves[i].oid, curves[i].n);
	if (!key->curve.p)
		r->failed = true;
}

static void read_type(struct reader *r, struct ssh_key *key)
{
	*key = (struct ssh_key){ .name = text_from_span(read_string(r)) };
	key->kind = kind_of(key->name);
	if (key->kind == SSH_UNKNOWN)
		r->failed = true;
}

/* The numbers of a public key behind its type. */
static void read_numbers(struct reader *r, struct ssh_key *key)
{
	unsigned n = key->kind == SSH_RSA ? 2 : key->kind == SSH_DSS ? 4 : 0;
	for (unsigned i = 0; i < n; i++)
		key->v[i] = read_mpint(r);
	if (key->kind == SSH_ECDSA)
		read_curve(r, key);
	if (n == 0)
		key->v[0] = read_string(r);
}

/* A whole public key. */
static bool read_public(struct span blob, struct ssh_key *key)
{
	struct reader r = reader_be(blob);
	read_type(&r, key);
	if (rd_ok(&r))
		read_numbers(&r, key);
	return rd_ok(&r) && rd_left(&r) == 0;
}

static bool describe(struct keys *k, const struct ssh_key *key, struct key *out)
{
	switch (key->kind) {
	case SSH_RSA:
		return keys_rsa_public(k, SPAN_NONE, key->v[1], key->v[0], out);
	case SSH_DSS:
		return keys_dsa_public(k, key->v, out);
	case SSH_ECDSA:
		return keys_on_curve(k, key->curve, key->v[0]) && keys_ec_public(k, key->curve, key->v[0], out);
	case SSH_ED25519:
		return keys_raw_public(k, KEYS_ED25519, key->v[0], out);
	default:
		return false;
	}
}

static bool same(struct span a, struct span b)
{
	return a.n == b.n && a.n && memcmp(a.p, b.p, a.n) == 0;
}

/* The private part behind the public one, as dropbear writes it. */
static bool read_private(struct keys *k, struct reader *r, struct ssh_key *key)
{
	struct span d, point = SPAN_NONE, p, q;
	if (key->kind == SSH_ED25519) {
		struct span both = read_string(r); /* the seed, then the public key */
		key->v[0] = span_sub(both, 32, 32);
		return rd_ok(r) && both.n == 64 && keys_raw_derive(k, KEYS_ED25519, span_sub(both, 0, 32), &point) &&
			   same(point, key->v[0]);
	}
	read_numbers(r, key);
	d = read_mpint(r);
	if (!rd_ok(r) || !d.n)
		return false;
	if (key->kind == SSH_DSS)
		return keys_power(k, key->v[2], d, key->v[0], &point) && same(point, key->v[3]);
	if (key->kind == SSH_ECDSA)
		return keys_ec_derive(k, key->curve, d, 4, &point) && same(point, key->v[0]);
	/* Before 0.33 an RSA key ended here; then only a file of its own tells it from other bytes. */
	if (rd_left(r) == 0)
		return r->bytes.n == k->subject->bytes.n && number_bits(key->v[1]) >= 512 && d.n <= key->v[1].n &&
			   2 * d.n > key->v[1].n;
	p = read_mpint(r);
	q = read_mpint(r);
	return rd_ok(r) && keys_product_is(k, key->v[1], p, q);
}

void keys_dropbear(struct keys *k, uint64_t at)
{
	struct reader r = reader_be(span_clip(k->subject->bytes, at, KEYS_OBJECT_MAX));
	struct ssh_key key;
	struct key out = KEY_INIT("dropbear");
	read_type(&r, &key);
	if (!rd_ok(&r) || !read_private(k, &r, &key) || !describe(k, &key, &out))
		return;
	keys_emit_private(k, at, &out);
	k->covered = at + r.at;
}

bool keys_openssh(struct keys *k, struct span body, struct key *out)
{
	struct reader r = reader_be(body);
	struct ssh_key key;
	if (!span_starts(body, OPENSSH_MAGIC, sizeof OPENSSH_MAGIC))
		return false;
	rd_skip(&r, sizeof OPENSSH_MAGIC);
	struct text cipher = text_from_span(read_string(&r));
	struct text kdf = text_from_span(read_string(&r));
	rd_skip(&r, rd_u32(&r));
	uint32_t n = rd_u32(&r);
	struct span public = read_string(&r), private = read_string(&r);
	if (!rd_ok(&r) || n != 1 || !cipher.n || !kdf.n || private.n < 16)
		return false;
	out->encrypted = !text_is(cipher, "none");
	struct reader p = reader_be(private);
	uint32_t check = rd_u32(&p);
	/* The private section repeats the type of the key behind two equal numbers. */
	if (!out->encrypted &&
		(rd_left(&r) || rd_u32(&p) != check || !same(read_string(&p), span_sub(public, 4, span_u32be(public, 0)))))
		return false;
	/* Keys on a hardware token and types that are not known here keep their type to themselves. */
	return !read_public(public, &key) || describe(k, &key, out);
}

void keys_ssh_line(struct keys *k, uint64_t at)
{
	struct span bytes = k->subject->bytes, line = span_clip(bytes, at, 64);
	const uint8_t *space = line.n ? memchr(line.p, ' ', line.n) : NULL;
	if (!space)
		return;
	struct base64 b = { bytes, (size_t)(space + 1 - bytes.p), false };
	struct span body = keys_base64(k, &b);
	struct ssh_key key;
	struct key out = KEY_INIT("openssh");
	if (!body.n || !read_public(body, &key) ||
		!text_eq(key.name, text_of((const char *)line.p, (size_t)(space - line.p))) || !describe(k, &key, &out))
		return;
	keys_emit_public(k, at, &out);
	k->covered = b.at;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Public keys of OpenPGP that can sign: keyrings, and blocks in ASCII armor. Each key and subkey is a row; whether it is
 * revoked or over its time is not looked at.
 *
 * Specification: RFC 9580 and 4880; RFC 9580, 9.2 for the curves' identifiers. */
#include "base/openpgp.h"
#include "inspect/keys.h"

#define PACKETS_MAX 100000u
#define OID_ED25519_LEGACY "\x2b\x06\x01\x04\x01\xda\x47\x0f\x01"

static bool read_curve(struct keys *k, const struct openpgp_key *p, struct key *out)
{
	if (p->oid.n == sizeof OID_ED25519_LEGACY - 1 && memcmp(p->oid.p, OID_ED25519_LEGACY, p->oid.n) == 0)
		return p->algorithm == 22 && p->point.n == 33 && p->point.p[0] == 0x40 &&
			   keys_raw_public(k, KEYS_ED25519, span_from(p->point, 1), out);
	uint8_t *whole = p->algorithm == 19 && p->oid.n < 64 ? arena_alloc(k->arena, 2 + p->oid.n, 1) : NULL;
	if (!whole)
		return false;
	whole[0] = DER_OID;
	whole[1] = (uint8_t)p->oid.n;
	memcpy(whole + 2, p->oid.p, p->oid.n);
	return keys_ec_public(k, span_of(whole, 2 + p->oid.n), p->point, out);
}

/* The numbers that the packet has, as a key; without them only its kind is told. */
static void read_numbers(struct keys *k, const struct openpgp_key *p, struct key *out)
{
	struct key read = *out;
	bool ok = false;
	if (p->n.n)
		ok = keys_rsa_public(k, SPAN_NONE, number_of(p->n), number_of(p->e), &read);
	else if (p->oid.n)
		ok = read_curve(k, p, &read);
	else if (p->algorithm == 27)
		ok = keys_raw_public(k, KEYS_ED25519, p->point, &read);
	if (ok)
		*out = read;
	else
		out->type = openpgp_algorithm_name(p->algorithm);
}

static void emit_key(struct keys *k, uint64_t at, const struct openpgp_key *p)
{
	char name[OPENPGP_NAME_SIZE];
	struct key out = KEY_INIT("openpgp");
	openpgp_name(span_of(p->fingerprint, p->fingerprint_n), name);
	read_numbers(k, p, &out);
	out.name = name;
	keys_emit_public(k, at, &out);
}

/* `at`: where the packets stand in the blob; those of an armor are all there. */
static void read_packets(struct keys *k, struct span packets, uint64_t at, bool armored)
{
	struct openpgp_packet p;
	struct openpgp_key key;
	struct span rest = packets;
	for (unsigned i = 0; i < PACKETS_MAX && !k->exhausted; i++) {
		uint64_t here = armored ? at : at + packets.n - rest.n;
		if (!openpgp_take(&rest, &p))
			return;
		bool public = p.tag == OPENPGP_PUBLIC_KEY || p.tag == OPENPGP_PUBLIC_SUBKEY;
		if (public && openpgp_read_key(p.body, &key) && openpgp_can_sign(&key) && keys_spend(k, 20))
			emit_key(k, here, &key);
	}
}

bool keys_is_openpgp_ring(struct span bytes)
{
	struct openpgp_packet p;
	struct openpgp_key key;
	bool first = true;
	if (!bytes.n || (bytes.p[0] != 0x98 && bytes.p[0] != 0x99 && bytes.p[0] != 0xc6))
		return false;
	for (unsigned i = 0; i < PACKETS_MAX && bytes.n; i++, first = false)
		if (!openpgp_take(&bytes, &p) || (first && (p.tag != OPENPGP_PUBLIC_KEY || !openpgp_read_key(p.body, &key))))
			return false;
	return !bytes.n;
}

void keys_openpgp_ring(struct keys *k)
{
	read_packets(k, k->subject->bytes, 0, false);
}

bool keys_openpgp_armor(struct keys *k, uint64_t at)
{
	static const char begin[] = "-----BEGIN PGP PUBLIC KEY BLOCK-----";
	struct span packets;
	uint64_t end;
	if (!span_has(k->subject->bytes, at, begin, sizeof begin - 1) ||
		!openpgp_dearmor(k->arena, k->subject->bytes, at, &packets, &end))
		return false;
	read_packets(k, packets, at, true);
	k->covered = end;
	return true;
}

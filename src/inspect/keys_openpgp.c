/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Public keys of OpenPGP that can sign: keyrings, and blocks in ASCII armor. Each key and subkey is a row.
 *
 * Specification: RFC 9580 and 4880. */
#include "base/openpgp.h"
#include "inspect/keys.h"

#define PACKETS_MAX 100000u

/* `at`: where the packets stand in the blob; those of an armor are all there. */
static void read_packets(struct keys *k, struct span packets, uint64_t at, bool armored)
{
	struct openpgp_packet p;
	struct span rest = packets;
	struct openpgp_owner *owner = keys_openpgp_owner(k);
	for (unsigned i = 0; owner && i < PACKETS_MAX && !k->exhausted; i++) {
		uint64_t here = armored ? at : at + packets.n - rest.n;
		if (!openpgp_take(&rest, &p))
			break;
		keys_openpgp_packet(owner, here, &p);
		k->exhausted |= i + 1 == PACKETS_MAX && rest.n;
	}
	if (owner)
		keys_openpgp_end(owner);
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

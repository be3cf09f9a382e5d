/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Recorded network traffic: draft-ietf-opsawg-pcap (also with the records of Kuznetzov's libpcap), draft-ietf-opsawg-pcapng,
 * RFC 1761 (snoop), and btsnoop, which begins as it does. Nothing of what was sent is read. */
#include "inspect/capture.h"

#define PCAP_HEADER 24u
#define PCAP_RECORD 16u
#define PCAP_RECORD_MAX 262144u /* what libpcap takes at most of a packet */
#define PCAPNG_SECTION_MIN 28u

#define PCAP "recorded network traffic (pcap)"
#define PCAPNG "recorded network traffic (pcapng)"

enum layout { PCAP_LE, PCAP_BE, PCAPNG_LE, PCAPNG_BE, SNOOP, BTSNOOP };

static const struct mark {
	const char *bytes, *kind;
	size_t n;
	enum layout layout;
} marks[] = {
	{ "\xd4\xc3\xb2\xa1\x02\0\x04\0", PCAP, 8, PCAP_LE },
	{ "\xa1\xb2\xc3\xd4\0\x02\0\x04", PCAP, 8, PCAP_BE },
	{ "\x4d\x3c\xb2\xa1\x02\0\x04\0", PCAP, 8, PCAP_LE }, /* nanoseconds */
	{ "\xa1\xb2\x3c\x4d\0\x02\0\x04", PCAP, 8, PCAP_BE },
	{ "\x34\xcd\xb2\xa1\x02\0\x04\0", PCAP, 8, PCAP_LE }, /* longer records, which begin the same */
	{ "\xa1\xb2\xcd\x34\0\x02\0\x04", PCAP, 8, PCAP_BE },
	{ "snoop\0\0\0\0\0\0\x02", "recorded network traffic (snoop)", 12, SNOOP },
	{ "btsnoop\0", "recorded Bluetooth traffic (btsnoop)", 8, BTSNOOP },
};
static const struct mark section_le = { "\x4d\x3c\x2b\x1a", PCAPNG, 4, PCAPNG_LE };
static const struct mark section_be = { "\x1a\x2b\x3c\x4d", PCAPNG, 4, PCAPNG_BE };

static const struct mark *mark_of(struct span bytes)
{
	for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++)
		if (span_starts(bytes, marks[i].bytes, marks[i].n))
			return &marks[i];
	if (!span_starts(bytes, "\x0a\x0d\x0d\x0a", 4))
		return NULL;
	return span_has(bytes, 8, section_le.bytes, section_le.n)   ? &section_le
		   : span_has(bytes, 8, section_be.bytes, section_be.n) ? &section_be
																: NULL;
}

const char *capture_kind(struct span bytes)
{
	const struct mark *m = mark_of(bytes);
	return m ? m->kind : NULL;
}

/* Seconds, their fraction, what was kept of the packet, and its length. */
static bool is_pcap(struct span bytes, bool big)
{
	if (bytes.n == PCAP_HEADER)
		return true;
	if (bytes.n < PCAP_HEADER + PCAP_RECORD)
		return false;
	uint32_t fraction = span_u32(bytes, PCAP_HEADER + 4, big), kept = span_u32(bytes, PCAP_HEADER + 8, big);
	return fraction < 1000000000 && kept <= PCAP_RECORD_MAX;
}

/* The length of a section's header stands before and behind it. */
static bool is_pcapng(struct span bytes, bool big)
{
	uint32_t n = span_u32(bytes, 4, big);
	return n >= PCAPNG_SECTION_MIN && n % 4 == 0 && n <= bytes.n && span_u32(bytes, n - 4, big) == n;
}

/* The packet's length, what was kept of it, and the record's length, which holds that and its own header. */
static bool is_snoop(struct span bytes)
{
	if (bytes.n <= 16)
		return bytes.n == 16;
	uint32_t kept = span_u32be(bytes, 20), record = span_u32be(bytes, 24);
	return bytes.n >= 40 && kept <= PCAP_RECORD_MAX && record >= 24 && record - 24 >= kept;
}

bool capture_is_recording(struct span bytes)
{
	const struct mark *m = mark_of(bytes);
	if (!m)
		return false;
	switch (m->layout) {
	case PCAP_LE:
	case PCAP_BE:
		return is_pcap(bytes, m->layout == PCAP_BE);
	case PCAPNG_LE:
	case PCAPNG_BE:
		return is_pcapng(bytes, m->layout == PCAPNG_BE);
	case SNOOP:
		return is_snoop(bytes);
	case BTSNOOP:
		return span_u32be(bytes, 8) == 1; /* its version, the only one */
	}
	return false;
}

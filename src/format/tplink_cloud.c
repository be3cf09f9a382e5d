/* SPDX-License-Identifier: GPL-3.0-or-later */
/* TP-Link images whose flash is a UBI image: the head of a SafeLoader image ("fw-type:Cloud"), then, in place of a table of partitions
 * in text, a chain of descriptions (the supported devices, the version), then the UBI image.
 *
 * Specification: none is published; read off the Archer AX55's images, where it holds to the byte.
 */
#include "format/tplink.h"
#include "format/wrapper.h"

#define CHAIN_AT 0x1014u
#define NAME_SIZE 32u
#define LINK_SIZE 44u /* the name, where the data begins, where the next one does, how long the data is */
#define LINKS_MAX 32u

struct chained {
	struct text name;
	struct span data;
	uint64_t at; /* of the data, from the image's beginning on; what follows counts from the chain's */
	uint32_t next;
};

/* Reads what stands at chain + *at. Data follows its head, and the next one follows the data. */
static bool read_link(struct span bytes, uint32_t at, struct chained *c)
{
	struct span head = span_sub(bytes, CHAIN_AT + (uint64_t)at, LINK_SIZE);
	c->name = text_until_nul(span_sub(head, 0, NAME_SIZE));
	uint32_t from = span_u32be(head, 32), n = span_u32be(head, 40);
	c->next = span_u32be(head, 36);
	c->at = CHAIN_AT + (uint64_t)from;
	c->data = span_sub(bytes, c->at, n);
	return head.p && wrapper_is_text(span_sub(head, 0, NAME_SIZE)) && c->name.n < NAME_SIZE &&
		   span_is_zero(span_sub(head, c->name.n, NAME_SIZE - c->name.n)) && from == (uint64_t)at + LINK_SIZE && n && c->data.p &&
		   (!c->next || c->next == (uint64_t)from + n);
}

/* Where the chain ends, or 0 when it is none. */
static uint64_t chain_end(struct span bytes)
{
	struct chained c = { 0 };
	uint32_t at = 0;
	for (unsigned i = 0; i < LINKS_MAX; i++, at = c.next) {
		if (!read_link(bytes, at, &c))
			return 0;
		if (!c.next)
			return c.at + c.data.n;
	}
	return 0;
}

static bool cloud_probe(struct span at, struct format_match *match)
{
	uint64_t end = chain_end(at);
	match->size = span_u32be(at, 0);
	match->confidence = 95;
	return end && span_starts(span_from(at, TPLINK_VENDOR_AT), "fw-type:", 8) && match->size > end;
}

static struct error cloud_walk(struct span bytes, struct walk *w)
{
	struct chained c = { 0 };
	uint32_t at = 0, size = span_u32be(bytes, 0);
	uint64_t end = chain_end(bytes);
	if (!end)
		return error_at(ERR_CORRUPT, CHAIN_AT, "no chain of descriptions");
	emit_header_field(w->sink, 0, "size", "%u", size);
	wrapper_field(w, TPLINK_VENDOR_AT, "vendor", span_sub(bytes, TPLINK_VENDOR_AT, 32));
	emit_header_field(w->sink, 4, "md5", "%s", tplink_md5_is_right(bytes) ? "ok" : "not checked"); /* newer ones have another salt */
	for (unsigned i = 0; i < LINKS_MAX && read_link(bytes, at, &c); i++, at = c.next) {
		if (text_is(c.name, "support-list"))
			tplink_emit_supported(w, c.data, c.at);
		else if (text_is(c.name, "soft-version"))
			wrapper_field(w, c.at, "soft-version", c.data);
		if (!wrapper_region(w, bytes, c.at, c.data.n, c.name, NULL))
			return error_none();
		if (!c.next)
			break;
	}
	if (size > end)
		(void)wrapper_region(w, bytes, end, size - end, TEXT_LIT("firmware"), "ubi");
	return error_none();
}

static const struct format_magic cloud_magics[] = { MAGIC("support-list\0\0\0\0", CHAIN_AT), MAGIC("soft-version\0\0\0\0", CHAIN_AT), MAGIC_END };

const struct format tplink_cloud_format = {
	.name = "tplink_cloud",
	.kind = FORMAT_CONTAINER,
	.title = "TP-Link image with a chain of descriptions (Archer AX)",
	.spec = "none published; Archer AX55 1.5.11",
	.magics = cloud_magics,
	.probe = cloud_probe,
	.walk = cloud_walk,
};

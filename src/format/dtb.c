/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Flattened device trees: a board's description, or a FIT with images in it.
 *
 * Specification: Devicetree Specification 0.4, chapter 5.
 */
#include "base/fdt.h"
#include "base/hash.h"
#include "base/plural.h"
#include "format/dtb_boot.h"
#include "format/dtb_partitions.h"
#include "format/fit.h"
#include "format/fit_signature.h"
#include "format/format.h"
#include "format/signature.h"

/* So much of the tree must be sound before it counts as one. Checking it whole would let a hostile image have one
 * structure block checked from the header of each of a million false trees. */
#define PROBE_TOKENS 256u

static bool dtb_probe(struct span at, struct format_match *match)
{
	struct fdt fdt;
	if (!fdt_open(at, &fdt))
		return false;
	struct fdt_cursor c = fdt_begin(&fdt);
	struct fdt_token t = { 0 };
	unsigned n = 0;
	while (n < PROBE_TOKENS && fdt_next(&c, &t))
		n++;
	bool cut = fdt.total_size > at.n;
	if (n < PROBE_TOKENS && t.kind != FDT_DONE && !cut)
		return false;
	uint64_t end = fdt.total_size;
	match->size = fit_recognise(&fdt, &end) ? end : fdt.total_size;
	match->confidence = 90;
	return true;
}

/* The kernel's command line, for whoever reads text. */
static void emit_command_line(struct walk *w, const struct fdt_token *t)
{
	struct text line = fdt_string(t->value);
	struct entry e = entry_new(ENTRY_REGION, TEXT_LIT("bootargs"));
	e.offset = t->value_at;
	e.size = line.n;
	e.content = (struct content){ .kind = CONTENT_SPAN, .bytes = span_of(line.p, line.n) };
	if (line.n)
		w->child(w, &e);
}

static void emit_board(const struct fdt *fdt, struct walk *w)
{
	static const struct {
		unsigned depth;
		const char *node, *property;
	} wanted[] = {
		{ 1, "", "model" }, { 1, "", "compatible" }, { 2, "chosen", "bootargs" }, { 2, "chosen", "stdout-path" }
	};
	struct fdt_cursor c = fdt_begin(fdt);
	struct fdt_token t;
	struct text node = TEXT_LIT("");
	unsigned nameless = 0;
	while (fdt_next(&c, &t)) {
		nameless += t.kind == FDT_PROPERTY && !t.name.n;
		if (t.kind == FDT_BEGIN && t.depth == 2)
			node = t.name;
		for (size_t i = 0; t.kind == FDT_PROPERTY && i < sizeof wanted / sizeof wanted[0]; i++) {
			char value[500];
			if (t.depth != wanted[i].depth || !text_is(t.name, wanted[i].property) ||
				(t.depth == 2 && !text_is(node, wanted[i].node)))
				continue;
			fdt_strings(t.value, value, sizeof value);
			emit_header_field(w->sink, t.value_at, wanted[i].property, "%s", value);
			if (text_is(t.name, "bootargs"))
				emit_command_line(w, &t);
		}
	}
	if (t.kind == FDT_BROKEN)
		emit_damage_at(w->sink, ERR_CORRUPT, t.at, "the device tree's structure block is damaged");
	if (nameless)
		emit_damage_at(w->sink, ERR_CORRUPT, OFFSET_NONE, "%u %s no name: the strings block is damaged", nameless,
					   plural(nameless, "property has", "properties have"));
}

/* The keys that U-Boot verifies images with: in its own device tree. */
static void emit_keys(const struct fdt *fdt, struct walk *w)
{
	struct fit_keys keys = { .n = 0 };
	fit_keys_collect(fdt, TEXT_NONE, &keys);
	for (unsigned i = 0; i < keys.n; i++) {
		struct span n = keys.v[i].modulus;
		uint8_t spki[SIGNATURE_RSA_SPKI_MAX];
		char hex[65], der[2 * SIGNATURE_RSA_SPKI_MAX + 1];
		while (n.n && n.p[0] == 0)
			n = span_from(n, 1);
		if (!signature_rsa_fingerprint(n, keys.v[i].exponent, hex))
			continue;
		hash_hex(spki, signature_rsa_spki(n, keys.v[i].exponent, spki), der);
		int64_t bits = 8 * (int64_t)n.n;
		for (uint8_t top = n.p[0]; !(top & 0x80); top = (uint8_t)(top << 1))
			bits--;
		emit_public_key(w->sink, &(struct fact_public_key){ .not_before = FACT_NULL,
															.not_after = FACT_NULL,
															.revoked = FACT_NULL,
															.may_sign = FACT_NULL,
															.offset = n.p - fdt->structs.p + (int64_t)fdt->structs_at,
															.type = TEXT_LIT("rsa"),
															.bits = bits,
															.container = TEXT_LIT("device tree"),
															.fingerprint = text_c(hex),
															.name = keys.v[i].name,
															.spki = text_c(der) });
	}
}

static struct error dtb_walk(struct span bytes, struct walk *w)
{
	struct fdt fdt;
	uint64_t end;
	if (!fdt_open(bytes, &fdt))
		return error_at(ERR_CORRUPT, 0, "no device tree header");
	if (fit_recognise(&fdt, &end)) {
		fit_walk(&fdt, bytes, w);
		return error_none();
	}
	emit_board(&fdt, w);
	emit_keys(&fdt, w);
	dtb_emit_partitions(&fdt, w->sink);
	dtb_emit_boot(&fdt, w->sink);
	return error_none();
}

static const struct format_magic dtb_magics[] = { MAGIC("\xd0\x0d\xfe\xed", 0), MAGIC_END };

const struct format dtb_format = {
	.name = "dtb",
	.kind = FORMAT_CONTAINER,
	.title = "flattened device tree (DTB), U-Boot FIT",
	.spec = "Devicetree Specification 0.4, chapter 5; U-Boot doc/usage/fit",
	.magics = dtb_magics,
	.probe = dtb_probe,
	.walk = dtb_walk,
	.own_bytes = true,
	.of_use = true,
};

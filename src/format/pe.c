/* SPDX-License-Identifier: GPL-3.0-or-later */
/* PE programs, as containers of what makers put behind them and into their resources: archives that unpack themselves, installers,
 * updaters with the firmware in them.
 *
 * Specification: Microsoft "PE Format".
 */
#include "format/inno.h"
#include "format/nsis.h"
#include "format/pe.h"

#define BEHIND_MIN 64u /* as behind any container */

static bool pe_probe(struct span at, struct format_match *match)
{
	struct pe_headers h;
	struct pe_section s;
	if (!pe_headers_read(at, &h) || !pe_section(&h, 0, &s))
		return false;
	match->size = at.n; /* what stands behind it is a part of it */
	match->confidence = 20; /* of kernels that are programs of EFI their own formats tell more */
	return true;
}

/* What stands there but for zeros that align it. False when no more parts are wanted. */
static bool emit_behind(struct parts *p, const char *name, uint64_t from, uint64_t to)
{
	struct span rest = from < to ? span_clip(p->bytes, from, to - from) : SPAN_NONE;
	if (rest.n < BEHIND_MIN || span_is_zero(rest))
		return true;
	return parts_emit(p, text_c(name), from, rest.n, NULL);
}

/* An installer begins where its loader's table says so; mostly nothing is before it. */
static bool emit_installer(const struct pe_headers *h, struct parts *p, uint64_t end, uint64_t to)
{
	uint64_t from;
	if (!inno_loader(h, p->w->sink, &from) || from < end || from >= to)
		return emit_behind(p, "overlay", end, to);
	return emit_behind(p, "overlay", end, from) && parts_emit(p, TEXT_LIT("installer"), from, to - from, "inno");
}

/* Signers write the certificates last; but something may have been added to what was signed. Gives where the program ends with them. */
static uint64_t emit_overlay(const struct pe_headers *h, struct parts *p, uint64_t end)
{
	struct pe_extent c = pe_directory(h, PE_CERTIFICATES);
	struct span table = c.size && c.at >= end ? span_sub(h->bytes, c.at, c.size) : SPAN_NONE;
	if (!table.p || !pe_is_certificates(table)) {
		(void)emit_installer(h, p, end, h->bytes.n);
		return end;
	}
	if (emit_installer(h, p, end, c.at))
		(void)emit_behind(p, "behind-certificates", (uint64_t)c.at + c.size, h->bytes.n);
	return (uint64_t)c.at + c.size;
}

static void tell_sections(const struct pe_headers *h, struct sink *sink)
{
	struct pe_section s;
	for (unsigned i = 0; pe_section(h, i, &s); i++)
		if (s.at && (uint64_t)s.at + s.size > h->bytes.n) {
			emit_damage_at(sink, ERR_TRUNCATED, s.at, "a section of the program ends at %llu, behind its end",
						   (unsigned long long)s.at + s.size);
			return;
		}
}

static struct error pe_walk(struct span bytes, struct walk *w)
{
	struct pe_headers h;
	struct parts parts = { .bytes = bytes, .w = w };
	if (!pe_headers_read(bytes, &h))
		return error_at(ERR_CORRUPT, 0, "no headers of PE");
	w->end = pe_end(&h);
	if (!pe_is_uefi(&h))
		tell_sections(&h, w->sink);
	pe_resources_emit(&h, &parts);
	nsis_check(bytes, w->end, w->sink);
	if (!parts.stopped)
		w->end = emit_overlay(&h, &parts, w->end);
	return error_none();
}

const struct format pe_format = {
	.name = "pe",
	.kind = FORMAT_CONTAINER,
	.title = "PE program, of Windows or UEFI",
	.spec = "Microsoft \"PE Format\"",
	.probe = pe_probe,
	.walk = pe_walk,
	.at_start = true,
	.as_program = true,
};

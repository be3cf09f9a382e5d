/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The configuration that a kernel carries (CONFIG_IKCONFIG): .config as gzip between two markers.
 *
 * Specification: Linux kernel/configs.c, scripts/extract-ikconfig.
 */
#include "format/format.h"

#define START "IKCFG_ST"
#define END "IKCFG_ED"
#define MARKER 8u
#define CONFIG_MAX (1u << 20) /* a compressed .config has some ten thousand bytes */

/* The gzip between the markers; what there is of it when the second one is missing. */
static struct span config_of(struct span bytes, bool *ended)
{
	struct span rest = span_clip(bytes, MARKER, CONFIG_MAX);
	const uint8_t *end = rest.n ? memmem(rest.p, rest.n, END, MARKER) : NULL;
	*ended = end != NULL;
	return end ? span_of(rest.p, (size_t)(end - rest.p)) : rest;
}

/* Programs that look for it hold the marker, too: a stream of gzip has to begin. A candidate is taken even when its end is missing:
 * looking for the end again at each of many beginnings would cost a hostile image's size squared. */
static bool ikconfig_probe(struct span at, struct format_match *match)
{
	extern const struct format gzip_format;
	struct format_match stream;
	if (!span_starts(at, START "\x1f\x8b\x08", MARKER + 3) || !gzip_format.probe(span_from(at, MARKER), &stream))
		return false;
	bool ended;
	match->size = MARKER + config_of(at, &ended).n + (ended ? MARKER : 0);
	match->confidence = 90;
	return true;
}

static struct error ikconfig_walk(struct span bytes, struct walk *w)
{
	bool ended;
	struct entry e = { ENTRY_INIT, .kind = ENTRY_REGION, .path = TEXT_LIT("config.gz"), .format = "gzip" };
	e.offset = MARKER;
	e.content = (struct content){ .kind = CONTENT_SPAN, .bytes = config_of(bytes, &ended) };
	e.size = e.content.bytes.n;
	if (!ended)
		emit_damage_at(w->sink, ERR_TRUNCATED, bytes.n, "no " END " ends the kernel's configuration");
	w->child(w, &e);
	return error_none();
}

static const struct format_magic ikconfig_magics[] = { MAGIC(START "\x1f\x8b\x08", 0), MAGIC_END };

const struct format ikconfig_format = {
	.name = "ikconfig",
	.kind = FORMAT_CONTAINER,
	.title = "Linux kernel's embedded configuration (IKCONFIG)",
	.spec = "Linux scripts/extract-ikconfig",
	.magics = ikconfig_magics,
	.probe = ikconfig_probe,
	.walk = ikconfig_walk,
};

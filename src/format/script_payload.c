/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A script with something binary behind its last line, which it takes from itself (`sed '1,/^__ARCHIVE_BELOW__$/d' "$0" | tar xz`). No
 * specification: where the text ends and something known begins, at the beginning of a line.
 */
#include "format/region.h"
#include "format/text_line.h"

#define LINES_TRIED 16u /* a few bytes of line feeds may stand in the payload, before the first NUL */
#define LINE_SHOWN 64u

/* What no script has in it. Letters of any encoding may be. */
static bool is_control(uint8_t c)
{
	return c < 0x20 && !(c >= 0x07 && c <= 0x0d) && c != 0x1b && c != 0x1a;
}

static bool is_text(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (is_control(s.p[i]))
			return false;
	return true;
}

/* Where the payload begins; 0 when there is none that is known. It has a NUL soon, which no script has. */
static uint64_t payload(struct span bytes)
{
	uint64_t lines[LINES_TRIED];
	unsigned n = 0;
	const uint8_t *nul = bytes.n ? memchr(bytes.p, 0, bytes.n) : NULL;
	for (uint64_t at = nul ? (uint64_t)(nul - bytes.p) : 0; at && n < LINES_TRIED; at--)
		if (bytes.p[at - 1] == '\n')
			lines[n++] = at;
	if (!n || !is_text(span_sub(bytes, 0, lines[n - 1])))
		return 0;
	for (uint64_t checked = lines[n - 1]; n; n--) {
		uint64_t at = lines[n - 1];
		struct format_match match;
		if (!is_text(span_sub(bytes, checked, at - checked)))
			return 0;
		checked = at;
		if (!span_has(bytes, at, "#!", 2) && format_identify(span_from(bytes, at), NULL, &match))
			return at;
	}
	return 0;
}

static bool script_probe(struct span at, struct format_match *match)
{
	if (!span_starts(at, "#!", 2))
		return false;
	match->size = at.n;
	match->text = payload(at);
	match->confidence = 40;
	return match->text;
}

static struct error script_walk(struct span bytes, struct walk *w)
{
	uint64_t at = payload(bytes), line = at;
	if (!at)
		return error_at(ERR_CORRUPT, 0, "nothing known stands behind the script");
	while (line > 1 && bytes.p[line - 2] != '\n')
		line--;
	struct text marker = text_from_span(span_sub(bytes, line - 1, at - line));
	if (marker.n && marker.n <= LINE_SHOWN)
		emit_header(w->sink, &(struct fact_header){ (int64_t)line - 1, TEXT_LIT("last line"), marker });
	if (w->in_text || region_emit(w, "script.sh", bytes, 0, at, NULL))
		region_emit(w, "payload", bytes, at, bytes.n - at, NULL);
	return error_none();
}

const struct format script_payload_format = {
	.name = "script_payload",
	.kind = FORMAT_CONTAINER,
	.title = "script with an archive or image behind it",
	.spec = "none: where the text ends and something known begins",
	.probe = script_probe,
	.walk = script_walk,
	.at_start = true,
	.own_bytes = true,
	.as_text = true,
};

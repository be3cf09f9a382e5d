/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Alpha Networks' switches: a shell script, a line that says where the firmware begins, the firmware, of which some
 * have all bits inverted.
 *
 * Specification: FACT_extractor plugins/unpacking/alphanetworks.
 */
#include "format/region.h"

#define LINE "=== Firmware Boundary ===\n"
#define SCRIPT_MAX (4u << 20)
#define BLOCK 65536u

/* Where the firmware begins; 0 when nowhere. */
static uint64_t boundary(struct span bytes)
{
	struct span head = span_clip(bytes, 0, SCRIPT_MAX);
	const uint8_t *p = head.n ? memmem(head.p, head.n, LINE, sizeof LINE - 1) : NULL;
	return p ? (uint64_t)(p - head.p) + sizeof LINE - 1 : 0;
}

static bool alpha_locate(struct span all, uint64_t hit, uint64_t *start)
{
	*start = 0;
	return hit < SCRIPT_MAX && span_starts(all, "#!/", 3);
}

static bool alpha_probe(struct span at, struct format_match *match)
{
	if (!span_starts(at, "#!/", 3) || !boundary(at))
		return false;
	match->size = at.n;
	match->confidence = 85;
	return true;
}

static struct error read_inverted(const void *fs, const void *file, uint64_t offset, uint8_t *out, size_t n)
{
	const struct span *firmware = file;
	struct span in = span_sub(*firmware, offset, n);
	(void)fs;
	if (!in.p)
		return error_at(ERR_TRUNCATED, offset, "these bytes are not there");
	for (size_t i = 0; i < n; i++)
		out[i] = (uint8_t)~in.p[i];
	return error_none();
}

static struct error alpha_walk(struct span bytes, struct walk *w)
{
	static const struct content_ops ops = { .read = read_inverted };
	uint64_t at = boundary(bytes);
	struct span firmware = span_from(bytes, at);
	if (!at)
		return error_at(ERR_CORRUPT, 0, "no line that tells where the firmware begins");
	if (!region_emit(w, "script.sh", bytes, 0, at - (sizeof LINE - 1), NULL) || !firmware.n)
		return error_none();
	if (!span_starts(firmware, "\xad\xba\xbb\xac\xb0\xb1\xb6\xbc", 8)) { /* REDSONIC */
		region_emit(w, "firmware", bytes, at, firmware.n, NULL);
		return error_none();
	}
	struct span *kept = ARENA_NEW(w->arena, struct span);
	if (!kept)
		return error_at(ERR_BUDGET, at, "no memory for the firmware");
	*kept = firmware;
	emit_header_field(w->sink, at, "inverted", "yes");
	struct content content = { .kind = CONTENT_BLOCKS, .ops = &ops, .file = kept, .block_size = BLOCK };
	(void)region_emit_content(w, "firmware", firmware.n, content, NULL);
	return error_none();
}

static const struct format_magic alpha_magics[] = { MAGIC(LINE, 0), MAGIC_END };

const struct format alphanetworks_format = {
	.name = "alphanetworks",
	.kind = FORMAT_CONTAINER,
	.title = "Alpha Networks script with firmware",
	.spec = "FACT_extractor plugins/unpacking/alphanetworks",
	.magics = alpha_magics,
	.probe = alpha_probe,
	.walk = alpha_walk,
	.locate = alpha_locate,
};

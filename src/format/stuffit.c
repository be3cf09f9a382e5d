/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Classic StuffIt archives of Macintosh (SIT!): entries with both forks behind each.
 *
 * Facts: XADMaster, XADStuffItParser.m.
 */
#include "base/hash.h"
#include "format/stuffit.h"

#define HEADER 22u
#define ENTRY 112u
#define DEPTH_MAX 64u
#define FOLDER_BEGIN 32u
#define FOLDER_END 33u
#define METHOD_ENCRYPTED 16u

static bool entry_is_whole(struct span h)
{
	return h.p && span_u16be(h, 110) == hash_crc16(STUFFIT_CRC, 0, span_sub(h, 0, 110));
}

/* A mark at two places and the CRC of the first entry. */
static bool stuffit_probe(struct span at, struct format_match *match)
{
	uint32_t size = span_u32be(at, 6);
	match->size = size;
	match->confidence = 90;
	return span_has(at, 10, "rLau", 4) && span_starts(at, "S", 1) && size >= HEADER &&
		   (size < HEADER + ENTRY ? span_starts(at, "SIT!", 4) : entry_is_whole(span_sub(at, HEADER, ENTRY)));
}

static struct stuffit_fork fork_read(struct span h, unsigned method_at, unsigned size_at, unsigned packed_at, unsigned crc_at, uint64_t at)
{
	struct stuffit_fork f = { .at = at, .size = span_u32be(h, size_at), .packed = span_u32be(h, packed_at), .crc = span_u16be(h, crc_at) };
	f.method = h.p[method_at] & STUFFIT_METHOD;
	f.encrypted = h.p[method_at] & METHOD_ENCRYPTED;
	return f;
}

static struct error stuffit_walk(struct span bytes, struct walk *w)
{
	struct stuffit s = { .bytes = bytes, .w = w, .buffer = { .arena = w->arena } };
	struct text folders[DEPTH_MAX + 1] = { TEXT_LIT("") };
	unsigned depth = 0, n = 0;
	uint64_t at = HEADER, end = span_u32be(bytes, 6);
	for (; at + ENTRY <= end; n++) {
		struct span h = span_sub(bytes, at, ENTRY);
		if (!entry_is_whole(h) || n == STUFFIT_ENTRIES_MAX)
			return error_at(!h.p ? ERR_TRUNCATED : n == STUFFIT_ENTRIES_MAX ? ERR_BUDGET : ERR_CORRUPT, at, "no entry where one is due");
		struct text name = text_of((const char *)h.p + 3, h.p[2] < 63 ? h.p[2] : 63);
		struct text path = stuffit_path(&s, folders[depth], name);
		int64_t mtime = stuffit_time(span_u32be(h, 80));
		at += ENTRY;
		if (h.p[0] == FOLDER_END || h.p[1] == FOLDER_END) {
			depth -= depth > 0;
			continue;
		}
		if (!path.p || ((h.p[0] == FOLDER_BEGIN || h.p[1] == FOLDER_BEGIN) && depth == DEPTH_MAX))
			return error_at(ERR_BUDGET, at, "folders are nested too deep, or there is no memory for a name");
		if (h.p[0] == FOLDER_BEGIN || h.p[1] == FOLDER_BEGIN) {
			folders[++depth] = path;
			if (!stuffit_emit_folder(&s, path, mtime))
				return error_none();
			continue;
		}
		struct stuffit_fork resource = fork_read(h, 0, 84, 92, 100, at), data = fork_read(h, 1, 88, 96, 102, at + resource.packed);
		if (!stuffit_emit_file(&s, path, mtime, &resource, &data))
			return error_none();
		at = data.at + data.packed;
	}
	return error_none();
}

static const struct format_magic stuffit_magics[] = { MAGIC("rLau", 10), MAGIC_END };

const struct format stuffit_format = {
	.name = "stuffit",
	.kind = FORMAT_ARCHIVE,
	.title = "StuffIt archive",
	.spec = "XADMaster, XADStuffItParser.m",
	.magics = stuffit_magics,
	.probe = stuffit_probe,
	.walk = stuffit_walk,
};

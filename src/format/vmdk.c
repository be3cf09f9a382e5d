/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Disks of VMware: sparse extents (monolithicSparse, and those of twoGbMaxExtentSparse), streamOptimized ones, whose grains are
 * compressed and marked, the older ones of ESX ("COWD"), and the descriptors of disks that are in several files.
 *
 * Specification: VMware Virtual Disk Format 5.0, "Hosted Sparse Extent", "Stream-Optimized Compressed Sparse Extents", "ESX Server
 * Sparse Extent".
 */
#include "format/vmdk_image.h"

#define COWD_ROOT 1u

static bool vmdk_probe(struct span at, struct format_match *match)
{
	struct vmdk v;
	if (!vmdk_read(at, &v))
		return false;
	match->size = at.n; /* that the walk finds out */
	match->confidence = 85;
	return true;
}

/* Programs hold the beginning of a descriptor, too: only a file that is nothing else is one. */
static bool vmdk_probe_whole(struct span all, struct format_match *match)
{
	struct text d = vmdk_descriptor_text(all);
	struct vmdk_extent e;
	size_t at = 0;
	match->size = all.n;
	match->confidence = 85;
	return vmdk_descriptor_is_all(all) && vmdk_descriptor_value(d, "CID").n && vmdk_descriptor_value(d, "createType").n &&
		   vmdk_descriptor_extent(d, &at, &e);
}

struct error vmdk_extent_copy(struct span bytes, uint8_t *out, uint64_t n, uint64_t *size, bool *rest)
{
	struct vmdk v;
	struct error e = error_none();
	memset(out, 0, (size_t)n);
	*size = 0;
	*rest = true;
	if (!vmdk_read(bytes, &v) || v.directory == VMDK_DIRECTORY_AT_END)
		return error_at(ERR_CORRUPT, 0, "no sparse extent, or one that is a stream");
	*size = v.disk.size;
	*rest = vmdk_has_rest(&v);
	n = n < v.disk.size ? n : v.disk.size;
	for (uint64_t at = 0; at < n; at += v.disk.unit) {
		size_t part = n - at < v.disk.unit ? (size_t)(n - at) : v.disk.unit;
		if (v.disk.read(&v.disk, at, out + at, part))
			continue;
		memset(out + at, 0, part);
		if (!error_is(&e))
			e = error_at(ERR_CORRUPT, at, "a grain lies outside of the extent, or does not unpack");
	}
	return e;
}

static void emit_fields(const struct vmdk *v, struct walk *w)
{
	emit_header_field(w->sink, 4, "version", "%u", v->version);
	emit_header_field(w->sink, 8, "flags", "0x%x", v->flags);
	emit_header_field(w->sink, 12, "capacity", "%llu", (unsigned long long)v->sectors);
	emit_header_field(w->sink, v->cowd ? 16 : 20, "grainSize", "%llu", (unsigned long long)v->grain);
	if (v->unclean)
		emit_header_field(w->sink, 72, "uncleanShutdown", "1");
	struct span text = span_clip(v->disk.bytes, v->text_at * GUEST_SECTOR, v->text_at ? v->text_n * GUEST_SECTOR : 0);
	struct text d = vmdk_descriptor_text(text);
	if (d.n && vmdk_descriptor_emit(d, v->text_at * GUEST_SECTOR, w) > 1)
		emit_damage_at(w->sink, ERR_UNSUPPORTED, v->text_at * GUEST_SECTOR, "this is one of several files of a disk");
	if (v->cowd && !(v->flags & COWD_ROOT))
		guest_disk_needs(w, 32, text_until_nul(span_sub(v->disk.bytes, 32, 1024)));
}

/* Files beside it that belong to the disk are joined where they are named as VMware names them (probe/pieces.c). */
static struct error walk_descriptor(struct text d, struct walk *w)
{
	unsigned n = vmdk_descriptor_emit(d, 0, w), shown = 0;
	struct vmdk_extent e;
	for (size_t at = 0; vmdk_descriptor_extent(d, &at, &e) && shown < DAMAGE_MAX; shown++)
		emit_header_field(w->sink, e.at, "extent", "%llu sectors, %.*s, %.*s", (unsigned long long)e.sectors, (int)(e.kind.n < 16 ? e.kind.n : 16),
						  e.kind.p, (int)(e.file.n < 100 ? e.file.n : 100), e.file.p);
	emit_damage_at(w->sink, ERR_UNSUPPORTED, 0, "the disk is in %u other files, which are looked at by themselves where they are", n);
	return error_none();
}

static struct error vmdk_walk(struct span bytes, struct walk *w)
{
	struct text d = vmdk_descriptor_text(bytes);
	if (d.n)
		return walk_descriptor(d, w);
	struct vmdk *v = ARENA_NEW(w->arena, struct vmdk);
	struct guest_used used;
	if (!v)
		return error_at(ERR_BUDGET, 0, "no memory for the image");
	if (!vmdk_read(bytes, v))
		return error_at(ERR_CORRUPT, 0, "no header of a sparse extent");
	emit_fields(v, w);
	if (!v->cowd && v->flags & VMDK_FLAG_COMPRESSED && v->compression != 1)
		return error_at(ERR_UNSUPPORTED, 77, "its grains are compressed with method %u", v->compression);
	struct error e = v->directory == VMDK_DIRECTORY_AT_END ? vmdk_stream_open(v, w) : error_none();
	if (error_is(&e))
		return e;
	if (!guest_used_new(&used, bytes, w->arena))
		return error_at(ERR_BUDGET, 0, "no memory for a map of the image");
	guest_disk_end(&v->disk, w, vmdk_used(v, &used, w));
	guest_disk_emit(&v->disk, w);
	guest_used_emit_rest(&used, w);
	return error_none();
}

static const struct format_magic magics[] = { MAGIC("KDMV\1\0\0\0", 0), MAGIC("KDMV\2\0\0\0", 0), MAGIC("KDMV\3\0\0\0", 0),
											  MAGIC("COWD\1\0\0\0", 0), MAGIC("# Disk DescriptorFile", 0), MAGIC_END };

const struct format vmdk_format = {
	.name = "vmdk",
	.kind = FORMAT_CONTAINER,
	.title = "VMware disk: sparse, stream-optimized; descriptor",
	.spec = "VMware Virtual Disk Format 5.0",
	.magics = magics,
	.probe = vmdk_probe,
	.probe_whole = vmdk_probe_whole,
	.walk = vmdk_walk,
};

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writes what Apple's updates are made of, to the standard output:
 *
 *     make_apple_disk volume FILE...           HFS+, with the files: as they are, packed as types 4, 8 and 12, and so on in turn
 *     make_apple_disk image DISK SECTORS       a disk image of it, with chunks of all kinds, and so many sectors that nobody wrote
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "decmpfs_writer.h"
#include "dmg_writer.h"
#include "hfsplus_writer.h"

#define FILES_MAX 32

static struct span load(const char *path)
{
	FILE *f = fopen(path, "rb");
	assert(f && fseek(f, 0, SEEK_END) == 0);
	size_t n = (size_t)ftell(f);
	uint8_t *p = malloc(n + 1);
	rewind(f);
	assert(p && fread(p, 1, n, f) == n && fclose(f) == 0);
	return span_of(p, n);
}

static void pack(struct hfsplus_file *f, unsigned type)
{
	uint8_t *attribute = malloc(8192), *fork = malloc(2 * f->data.n + 8192);
	size_t n;
	assert(attribute && fork);
	f->packed = span_of(attribute, decmpfs_write(type, f->data, attribute, fork, &n));
	f->resource = span_of(fork, n);
	f->data = SPAN_NONE;
	f->flags = 1u << 5;
}

static uint8_t *write_volume(char **paths, int npaths, size_t *n)
{
	static const uint8_t types[] = { 0, 4, 8, 12 };
	static struct hfsplus_file files[FILES_MAX + 1];
	files[0] = (struct hfsplus_file){ .id = 2, .parent = 1, .name = "Update", .directory = true, .mode = 040755 };
	assert(npaths < FILES_MAX);
	for (int i = 0; i < npaths; i++) {
		const char *name = strrchr(paths[i], '/');
		files[i + 1] = (struct hfsplus_file){ .id = 16 + (uint32_t)i, .parent = 2, .name = name ? name + 1 : paths[i], .mode = 0100755,
			                                  .data = load(paths[i]) };
		if (types[i % 4])
			pack(&files[i + 1], types[i % 4]);
	}
	return hfsplus_write(files, (size_t)npaths + 1, &(struct hfsplus_options){ .block = 4096, .attributes = 0x100, .fragmented = true }, n);
}

int main(int argc, char **argv)
{
	static const uint32_t all[] = { 1, 0x80000005, 0x80000007, 0x80000004, 0x80000006, 0x80000008, 0xffffffff };
	size_t n = 0;
	uint8_t *p = NULL;
	if (argc > 2 && strcmp(argv[1], "volume") == 0)
		p = write_volume(argv + 2, argc - 2, &n);
	else if (argc == 4 && strcmp(argv[1], "image") == 0)
		p = dmg_write(load(argv[2]), &(struct dmg_options){ .types = all, .tables = 3, .unwritten = strtoull(argv[3], NULL, 10) }, &n);
	return p && fwrite(p, 1, n, stdout) == n && fclose(stdout) == 0 ? 0 : 1;
}

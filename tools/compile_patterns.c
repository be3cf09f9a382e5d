/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Compiles the patterns of both registries into a database that the program carries; or those of formats alone.
 *
 *   compile_patterns all|formats OUTPUT
 *
 * For the plainest processor of the architecture, so that a package runs everywhere.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "probe/pattern_set.h"

static int write_database(enum pattern_scope scope, const char *name)
{
	hs_platform_info_t plain = { .tune = HS_TUNE_FAMILY_GENERIC };
	struct pattern_set set;
	hs_database_t *db = NULL;
	char *bytes = NULL;
	size_t n = 0;
	struct error e = pattern_set_list(&set, scope);
	if (!error_is(&e))
		e = pattern_set_compile(&set, &plain, &db);
	if (error_is(&e)) {
		fprintf(stderr, "compile_patterns: %s\n", e.text);
		return 1;
	}
	FILE *out = fopen(name, "wb");
	if (!out || hs_serialize_database(db, &bytes, &n) != HS_SUCCESS || fwrite(&set.fingerprint, sizeof set.fingerprint, 1, out) != 1 ||
	    fwrite(bytes, 1, n, out) != n || fclose(out)) {
		fprintf(stderr, "compile_patterns: %s can not be written\n", name);
		return 1;
	}
	free(bytes);
	hs_free_database(db);
	free(set.origins);
	return 0;
}

int main(int argc, char **argv)
{
	bool formats = argc == 3 && strcmp(argv[1], "formats") == 0;
	if (!formats && (argc != 3 || strcmp(argv[1], "all") != 0)) {
		fprintf(stderr, "usage: compile_patterns all|formats OUTPUT\n");
		return 2;
	}
	return write_database(formats ? PATTERNS_OF_FORMATS : PATTERNS_ALL, argv[2]);
}

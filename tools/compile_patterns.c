/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Compiles the patterns of both registries into the database that the program carries.
 *
 *   compile_patterns OUTPUT
 *
 * For the plainest processor of the architecture, so that a package runs everywhere.
 */
#include <stdio.h>
#include <stdlib.h>

#include "probe/pattern_set.h"

int main(int argc, char **argv)
{
	hs_platform_info_t plain = { .tune = HS_TUNE_FAMILY_GENERIC };
	struct pattern_set set;
	hs_database_t *db = NULL;
	char *bytes = NULL;
	size_t n = 0;
	FILE *out = argc == 2 ? fopen(argv[1], "wb") : NULL;
	if (!out) {
		fprintf(stderr, "usage: compile_patterns OUTPUT\n");
		return 2;
	}
	struct error e = pattern_set_list(&set);
	if (!error_is(&e))
		e = pattern_set_compile(&set, &plain, &db);
	if (error_is(&e)) {
		fprintf(stderr, "compile_patterns: %s\n", e.text);
		return 1;
	}
	if (hs_serialize_database(db, &bytes, &n) != HS_SUCCESS || fwrite(&set.fingerprint, sizeof set.fingerprint, 1, out) != 1 ||
	    fwrite(bytes, 1, n, out) != n || fclose(out)) {
		fprintf(stderr, "compile_patterns: %s can not be written\n", argv[1]);
		return 1;
	}
	free(bytes);
	hs_free_database(db);
	free(set.origins);
	return 0;
}

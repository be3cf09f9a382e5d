/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/unread.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/escape.h"

#define SHOWN 20u

struct unread {
	struct text path; /* of the blob at hand */
	uint64_t rows, files;
};

static void tell(struct unread *u, struct text where, struct text what)
{
	char shown[2][256];
	if (u->rows++ >= SHOWN)
		return;
	escape_terminal(where, shown[0], sizeof shown[0]);
	escape_terminal(what, shown[1], sizeof shown[1]);
	fprintf(stderr, "%s: %s\n", shown[0], shown[1]);
}

static bool take_row(void *context, enum fact_type type, const void *row)
{
	struct unread *u = context;
	if (type == FACT_damage)
		tell(u, u->path, ((const struct fact_damage *)row)->what);
	if (type != FACT_blob)
		return true;
	u->path = ((const struct fact_blob *)row)->path;
	u->files += text_is(((const struct fact_blob *)row)->kind, "file");
	return true;
}

bool tell_unread(const struct image_run *r)
{
	size_t n;
	struct unread u = { 0 };
	struct case_place *places = case_places(r->c, &n);
	bool ok = places != NULL;
	for (size_t i = 0; i < n && ok; i++)
		ok = batch_read(places[i].blob->batch, take_row, &u);
	free(places);
	if (!ok)
		tell(&u, TEXT_LIT("firmware.unpack"), TEXT_LIT("no memory to tell what could not be read"));
	if (!r->complete)
		tell(&u, TEXT_LIT("firmware.unpack"), text_c(r->detail));
	else if (!u.files && !r->extracted.parts && ok)
		tell(&u, TEXT_LIT("firmware.unpack"), TEXT_LIT("no file system was found in it"));
	if (u.rows > SHOWN)
		fprintf(stderr, "and %llu more that could not be read\n", (unsigned long long)(u.rows - SHOWN));
	return u.rows > 0;
}

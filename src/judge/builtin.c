/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "judge/internal.h"

static size_t builtin_count(void)
{
	size_t n = 0;
	while (pack_builtins[n].name)
		n++;
	return n;
}

/* A pack may use others that are listed behind it: what has to wait is tried again once more are there. */
bool packs_load_builtins(struct packs *packs, struct pack_error *error)
{
	bool loaded[PACKS_MAX] = { false };
	size_t n = builtin_count(), left = n;
	bool progress = true;
	while (left > 0 && progress) {
		progress = false;
		for (size_t i = 0; i < n && i < PACKS_MAX; i++) {
			struct pack_error e;
			if (loaded[i])
				continue;
			loaded[i] = packs_load_text(packs, pack_builtins[i].name, pack_builtins[i].text, &e);
			progress |= loaded[i];
			left -= loaded[i];
			if (loaded[i])
				continue;
			*error = e;
			if (!e.waits)
				return false;
		}
	}
	return left == 0;
}

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
static bool load_all(struct packs *packs, bool check, struct pack_error *error)
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
			const struct pack_builtin *b = &pack_builtins[i];
			loaded[i] = check ? packs_load_text(packs, b->name, b->text, &e) : pack_load_own(packs, b, &e);
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

bool packs_load_builtins(struct packs *packs, struct pack_error *error)
{
	return load_all(packs, false, error);
}

bool packs_check_builtins(struct packs *packs, struct pack_error *error)
{
	return load_all(packs, true, error);
}

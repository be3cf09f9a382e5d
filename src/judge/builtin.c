/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "judge/pack.h"

bool packs_load_builtins(struct packs *packs, struct pack_error *error)
{
	for (const struct pack_builtin *b = pack_builtins; b->name; b++)
		if (!packs_load_text(packs, b->name, b->text, error))
			return false;
	return true;
}

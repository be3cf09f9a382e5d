/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/combos.h"

int combos_case_model(const char *path, char **text, size_t *n)
{
	*text = NULL;
	*n = 0;
	return complain(EXIT_UNUSABLE, path, "no model is made of case files yet");
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Prints docs/mapping.md: for each requirement of the built-in packs those of the other packs that ask the same thing or a part of
 * it. Exits with 1 when a reference names nothing, or is not answered by one in the other direction. */
#include <stdio.h>
#include <string.h>

#include "cli/probes.h"
#include "judge/mapping.h"
#include "judge/pack.h"

static const char intro[] =
	"# Which requirements ask the same\n"
	"\n"
	"<!-- Made by tools/mapping_docs from `references` in guidelines/: change those. tools/references.py adds the half of a\n"
	"reference that is missing. -->\n"
	"\n"
	"For each requirement of the built-in packs, those of the other packs that ask the same thing or a part of it: one assessment\n"
	"answers all. The same table read from either side says the same.\n";

static void print_others(const struct packs *packs, const struct requirement *r, const struct pack *of)
{
	bool first = true;
	for (size_t i = 0; i < of->nrequirements; i++) {
		const struct requirement *other = &of->requirements[i];
		if (other->owner != of || !mapping_refers(packs, r, other))
			continue;
		printf("%s`%s`", first ? "" : ", ", other->id);
		first = false;
	}
	printf(" | ");
}

static void print_pack(const struct packs *packs, const struct pack *p)
{
	printf("\n## %s\n\n| requirement | what it asks |", p->title);
	for (size_t i = 0; i < packs_count(packs); i++)
		if (packs_get(packs, i) != p)
			printf(" %s |", packs_get(packs, i)->id);
	printf("\n| --- | --- |");
	for (size_t i = 1; i < packs_count(packs); i++)
		printf(" --- |");
	puts("");
	for (size_t k = 0; k < p->nrequirements; k++) {
		const struct requirement *r = &p->requirements[k];
		if (r->owner != p || r->nreferences == 0)
			continue;
		printf("| `%s` | %s | ", r->id, r->title);
		for (size_t i = 0; i < packs_count(packs); i++)
			if (packs_get(packs, i) != p)
				print_others(packs, r, packs_get(packs, i));
		puts("");
	}
}

int main(void)
{
	struct pack_error e = { 0 };
	struct packs *packs = packs_new(probe_names());
	if (!packs || !packs_load_builtins(packs, &e)) {
		fprintf(stderr, "%s\n", packs ? e.text : "out of memory");
		return 2;
	}
	fputs(intro, stdout);
	for (size_t i = 0; i < packs_count(packs); i++)
		print_pack(packs, packs_get(packs, i));
	size_t faults = mapping_faults(packs, stderr);
	packs_free(packs);
	return faults > 0 || fflush(stdout) || ferror(stdout);
}

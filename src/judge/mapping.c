/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "judge/mapping.h"

static const struct pack *of_standard(const struct packs *packs, const char *standard)
{
	for (size_t i = 0; i < packs_count(packs); i++)
		if (strcmp(packs_get(packs, i)->source_name, standard) == 0)
			return packs_get(packs, i);
	return NULL;
}

/* What follows the prefix in the id of a requirement, or NULL. */
static const char *tail(const struct pack *p, const struct requirement *r)
{
	size_t n = strlen(p->prefix);
	return strncmp(r->id, p->prefix, n) == 0 && r->id[n] == '.' ? r->id + n + 1 : NULL;
}

/* Whether `part` is `whole` with one letter behind it. */
static bool is_part(const char *part, const char *whole)
{
	size_t n = strlen(whole);
	return strncasecmp(part, whole, n) == 0 && isalpha((unsigned char)part[n]) && !part[n + 1] && n > 0 &&
		   isdigit((unsigned char)whole[n - 1]);
}

static size_t in_pack(const struct pack *p, const char *id, bool parts, const struct requirement **found)
{
	size_t n = 0;
	for (size_t i = 0; i < p->nrequirements && n < REFERENCED_MAX; i++) {
		const char *name = tail(p, &p->requirements[i]);
		if (name && (parts ? is_part(name, id) : strcasecmp(name, id) == 0))
			found[n++] = &p->requirements[i];
	}
	return n;
}

size_t mapping_referenced(const struct packs *packs, const struct pack_reference *reference, const struct requirement **found)
{
	const struct pack *p = of_standard(packs, reference->standard);
	found[0] = packs_requirement(packs, reference->id, NULL);
	if (found[0] || !p)
		return found[0] != NULL;
	size_t n = in_pack(p, reference->id, false, found);
	return n > 0 ? n : in_pack(p, reference->id, true, found);
}

/* Whether the reference is to a standard that a loaded pack is made of, or to an id with a loaded pack's prefix: then it has to
 * name something. */
static bool mapping_is_ours(const struct packs *packs, const struct pack_reference *reference)
{
	if (of_standard(packs, reference->standard))
		return true;
	for (size_t i = 0; i < packs_count(packs); i++) {
		const char *prefix = packs_get(packs, i)->prefix;
		size_t n = strlen(prefix);
		if (strncmp(reference->id, prefix, n) == 0 && reference->id[n] == '.')
			return true;
	}
	return false;
}

bool mapping_refers(const struct packs *packs, const struct requirement *from, const struct requirement *to)
{
	for (size_t i = 0; i < from->nreferences; i++) {
		const struct requirement *found[REFERENCED_MAX];
		size_t n = mapping_referenced(packs, &from->references[i], found);
		for (size_t k = 0; k < n; k++)
			if (found[k] == to)
				return true;
	}
	return false;
}

static size_t faults_of(const struct packs *packs, const struct requirement *r, FILE *out)
{
	size_t faults = 0;
	for (size_t i = 0; i < r->nreferences; i++) {
		const struct pack_reference *ref = &r->references[i];
		const struct requirement *found[REFERENCED_MAX];
		size_t n = mapping_referenced(packs, ref, found);
		if (n == 0 && mapping_is_ours(packs, ref)) {
			fprintf(out, "%s:%u: %s refers to %s, %s, which is not there\n", r->owner->file, r->line, r->id, ref->standard, ref->id);
			faults++;
		}
		const struct pack *meant = n > 0 ? found[0]->owner : NULL;
		if (meant && strcmp(ref->standard, meant->source_name) != 0 && strcmp(ref->standard, meant->title) != 0) {
			fprintf(out, "%s:%u: %s refers to %s of `%s`, expected `%s`\n", r->owner->file, r->line, r->id, ref->id, ref->standard,
					meant->title);
			faults++;
		}
		for (size_t k = 0; k < n; k++) {
			if (mapping_refers(packs, found[k], r))
				continue;
			fprintf(out, "%s:%u: %s refers to %s, which does not refer back\n", r->owner->file, r->line, r->id, found[k]->id);
			faults++;
		}
	}
	return faults;
}

size_t mapping_faults(const struct packs *packs, FILE *out)
{
	size_t faults = 0;
	for (size_t i = 0; i < packs_count(packs); i++) {
		const struct pack *p = packs_get(packs, i);
		for (size_t k = 0; k < p->nrequirements; k++)
			if (p->requirements[k].owner == p)
				faults += faults_of(packs, &p->requirements[k], out);
	}
	return faults;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "probe/pattern_set.h"

#include <stdio.h>
#include <stdlib.h>

#include "inspect/inspect.h"

/* The pattern, wherever it comes from. */
static struct pattern pattern_of(const struct pattern_origin *o)
{
	if (!o->is_format)
		return inspector_registry[o->owner]->patterns[o->index];
	const struct format_magic *m = &format_registry[o->owner]->magics[o->index];
	return (struct pattern){ m->bytes, m->n, PATTERN_LITERAL };
}

/* FNV-1a: only to tell one set from another. */
static uint64_t mix(uint64_t h, const void *bytes, size_t n)
{
	const uint8_t *p = bytes;
	for (size_t i = 0; i < n; i++)
		h = (h ^ p[i]) * 0x100000001b3u;
	return h;
}

/* Literals are looked for from their last bytes on, and programs are full of zeros: those that end in several would have each of them looked
 * at. Two bytes stay at least, and one zero. */
static uint32_t zeros_left_out(const struct pattern *p)
{
	size_t n = p->n;
	while (!(p->flags & PATTERN_REGEX) && n > 2 && !p->bytes[n - 1] && !p->bytes[n - 2])
		n--;
	return (uint32_t)(p->n - n);
}

static bool add(struct pattern_set *set, size_t *cap, struct pattern_origin o)
{
	if (set->n == *cap) {
		*cap = *cap ? *cap * 2 : 256;
		struct pattern_origin *v = realloc(set->origins, *cap * sizeof *v);
		if (!v)
			return false;
		set->origins = v;
	}
	struct pattern s = pattern_of(&o);
	o.length = s.flags & PATTERN_REGEX ? 0 : (uint32_t)s.n;
	o.behind = zeros_left_out(&s);
	if (o.length > set->longest)
		set->longest = o.length;
	set->fingerprint = mix(mix(mix(set->fingerprint, s.bytes, s.n), &s.flags, sizeof s.flags), &o.owner, sizeof o.owner);
	set->fingerprint = mix(set->fingerprint, &o.behind, sizeof o.behind);
	set->origins[set->n++] = o;
	return true;
}

struct error pattern_set_list(struct pattern_set *set, enum pattern_scope scope)
{
	size_t cap = 0;
	bool ok = true;
	*set = (struct pattern_set){ .fingerprint = 0xcbf29ce484222325u };
	for (uint16_t f = 0; format_registry[f]; f++) {
		const struct format_magic *m = format_registry[f]->magics;
		for (uint32_t i = 0; ok && m && m[i].bytes; i++)
			ok = add(set, &cap, (struct pattern_origin){ .is_format = true, .owner = f, .index = i, .offset = m[i].offset });
	}
	for (uint16_t k = 0; scope == PATTERNS_ALL && inspector_registry[k]; k++) {
		const struct pattern *p = inspector_registry[k]->patterns;
		for (uint32_t i = 0; ok && p && p[i].bytes; i++)
			ok = add(set, &cap, (struct pattern_origin){ .owner = k, .index = i });
	}
	return ok ? error_none() : error_at(ERR_MEMORY, 0, "no memory for the patterns");
}

char *pattern_expression(const struct pattern *p)
{
	char *e = malloc(4 * p->n + 1);
	if (!e)
		return NULL;
	if (p->flags & PATTERN_REGEX) {
		memcpy(e, p->bytes, p->n);
		e[p->n] = '\0';
		return e;
	}
	for (size_t i = 0; i < p->n; i++)
		snprintf(e + 4 * i, 5, "\\x%02x", (unsigned char)p->bytes[i]);
	e[4 * p->n] = '\0';
	return e;
}

unsigned pattern_hs_flags(const struct pattern *p)
{
	return HS_FLAG_DOTALL | (p->flags & PATTERN_CASELESS ? HS_FLAG_CASELESS : 0u);
}

static struct error compile(const char *const *expressions, const unsigned *flags, const unsigned *ids, size_t n,
                            const hs_platform_info_t *platform, hs_database_t **db)
{
	hs_compile_error_t *why = NULL;
	if (hs_compile_multi(expressions, flags, ids, (unsigned)n, HS_MODE_BLOCK, platform, db, &why) == HS_SUCCESS)
		return error_none();
	struct error e = error_at(ERR_USAGE, 0, "pattern %d: %s", why ? why->expression : -1, why ? why->message : "no memory");
	hs_free_compile_error(why);
	return e;
}

struct error pattern_set_compile(const struct pattern_set *set, const hs_platform_info_t *platform, hs_database_t **db)
{
	char **expressions = calloc(set->n + 1, sizeof *expressions);
	unsigned *flags = calloc(set->n + 1, sizeof *flags), *ids = calloc(set->n + 1, sizeof *ids);
	bool ok = expressions && flags && ids;
	for (size_t i = 0; ok && i < set->n; i++) {
		struct pattern p = pattern_of(&set->origins[i]);
		p.n -= set->origins[i].behind;
		expressions[i] = pattern_expression(&p);
		flags[i] = pattern_hs_flags(&p);
		ids[i] = (unsigned)i;
		ok = expressions[i] != NULL;
	}
	*db = NULL;
	struct error e = ok ? compile((const char *const *)expressions, flags, ids, set->n, platform, db)
	                    : error_at(ERR_MEMORY, 0, "no memory to compile the patterns");
	for (size_t i = 0; expressions && i < set->n; i++)
		free(expressions[i]);
	free(expressions);
	free(flags);
	free(ids);
	return e;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where in a product the flaw lies, by its record: source files, routines, modules in words. They tell a reader where to look; what
 * takes a vulnerability away is decided in parts.c, for the kernel alone, whose files are known to be built or not.
 *
 * Specification: CVE Record Format 5.x, "modules", "programFiles", "programRoutines". */
#include "vuln/internal.h"

#define PLACES_MAX 2000u
#define TOLD_MAX 3u /* of a kind, in words */
#define NAME_SHOWN 120u

struct places places_read(struct matcher *m, struct arena *a, int64_t vulnerability)
{
	struct place *v = NULL;
	size_t n = 0, cap = 0;
	bool more_rows = false;
	if (!m->places)
		return (struct places){ 0 };
	sqlite3_bind_int64(m->places, 1, vulnerability);
	while (sqlite3_step(m->places) == SQLITE_ROW) {
		more_rows = n == PLACES_MAX;
		if (more_rows)
			break;
		if (n == cap) {
			size_t more_cap = cap ? cap * 2 : 8;
			struct place *more = ARENA_ARRAY(a, struct place, more_cap);
			if (!more) {
				more_rows = true;
				break;
			}
			if (n)
				memcpy(more, v, n * sizeof *v);
			v = more;
			cap = more_cap;
		}
		v[n].product = column_text(a, m->places, 0);
		v[n].kind = column_text(a, m->places, 1);
		v[n].name = column_text(a, m->places, 2);
		n++;
	}
	sqlite3_reset(m->places);
	return (struct places){ v, n, more_rows };
}

static bool said_before(const struct places *p, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (text_eq(p->v[i].name, p->v[at].name) && text_eq(p->v[i].kind, p->v[at].kind))
			return true;
	return false;
}

/* "src/tls13.c, src/ssl.c and more". */
static struct text names_of(struct matcher *m, const struct software *s, const struct places *p, const char *kind)
{
	struct text all = TEXT_NONE;
	size_t told = 0;
	for (size_t i = 0; i < p->n; i++) {
		struct text name = p->v[i].name;
		if (!name.n || !text_is(p->v[i].kind, kind) || !software_is(s, p->v[i].product) || said_before(p, i))
			continue;
		if (told++ == TOLD_MAX)
			return words(m, "%.*s and more", T(all));
		if (name.n > NAME_SHOWN)
			for (name.n = NAME_SHOWN; name.n && ((unsigned char)name.p[name.n] & 0xc0) == 0x80;) /* whole characters */
				name.n--;
		all = all.n ? words(m, "%.*s, %.*s", T(all), T(name)) : words(m, "%.*s", T(name));
	}
	return all;
}

void places_tell(struct matcher *m, const struct software *s, const struct places *p, struct decision *d)
{
	struct text files = names_of(m, s, p, "file"), routines = names_of(m, s, p, "routine"),
				modules = names_of(m, s, p, "module");
	if (files.n)
		d->reason = words(m, "%.*s; its record names the file %.*s", T(d->reason), T(files));
	if (routines.n)
		d->reason = words(m, "%.*s; the function %.*s", T(d->reason), T(routines));
	if (modules.n)
		d->reason = words(m, "%.*s; the part %.*s", T(d->reason), T(modules));
}

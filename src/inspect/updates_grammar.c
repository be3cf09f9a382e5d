/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two grammars of updaters' configuration: sections of settings (GLib's key files, INI) and groups (JSON, libconfig). */
#include "base/settings.h"
#include "inspect/updates_config.h"

struct text config_text(const struct updates *u)
{
	struct span s = span_clip(u->subject->bytes, 0, UPDATES_CONFIG_MAX);
	return s.p ? text_from_span(s) : text_of("", 0);
}

struct text config_get(const struct config_section *s, const char *key)
{
	for (unsigned i = s->n; i > 0; i--)
		if (text_is(s->keys[i - 1], key))
			return s->values[i - 1];
	return TEXT_NONE;
}

struct text config_group(const struct config_groups *g)
{
	for (unsigned i = g->depth; i > 0; i--)
		if (g->names[i - 1].n)
			return g->names[i - 1];
	return TEXT_NONE;
}

void config_fetch(struct updates *u, struct text address, struct text evidence)
{
	updates_emit(u, UPDATES_FETCH, updates_scheme(address), evidence);
}

static bool is_section(struct text t)
{
	return t.n > 2 && t.p[0] == '[' && t.p[t.n - 1] == ']';
}

void config_read_sections(struct updates *u, void (*take)(struct updates *u, const struct config_section *s))
{
	struct config_section *s = ARENA_NEW(u->subject->arena, struct config_section);
	if (!s)
		return;
	for (struct text rest = config_text(u), line; shell_line(&rest, &line);) {
		struct text t = shell_trim(line);
		const char *equals = t.n ? memchr(t.p, '=', t.n) : NULL;
		if (is_section(t)) {
			take(u, s);
			s->n = 0;
			s->name = text_of(t.p + 1, t.n - 2);
		} else if (equals && t.p[0] != '#' && t.p[0] != ';' && s->n < CONFIG_PAIRS) {
			size_t n = (size_t)(equals - t.p);
			s->keys[s->n] = shell_trim(text_of(t.p, n));
			s->values[s->n++] = shell_unquoted(shell_trim(text_of(equals + 1, t.n - n - 1)));
		}
	}
	take(u, s);
}

struct reading {
	struct updates *u;
	struct config_groups groups;
	void (*take)(struct updates *u, struct config_groups *g, struct text key, struct text value);
};

static void take_event(void *self, enum settings_event event, unsigned depth, struct text key, struct text value)
{
	struct reading *r = self;
	r->groups.depth = depth < CONFIG_DEPTH ? depth : CONFIG_DEPTH;
	if (event == SETTINGS_OPEN && depth < CONFIG_DEPTH)
		r->groups.names[depth] = key;
	else if (event == SETTINGS_VALUE && value.p)
		r->take(r->u, &r->groups, key, value);
}

void config_read_groups(struct updates *u,
						void (*take)(struct updates *u, struct config_groups *g, struct text key, struct text value))
{
	struct reading r = { .u = u, .take = take };
	if (!settings_parse(config_text(u), take_event, &r))
		emit_damage_at(u->sink, ERR_CORRUPT, UINT64_MAX, "an updater's configuration is malformed");
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What several sections of a document have. */
#include <string.h>

#include "report/oscal_internal.h"

void oscal_open(struct oscal *o, const char *key, char bracket)
{
	json_key(&o->j, key);
	json_open(&o->j, bracket);
}

void oscal_pair(struct oscal *o, const char *key, const char *value)
{
	json_key_text(&o->j, key, text_c(value ? value : ""));
	o->no_memory |= !value;
}

void oscal_markup_pair(struct oscal *o, const char *key, struct text value, const char *otherwise)
{
	const char *markup = oscal_markup(o, value, otherwise);
	if (markup)
		oscal_pair(o, key, markup);
}

void oscal_prop(struct oscal *o, const char *name, struct text value)
{
	const char *string = oscal_string(o, value, NULL);
	if (!string)
		return;
	json_open(&o->j, '{');
	oscal_pair(o, "name", name);
	oscal_pair(o, "ns", OSCAL_NAMESPACE);
	oscal_pair(o, "value", string);
	json_close(&o->j, '}');
}

void oscal_prop_int(struct oscal *o, const char *name, int64_t value)
{
	if (value != FACT_NULL)
		oscal_prop(o, name, text_c(arena_printf(o->scratch, "%lld", (long long)value)));
}

void oscal_own_prop(struct oscal *o, const char *name, const char *value)
{
	const char *string = oscal_string(o, text_c(value), NULL);
	if (!string)
		return;
	json_open(&o->j, '{');
	oscal_pair(o, "name", name);
	oscal_pair(o, "value", string);
	json_close(&o->j, '}');
}

static const struct view_pack *pack_named(const struct oscal *o, const char *name)
{
	const struct view_pack *p = o->packs;
	while (p && strcmp(p->pack, name) != 0)
		p = p->following;
	return p;
}

void oscal_pack_link(struct oscal *o, const char *pack)
{
	const struct view_pack *p = pack_named(o, pack);
	if (!p)
		return;
	oscal_open(o, "links", '[');
	json_open(&o->j, '{');
	oscal_pair(o, "href", arena_printf(o->scratch, "#%s", oscal_pack_uuid(o, p)));
	oscal_pair(o, "rel", "reference");
	json_close(&o->j, '}');
	json_close(&o->j, ']');
}

void oscal_actors(struct oscal *o)
{
	oscal_open(o, "actors", '[');
	json_open(&o->j, '{');
	oscal_pair(o, "type", "tool");
	oscal_pair(o, "actor-uuid", oscal_tool_uuid(o));
	json_close(&o->j, '}');
	json_close(&o->j, ']');
}

void oscal_origins(struct oscal *o)
{
	oscal_open(o, "origins", '[');
	json_open(&o->j, '{');
	oscal_actors(o);
	json_close(&o->j, '}');
	json_close(&o->j, ']');
}

const char *oscal_objective(struct oscal *o, const struct oscal_control *c)
{
	return arena_printf(o->scratch, "%s_obj", c->id);
}

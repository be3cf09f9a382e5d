/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "format/members.h"

#include <strings.h>

#include "base/hash.h"

struct watching {
	struct walk walk; /* first: the base format's visitor finds the rest through it */
	struct walk *outer;
	struct members *members;
};

static void remember(struct watching *v, const struct entry *e)
{
	struct members *m = v->members;
	char *path = m->n < MEMBERS_MAX ? arena_strdup(v->walk.arena, e->path) : NULL;
	if (path)
		m->v[m->n++] = (struct member_seen){ text_of(path, e->path.n), e->content, e->size, e->offset, false, { 0 } };
}

static bool watch_child(struct walk *w, const struct entry *e)
{
	struct watching *v = (struct watching *)w;
	if (e->kind == ENTRY_FILE && e->content.kind != CONTENT_NONE)
		remember(v, e);
	if (v->outer->child(v->outer, e))
		return true;
	v->members->stopped = true;
	return false;
}

struct error members_walk(const struct format *base, struct span bytes, struct walk *w, struct members *m)
{
	*m = (struct members){ .v = ARENA_ARRAY(w->arena, struct member_seen, MEMBERS_MAX) };
	if (!m->v)
		return base->walk(bytes, w);
	struct watching v = { { w->arena, w->sink, w->depth, watch_child }, w, m };
	/* cppcheck-suppress returnDanglingLifetime ; an error points at nothing */
	return base->walk(bytes, &v.walk);
}

struct member_seen *members_find(const struct members *m, struct text path)
{
	for (size_t i = m->n; i > 0; i--)
		if (text_eq(m->v[i - 1].path, path))
			return &m->v[i - 1];
	return NULL;
}

static struct span unpack(const struct content *c, struct arena *arena, size_t max)
{
	struct buf out = buf_with_limit(max);
	struct error e = c->ops->unpack(c->fs, c->file, &out);
	uint8_t *copy = error_is(&e) ? NULL : ARENA_ARRAY(arena, uint8_t, out.n);
	struct span s = copy ? span_of(copy, out.n) : SPAN_NONE;
	if (copy && out.n)
		memcpy(copy, out.p, out.n);
	buf_free(&out);
	return s;
}

struct span members_content(const struct member_seen *s, struct arena *arena, size_t max)
{
	const struct content *c = &s->content;
	if (c->kind == CONTENT_SPAN)
		return c->bytes.n <= max ? c->bytes : SPAN_NONE;
	if (c->kind == CONTENT_STREAM)
		return unpack(c, arena, max);
	if (c->kind != CONTENT_BLOCKS || s->size > max)
		return SPAN_NONE;
	uint8_t *copy = ARENA_ARRAY(arena, uint8_t, s->size);
	if (!copy)
		return SPAN_NONE;
	struct error e = c->ops->read(c->fs, c->file, 0, copy, s->size);
	return error_is(&e) ? SPAN_NONE : span_of(copy, s->size);
}

bool members_sha256_is(struct member_seen *s, struct text hex)
{
	char have[65];
	if (s->content.kind != CONTENT_SPAN || hex.n != 64)
		return false;
	if (!s->hashed)
		digest_of(DIGEST_SHA256, s->content.bytes, s->sha256);
	s->hashed = true;
	hash_hex(s->sha256, 32, have);
	return strncasecmp(have, hex.p, 64) == 0;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "inspect/password_memo.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/hash.h"

/* Places for findings; a new one takes the place of an older one. */
#define PLACES 4096u
#define PASSWORD_MAX 80u
#define SOURCE_MAX 96u

struct remembered {
	char key[65]; /* SHA-256 of what the finding depends on; empty: no finding */
	const char *tried;
	uint64_t spent;
	bool found;
	uint8_t password_n, source_n;
	char password[PASSWORD_MAX], source[SOURCE_MAX];
};

struct password_memo {
	pthread_mutex_t lock;
	size_t spared;
	struct remembered places[PLACES];
};

struct password_memo *password_memo_new(void)
{
	struct password_memo *m = calloc(1, sizeof *m);
	if (m)
		pthread_mutex_init(&m->lock, NULL);
	return m;
}

void password_memo_free(struct password_memo *m)
{
	if (!m)
		return;
	pthread_mutex_destroy(&m->lock);
	free(m);
}

static bool add_text(struct buf *b, struct text t)
{
	uint64_t n = t.n;
	return !buf_add(b, &n, sizeof n) && !buf_add(b, t.p, t.n);
}

static bool make_key(const struct password_hash *h, struct text user, uint64_t budget, char key[65])
{
	struct buf b = { 0 };
	bool ok = !buf_add(&b, &h->scheme, sizeof h->scheme) && !buf_add(&b, &budget, sizeof budget) &&
			  add_text(&b, h->text) && add_text(&b, h->user) && add_text(&b, h->realm) && add_text(&b, user);
	if (ok)
		hash_sha256_hex(buf_span(&b), key);
	buf_free(&b);
	return ok;
}

static struct remembered *place_of(struct password_memo *m, const char *key)
{
	return &m->places[strtoul((char[]){ key[0], key[1], key[2], '\0' }, NULL, 16) % PLACES];
}

static bool recall(struct password_memo *m, const char *key, struct arena *arena, struct password_finding *f)
{
	pthread_mutex_lock(&m->lock);
	const struct remembered *r = place_of(m, key);
	bool known = memcmp(r->key, key, sizeof r->key) == 0;
	if (known) {
		*f = (struct password_finding){ .tried = r->tried, .spent = r->spent };
		if (r->found) {
			f->password = text_of(arena_strdup(arena, text_of(r->password, r->password_n)), r->password_n);
			f->source = text_of(arena_strdup(arena, text_of(r->source, r->source_n)), r->source_n);
			known = f->password.p && f->source.p;
		}
		m->spared += known;
	}
	pthread_mutex_unlock(&m->lock);
	return known;
}

static void remember(struct password_memo *m, const char *key, const struct password_finding *f)
{
	if (f->password.n > PASSWORD_MAX || f->source.n > SOURCE_MAX)
		return;
	pthread_mutex_lock(&m->lock);
	struct remembered *r = place_of(m, key);
	*r = (struct remembered){ .tried = f->tried, .spent = f->spent, .found = f->password.p != NULL };
	memcpy(r->key, key, sizeof r->key);
	if (r->found) {
		r->password_n = (uint8_t)f->password.n;
		r->source_n = (uint8_t)f->source.n;
		if (f->password.n)
			memcpy(r->password, f->password.p, f->password.n);
		if (f->source.n)
			memcpy(r->source, f->source.p, f->source.n);
	}
	pthread_mutex_unlock(&m->lock);
}

struct password_finding password_memo_guess(struct password_memo *memo, const struct password_hash *hash,
											struct text user, uint64_t budget, struct arena *arena)
{
	char key[65];
	struct password_finding f;
	if (!memo || hash->scheme == PASSWORD_PLAINTEXT || !make_key(hash, user, budget, key))
		return password_guess(hash, user, budget, arena);
	if (recall(memo, key, arena, &f))
		return f;
	f = password_guess(hash, user, budget, arena);
	if (f.spent)
		remember(memo, key, &f);
	return f;
}

size_t password_memo_spared(struct password_memo *memo)
{
	pthread_mutex_lock(&memo->lock);
	size_t n = memo->spared;
	pthread_mutex_unlock(&memo->lock);
	return n;
}

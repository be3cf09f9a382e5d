/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/verify.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "worker/verify.h"

/* More keys than any store of roots has; more signatures than a distribution has kernel modules. */
#define SIGNATURES_MAX 8192u
#define KEYS_MAX 1024u

static const char signatures_sql[] =
	"SELECT id, method, message, value, key_hint, blob_id, made,"
	" CASE WHEN scheme = 'x509' AND covers GLOB 'certificate [0-9]* above *' THEN CAST(substr(covers, 13) AS INTEGER) ELSE 0 END"
	" FROM signature WHERE state = 'no-key' AND method IS NOT NULL ORDER BY id";

/* The file that a key is in, where it is in one. */
#define PLACE                                                                                                          \
	"coalesce((WITH RECURSIVE up(parent, path, kind) AS (SELECT b.parent_id, b.path, b.kind UNION ALL"                 \
	" SELECT p.parent_id, p.path, p.kind FROM up JOIN blob p ON p.id = up.parent WHERE up.kind <> 'file')"             \
	" SELECT path FROM up WHERE kind = 'file' LIMIT 1), b.path)"

/* Each key once for each name that it has, single ones before those of certificates: there may be a whole store of these.
 * Ids and places are those of the first. A key that came with a signature says nothing of whom the device trusts: neither those of a
 * message of CMS that signs the archive that it is in, for any other archive. Where one
 * stands in several keyrings, a revocation in any counts, and the longest time: that is what its owner said last. */
static const char keys_sql[] =
	"WITH once AS (SELECT min(k.id) AS first, max(k.not_before) AS not_before, min(k.revoked) AS revoked,"
	" CASE WHEN count(k.not_after) = count(*) THEN max(k.not_after) END AS not_after, max(k.may_sign) AS may_sign"
	" FROM public_key k JOIN blob b ON b.id = k.blob_id LEFT JOIN blob p ON p.id = b.parent_id"
	" WHERE k.spki IS NOT NULL AND NOT (b.kind = 'region' AND b.path = 'signature' AND p.format IS 'fwtool')"
	" GROUP BY k.spki, k.name)"
	" SELECT k.spki, k.name, k.fingerprint, 0, " PLACE ", 0, k.id, once.not_before, once.not_after, once.revoked,"
	" once.may_sign IS 0"
	" FROM once JOIN public_key k ON k.id = once.first JOIN blob b ON b.id = k.blob_id"
	" UNION ALL SELECT c.der, CASE WHEN b.path = '/db-d719b2cb-3d3a-4596-a3bc-dad00e67656f'"
	" AND (SELECT p.format FROM blob p WHERE p.id = b.parent_id) IS 'uefi_nvram' THEN '" VERIFY_UEFI_DB
	"' END AS named,"
	" c.key_fingerprint, 1, " PLACE ", CASE b.kind WHEN 'file' THEN b.parent_id END AS holder, min(c.id), 0, 0, 0, 0"
	" FROM certificate c JOIN blob b ON b.id = c.blob_id WHERE c.der IS NOT NULL AND NOT (b.kind = 'file' AND EXISTS ("
	"SELECT 1 FROM certificate o JOIN signature g ON g.key_fingerprint = o.key_fingerprint"
	" WHERE o.blob_id = c.blob_id AND g.blob_id = b.parent_id AND g.scheme IN ('cms', 'jar', 'android-ota')))"
	" GROUP BY c.der, holder, named"
	" ORDER BY 4, 7";

struct second_look {
	sqlite3 *db;
	struct arena *arena;
	struct verify_signature *signatures;
	struct verify_key *keys;
	int64_t *ids;
	const char **paths, **fingerprints; /* of the keys */
	uint32_t nsignatures, nkeys;
	bool more; /* than are looked at */
};

static struct text column(struct second_look *l, sqlite3_stmt *s, int i)
{
	const char *p = (const char *)sqlite3_column_text(s, i);
	size_t n = (size_t)sqlite3_column_bytes(s, i);
	char *copy = p ? arena_strdup(l->arena, text_of(p, n)) : NULL;
	return copy ? text_of(copy, n) : TEXT_NONE;
}

static bool read_signatures(struct second_look *l)
{
	sqlite3_stmt *s = NULL;
	int r = sqlite3_prepare_v2(l->db, signatures_sql, -1, &s, NULL);
	while (r == SQLITE_OK || r == SQLITE_ROW) {
		r = sqlite3_step(s);
		if (r != SQLITE_ROW)
			break;
		if (l->nsignatures == SIGNATURES_MAX) {
			l->more = true;
			r = SQLITE_DONE;
			break;
		}
		l->ids[l->nsignatures] = sqlite3_column_int64(s, 0);
		l->signatures[l->nsignatures++] = (struct verify_signature){ column(l, s, 1),
																	 column(l, s, 2),
																	 column(l, s, 3),
																	 column(l, s, 4),
																	 sqlite3_column_int64(s, 5),
																	 sqlite3_column_int64(s, 6),
																	 (uint32_t)sqlite3_column_int(s, 7) };
	}
	sqlite3_finalize(s);
	return r == SQLITE_DONE;
}

static bool read_keys(struct second_look *l)
{
	sqlite3_stmt *s = NULL;
	int r = sqlite3_prepare_v2(l->db, keys_sql, -1, &s, NULL);
	while (r == SQLITE_OK || r == SQLITE_ROW) {
		r = sqlite3_step(s);
		if (r != SQLITE_ROW)
			break;
		if (l->nkeys == KEYS_MAX) {
			l->more = true;
			r = SQLITE_DONE;
			break;
		}
		l->paths[l->nkeys] = column(l, s, 4).p;
		l->fingerprints[l->nkeys] = column(l, s, 2).p;
		l->keys[l->nkeys++] = (struct verify_key){ .der = column(l, s, 0),
												   .name = column(l, s, 1),
												   .is_certificate = sqlite3_column_int(s, 3),
												   .holder = sqlite3_column_int64(s, 5),
												   .not_before = sqlite3_column_int64(s, 7),
												   .not_after = sqlite3_column_int64(s, 8),
												   .revoked = sqlite3_column_int64(s, 9),
												   .may_not_sign = sqlite3_column_int(s, 10) };
	}
	sqlite3_finalize(s);
	return r == SQLITE_DONE;
}

static bool write_verdict(struct second_look *l, sqlite3_stmt *s, uint32_t i, const struct verify_verdict *v)
{
	const struct verify_key *k = &l->keys[v->key];
	bool good = v->state == VERIFY_VALID;
	const char *objection = good ? verification_objection(&l->signatures[i], k) : NULL;
	char words[40], behind[80] = "";
	snprintf(words, sizeof words, "%sby the %s in ", good ? "" : "not ", k->is_certificate ? "certificate" : "key");
	if (objection)
		snprintf(behind, sizeof behind, ", which %s", objection);
	sqlite3_bind_int64(s, 1, l->ids[i]);
	sqlite3_bind_text(s, 2, objection ? "untrusted" : good ? "valid" : "invalid", -1, SQLITE_STATIC);
	sqlite3_bind_text(s, 3, l->fingerprints[v->key], -1, SQLITE_STATIC);
	sqlite3_bind_text(s, 4, words, -1, SQLITE_TRANSIENT);
	sqlite3_bind_text(s, 5, l->paths[v->key] ? l->paths[v->key] : "the image", -1, SQLITE_STATIC);
	sqlite3_bind_text(s, 6, behind, -1, SQLITE_TRANSIENT);
	bool ok = sqlite3_step(s) == SQLITE_DONE;
	sqlite3_reset(s);
	return ok;
}

static bool write_verdicts(struct second_look *l, const struct verify_verdict *verdicts)
{
	sqlite3_stmt *s = NULL;
	bool ok = sqlite3_prepare_v2(
				  l->db, "UPDATE signature SET state = ?2, key_fingerprint = ?3, detail = ?4 || ?5 || ?6 WHERE id = ?1",
				  -1, &s, NULL) == SQLITE_OK;
	for (uint32_t i = 0; ok && i < l->nsignatures; i++)
		if (verdicts[i].state != VERIFY_UNKNOWN)
			ok = write_verdict(l, s, i, &verdicts[i]);
	sqlite3_finalize(s);
	return ok;
}

static bool look(struct second_look *l, const struct verify_context *context, char *why)
{
	struct verify_verdict *verdicts = calloc(SIGNATURES_MAX, sizeof *verdicts);
	bool ok = verdicts && read_signatures(l) && (!l->nsignatures || read_keys(l));
	struct verify_request request = {
		.input = { l->signatures, l->keys, l->nsignatures, l->nkeys },
		.seconds = context->seconds,
		.without_landlock = context->without_landlock,
	};
	if (ok) {
		worker_verify(&request, verdicts, why);
		ok = write_verdicts(l, verdicts);
	}
	if (ok && l->more && !*why)
		snprintf(why, 200, "there are more signatures or keys than are verified");
	free(verdicts);
	return ok;
}

bool verify_signatures(void *context, sqlite3 *db, char *why)
{
	struct second_look l = {
		.db = db,
		.arena = arena_new(256u << 20),
		.signatures = calloc(SIGNATURES_MAX, sizeof *l.signatures),
		.keys = calloc(KEYS_MAX, sizeof *l.keys),
		.ids = calloc(SIGNATURES_MAX, sizeof *l.ids),
		.paths = calloc(KEYS_MAX, sizeof *l.paths),
		.fingerprints = calloc(KEYS_MAX, sizeof *l.fingerprints),
	};
	bool ok = l.arena && l.signatures && l.keys && l.ids && l.paths && l.fingerprints && look(&l, context, why);
	free(l.signatures);
	free(l.keys);
	free(l.ids);
	free(l.paths);
	free(l.fingerprints);
	arena_free(l.arena);
	return ok;
}

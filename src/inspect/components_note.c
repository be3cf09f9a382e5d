/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a distribution writes into its programs: the package metadata note.
 *
 * Specification: systemd's ELF Package Metadata (uapi-group.org, "Package Metadata for Executable Files"): an ELF note of the
 * owner "FDO" and type 0xcafe1a7e, whose description is a JSON object of strings.
 */
#include "inspect/components.h"
#include "inspect/package_db.h"

#define NOTE_TYPE 0xcafe1a7eu
#define NOTE_MAX 1024u
#define MEMBERS_MAX 32u

/* A string of JSON that begins behind its quote; what stands behind the closing one comes back in *rest. */
static bool json_string(struct text *rest, struct text *value)
{
	for (size_t i = 0; i < rest->n; i++) {
		if (rest->p[i] == '\\') {
			i++;
		} else if (rest->p[i] == '"') {
			*value = text_of(rest->p, i);
			*rest = text_of(rest->p + i + 1, rest->n - i - 1);
			return true;
		}
	}
	return false;
}

static bool next_quote(struct text *rest)
{
	const char *quote = rest->n ? memchr(rest->p, '"', rest->n) : NULL;
	if (!quote)
		return false;
	size_t n = (size_t)(quote - rest->p) + 1;
	*rest = text_of(rest->p + n, rest->n - n);
	return true;
}

struct note {
	struct text type, name, version, architecture, os, release;
};

/* Members whose value is a string; the object has no others. */
static void read_members(struct text json, struct note *note)
{
	const struct {
		const char *key;
		struct text *value;
	} members[] = {
		{ "type", &note->type },       { "name", &note->name },
		{ "version", &note->version }, { "architecture", &note->architecture },
		{ "os", &note->os },           { "osVersion", &note->release },
	};
	for (size_t i = 0; i < MEMBERS_MAX; i++) {
		struct text key, value;
		if (!next_quote(&json) || !json_string(&json, &key) || !next_quote(&json) || !json_string(&json, &value))
			return;
		for (size_t k = 0; k < sizeof members / sizeof members[0]; k++)
			if (text_is(key, members[k].key))
				*members[k].value = value;
	}
}

/* The description of the note whose owner's name stands at `at`, or SPAN_NONE. */
static struct span description_at(struct span bytes, uint64_t at)
{
	struct span header = span_sub(bytes, at - 12, 12);
	for (int big = 0; at >= 12 && big < 2; big++) {
		struct reader r = big ? reader_be(header) : reader_le(header);
		uint32_t name = rd_u32(&r), size = rd_u32(&r), type = rd_u32(&r);
		if (rd_ok(&r) && name == 4 && type == NOTE_TYPE && size <= NOTE_MAX)
			return span_sub(bytes, at + 4, size);
	}
	return SPAN_NONE;
}

static struct text lower(struct arena *arena, struct text t)
{
	char *p = arena_alloc(arena, t.n + 1, 1);
	for (size_t i = 0; p && i < t.n; i++)
		p[i] = t.p[i] >= 'A' && t.p[i] <= 'Z' ? (char)(t.p[i] + 32) : t.p[i];
	return p ? text_of(p, t.n) : TEXT_NONE;
}

static void fill(const struct note *note, struct arena *arena, struct fact_component *row)
{
	const struct product *product = product_of_package(note->name);
	bool apk = text_is(note->type, "apk");
	row->name = product ? text_c(product_strings + product->name) : note->name;
	row->package_version = note->version;
	row->version = package_db_upstream(note->version, apk ? PACKAGE_DB_APK : PACKAGE_DB_DEB);
	row->source_package = note->name;
	if (note->architecture.n)
		row->architecture = note->architecture;
	row->distribution = note->os.n ? lower(arena, note->os) : TEXT_NONE;
	if (row->distribution.n && note->release.n)
		row->distribution = text_c(arena_printf(arena, "%.*s %.*s", (int)row->distribution.n, row->distribution.p,
												(int)note->release.n, note->release.p));
}

bool component_note(struct span bytes, uint64_t at, struct arena *arena, struct fact_component *row)
{
	struct text json = text_until_nul(description_at(bytes, at));
	struct note note = { 0 };
	read_members(json, &note);
	if (!note.name.n || !note.version.n)
		return false;
	*row = (struct fact_component){
		.offset = (int64_t)at + 4,
		.evidence_kind = TEXT_LIT("note"),
		.evidence = json,
		.confidence = TEXT_LIT("proven"),
	};
	fill(&note, arena, row);
	return true;
}

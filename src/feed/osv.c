/* SPDX-License-Identifier: GPL-3.0-or-later */
/* OSV records (Open Source Vulnerability format, ossf.github.io/osv-schema, versions 1.0 to 1.7): JSON, and YAML as some
 * databases keep them.
 *
 * A record about CVEs (its aliases, what it is upstream of, or its own id) is told once for each of them; osv_affected.c. */
#include "feed/osv.h"

#include "feed/field.h"
#include "feed/lines.h"
#include "feed/nvd.h"

#define NAMES_MAX 200u

static bool recognise(const struct json_node *root)
{
	return json_tree_member(root, "id") && json_tree_member(root, "modified") &&
		   (json_tree_member(root, "affected") || json_tree_member(root, "schema_version") ||
			json_tree_member(root, "withdrawn"));
}

static void begin(struct feed_run *run)
{
	EMIT(run, SOURCE, .name = TEXT_LIT("osv"), .kind = TEXT_LIT("osv"));
}

struct names {
	struct text cve[NAMES_MAX];
	size_t n;
};

static void add_name(struct names *names, struct text name)
{
	for (size_t i = 0; i < names->n; i++)
		if (text_eq(names->cve[i], name))
			return;
	if (names->n < NAMES_MAX)
		names->cve[names->n++] = name;
}

/* The CVE in an id such as DEBIAN-CVE-2020-1234. */
static struct text cve_in(struct text id)
{
	const char *at = id.n ? memmem(id.p, id.n, "CVE-", 4) : NULL;
	struct text t = at ? text_of(at, id.n - (size_t)(at - id.p)) : TEXT_NONE;
	return feed_is_cve(t) ? t : TEXT_NONE;
}

static void read_names(struct feed_run *run, const struct json_node *root, struct text id, struct names *names)
{
	static const char *const lists[] = { "aliases", "upstream" };
	if (cve_in(id).p)
		add_name(names, cve_in(id));
	for (size_t i = 0; i < 2; i++)
		JSON_EACH(a, field_may(run, root, lists[i], PULL_ARRAY))
	{
		struct text name = field_vulnerability(run, field_string(run, a));
		if (feed_is_cve(name))
			add_name(names, name);
	}
	if (!names->n)
		add_name(names, id);
}

static void read_severity(struct feed_run *run, const struct json_node *holder, struct feed_vulnerability *v)
{
	JSON_EACH(s, field_may(run, holder, "severity", PULL_ARRAY))
	{
		struct text type = field_need_text(run, s, "type"), score = field_need_text(run, s, "score");
		struct text *out = text_is(type, "CVSS_V2")                                      ? &v->cvss2
						   : text_is(type, "CVSS_V4")                                    ? &v->cvss40
						   : text_is(type, "CVSS_V3") && text_starts(score, "CVSS:3.0/") ? &v->cvss30
						   : text_is(type, "CVSS_V3")                                    ? &v->cvss31
																						 : NULL;
		if (out && !out->p)
			*out = score;
	}
}

static void read_vulnerability(struct feed_run *run, const struct json_node *root, struct feed_vulnerability *v)
{
	const struct json_node *specific = json_tree_member(root, "database_specific");
	v->rank = FEED_RANK_OSV;
	v->published = field_time(run, root, "published");
	v->modified = field_time(run, root, "modified");
	v->state = field_time(run, root, "withdrawn").p ? TEXT_LIT("rejected") : TEXT_LIT("");
	v->summary = field_summary(field_text(run, root, "summary"));
	if (!v->summary.n)
		v->summary = field_summary(field_text(run, root, "details"));
	v->summary = v->summary.n ? v->summary : TEXT_NONE;
	read_severity(run, root, v);
	JSON_EACH(a, field_may(run, root, "affected", PULL_ARRAY))
	read_severity(run, a, v);
	const struct json_node *cwes = json_tree_member(specific, "cwe_ids"); /* GitHub's; others may mean what they like */
	JSON_EACH(c, cwes && cwes->type == PULL_ARRAY ? cwes : NULL)
	nvd_add_cwe(run, &v->cwe, c->text);
}

static void record(struct feed_run *run, const struct json_node *root)
{
	struct text id = field_need_text(run, root, "id");
	struct names names = { .n = 0 };
	struct feed_vulnerability v = { 0 };
	if (!id.p)
		return;
	run->what = id;
	if (!field_need_text(run, root, "modified").p)
		return;
	read_vulnerability(run, root, &v);
	read_names(run, root, id, &names);
	bool withdrawn = v.state.n > 0;
	for (size_t i = 0; i < names.n; i++) {
		/* what somebody says no longer of a vulnerability that another has named may still be so */
		bool taken_back = withdrawn && !text_eq(id, names.cve[i]);
		v.name = names.cve[i];
		v.state = withdrawn && !taken_back ? TEXT_LIT("rejected") : TEXT_LIT("");
		v.rank = taken_back ? FEED_RANK_NAME : FEED_RANK_OSV;
		EMIT(run, RECORD, .modified = v.modified,
			 .name = i == 0 ? id : field_print(run, "%.*s %.*s", (int)id.n, id.p, (int)v.name.n, v.name.p));
		feed_emit(run, FEED_VULNERABILITY, &v);
		if (!text_eq(id, v.name))
			EMIT(run, ALIAS, .name = id);
		JSON_EACH(a, field_may(run, root, "aliases", PULL_ARRAY))
		if (!feed_is_cve(field_vulnerability(run, field_string(run, a))) && !text_eq(a->text, v.name))
			EMIT(run, ALIAS, .name = a->text);
		if (!taken_back)
			osv_affected(run, root);
	}
}

static const char *const unneeded[] = { "references", "credits", NULL };

const struct feed_importer feed_osv = {
	.name = "osv",
	.title = "OSV records (single, folders, all.zip; JSON, YAML)",
	.recognise = recognise,
	.skip = unneeded,
	.begin = begin,
	.record = record,
};

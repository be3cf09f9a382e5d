/* SPDX-License-Identifier: GPL-3.0-or-later */
/* CVE records, versions 5.0 to 5.2: of the CVE list, with the containers of authorised data publishers (CISA's among them).
 *
 * Specification: CVE Program, "CVE JSON record format" 5.1 (schema/CVE_Record_Format.json) and its "version status logic".
 * Each entry of `affected` is a configuration; cve_affected.c. */
#include "feed/cve_5.h"

#include "feed/field.h"
#include "feed/nvd.h"

static bool recognise(const struct json_node *root)
{
	const struct json_node *type = json_tree_member(root, "dataType");
	return (type && text_is(type->text, "CVE_RECORD")) ||
		   (json_tree_member(root, "cveMetadata") && json_tree_member(root, "containers"));
}

static void begin(struct feed_run *run)
{
	EMIT(run, SOURCE, .name = TEXT_LIT("cve"), .kind = TEXT_LIT("cve"));
}

struct summary {
	struct text text, cwe, cvss2, cvss30, cvss31, cvss40;
	bool disputed;
};

static void add_vector(struct feed_run *run, const struct json_node *metric, const char *name, struct text *out)
{
	const struct json_node *m = field_may(run, metric, name, PULL_OBJECT);
	if (m && !out->p)
		*out = field_need_text(run, m, "vectorString");
}

static bool is_english(struct text lang)
{
	return !lang.p || text_starts(lang, "en");
}

static void add_text(struct feed_run *run, const struct json_node *container, const char *name, struct summary *s)
{
	JSON_EACH(d, field_may(run, container, name, PULL_ARRAY))
	if (!s->text.p && is_english(field_text(run, d, "lang")))
		s->text = field_summary(field_text(run, d, "value"));
}

/* What one container adds to what those before it said. */
static void add_container(struct feed_run *run, const struct json_node *container, struct summary *s)
{
	add_text(run, container, "descriptions", s);
	add_text(run, container, "rejectedReasons", s);
	JSON_EACH(p, field_may(run, container, "problemTypes", PULL_ARRAY))
	JSON_EACH(d, field_may(run, p, "descriptions", PULL_ARRAY))
	nvd_add_cwe(run, &s->cwe, field_text(run, d, "cweId"));
	JSON_EACH(m, field_may(run, container, "metrics", PULL_ARRAY))
	{
		add_vector(run, m, "cvssV2_0", &s->cvss2);
		add_vector(run, m, "cvssV3_0", &s->cvss30);
		add_vector(run, m, "cvssV3_1", &s->cvss31);
		add_vector(run, m, "cvssV4_0", &s->cvss40);
	}
	JSON_EACH(tag, field_may(run, container, "tags", PULL_ARRAY))
	s->disputed |= text_is(field_string(run, tag), "disputed");
}

static void record(struct feed_run *run, const struct json_node *root)
{
	const struct json_node *meta = field_need(run, root, "cveMetadata", PULL_OBJECT);
	const struct json_node *containers = field_need(run, root, "containers", PULL_OBJECT);
	const struct json_node *cna = field_need(run, containers, "cna", PULL_OBJECT);
	const struct json_node *adp = field_may(run, containers, "adp", PULL_ARRAY);
	struct text id = field_need_cve(run, meta, "cveId"), state = field_need_text(run, meta, "state");
	struct text modified = field_time(run, meta, "dateUpdated"), published = field_time(run, meta, "datePublished");
	struct summary s = { 0 };
	int64_t number = 0;
	if (!id.p || !cna)
		return;
	run->what = id;
	add_container(run, cna, &s);
	JSON_EACH(a, adp)
	add_container(run, a, &s);
	if (!published.p)
		published = field_time(run, cna, "datePublic");
	bool rejected = text_is(state, "REJECTED");
	EMIT(run, RECORD, .name = id, .modified = modified);
	EMIT(run, VULNERABILITY, .name = id, .rank = FEED_RANK_CVE, .published = published, .modified = modified,
		 .state = rejected     ? TEXT_LIT("rejected")
				  : s.disputed ? TEXT_LIT("disputed")
							   : feed_state_of(s.text),
		 .summary = s.text, .cwe = s.cwe, .cvss2 = s.cvss2, .cvss30 = s.cvss30, .cvss31 = s.cvss31, .cvss40 = s.cvss40);
	cve_affected(run, cna, &number);
	JSON_EACH(a, adp)
	cve_affected(run, a, &number);
}

static const char *const unneeded[] = { "references", "timeline", "credits", "supportingMedia", NULL };

const struct feed_importer feed_cve_5 = {
	.name = "cve-5",
	.title = "CVE records 5.x (single, arrays; cvelistV5, vulnrichment)",
	.recognise = recognise,
	.skip = unneeded,
	.begin = begin,
	.record = record,
};

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* NVD JSON feed 1.1, which the NVD published until December 2023 and mirrors still have.
 *
 * Specification: NVD, "nvd_cve_feed_json_1.1.schema". Each node of a record is a configuration of its own. */
#include "feed/field.h"
#include "feed/nvd.h"

static const struct nvd_words words = { "cpe_match", "cpe23Uri" };

static bool recognise(const struct json_node *root)
{
	return json_tree_member(root, "CVE_Items") || json_tree_member(root, "CVE_data_type");
}

static void begin(struct feed_run *run)
{
	EMIT(run, SOURCE, .name = TEXT_LIT("nvd"), .kind = TEXT_LIT("nvd"));
}

static struct text english(struct feed_run *run, const struct json_node *cve)
{
	const struct json_node *description = field_need(run, cve, "description", PULL_OBJECT);
	JSON_EACH(d, field_need(run, description, "description_data", PULL_ARRAY))
	if (text_is(field_need_text(run, d, "lang"), "en"))
		return field_summary(field_text(run, d, "value"));
	return TEXT_NONE;
}

static struct text cwe_of(struct feed_run *run, const struct json_node *cve)
{
	struct text list = TEXT_NONE;
	const struct json_node *types = field_may(run, cve, "problemtype", PULL_OBJECT);
	JSON_EACH(t, field_may(run, types, "problemtype_data", PULL_ARRAY))
	JSON_EACH(d, field_may(run, t, "description", PULL_ARRAY))
	nvd_add_cwe(run, &list, field_text(run, d, "value"));
	return list;
}

static struct text vector_of(struct feed_run *run, const struct json_node *impact, const char *metric, const char *cvss)
{
	const struct json_node *m = field_may(run, field_may(run, impact, metric, PULL_OBJECT), cvss, PULL_OBJECT);
	return m ? field_need_text(run, m, "vectorString") : TEXT_NONE;
}

static void record(struct feed_run *run, const struct json_node *item)
{
	const struct json_node *cve = field_need(run, item, "cve", PULL_OBJECT);
	struct text id = field_need_cve(run, field_need(run, cve, "CVE_data_meta", PULL_OBJECT), "ID");
	const struct json_node *impact = field_may(run, item, "impact", PULL_OBJECT);
	struct text modified = field_time(run, item, "lastModifiedDate");
	struct text v3 = vector_of(run, impact, "baseMetricV3", "cvssV3"), summary = english(run, cve);
	int64_t number = 0;
	if (!id.p)
		return;
	run->what = id;
	bool is_31 = text_starts(v3, "CVSS:3.1/");
	EMIT(run, RECORD, .name = id, .modified = modified);
	EMIT(run, VULNERABILITY, .name = id, .rank = FEED_RANK_NVD, .published = field_time(run, item, "publishedDate"),
		 .modified = modified, .state = feed_state_of(summary), .summary = summary, .cwe = cwe_of(run, cve),
		 .cvss2 = vector_of(run, impact, "baseMetricV2", "cvssV2"), .cvss30 = is_31 ? TEXT_NONE : v3,
		 .cvss31 = is_31 ? v3 : TEXT_NONE);
	const struct json_node *configurations = field_may(run, item, "configurations", PULL_OBJECT);
	JSON_EACH(node, field_may(run, configurations, "nodes", PULL_ARRAY))
	nvd_node_configuration(run, &words, node, number++);
}

static const char *const unneeded[] = { "references", "affects", NULL };

const struct feed_importer feed_nvd_1_1 = {
	.name = "nvd-1.1",
	.title = "NVD JSON feeds 1.1",
	.recognise = recognise,
	.records = "CVE_Items",
	.skip = unneeded,
	.begin = begin,
	.record = record,
};

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* CISA, "Known Exploited Vulnerabilities Catalog" (known_exploited_vulnerabilities_schema.json). */
#include "feed/field.h"

static bool recognise(const struct json_node *root)
{
	const struct json_node *all = json_tree_member(root, "vulnerabilities");
	return json_tree_member(root, "catalogVersion") || (all && json_tree_member(all->first, "cveID"));
}

static void begin(struct feed_run *run)
{
	EMIT(run, SOURCE, .name = TEXT_LIT("kev"), .kind = TEXT_LIT("kev"),
		 .newest = field_time(run, run->head, "dateReleased"), .whole = 1);
}

static void record(struct feed_run *run, const struct json_node *v)
{
	struct text id = field_need_cve(run, v, "cveID"), added = field_date(run, v, "dateAdded");
	if (!id.p)
		return;
	run->what = id;
	if (!added.p)
		field_fault(run, v, "there is no member \"dateAdded\"");
	EMIT(run, VULNERABILITY, .name = id, .rank = FEED_RANK_KEV,
		 .summary = field_summary(field_text(run, v, "shortDescription")));
	EMIT(run, KEV, .added = added, .due = field_date(run, v, "dueDate"),
		 .ransomware = text_is(field_text(run, v, "knownRansomwareCampaignUse"), "Known"),
		 .action = field_summary(field_text(run, v, "requiredAction")));
}

const struct feed_importer feed_kev = {
	.name = "kev",
	.title = "CISA Known Exploited Vulnerabilities",
	.recognise = recognise,
	.records = "vulnerabilities",
	.begin = begin,
	.record = record,
};

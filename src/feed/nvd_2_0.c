/* SPDX-License-Identifier: GPL-3.0-or-later */
/* NVD: responses of the CVE API 2.0, feeds in the same form, mirrors that keep its records bare ("cve_items", or one a file),
 * and single records of it (configurations that others wrote for records which the NVD left unanalysed).
 *
 * Specification: NVD "CVE API 2.0" (nvd.nist.gov/developers/vulnerabilities) and its JSON schema cve_api_json_2.0. */
#include "feed/field.h"
#include "feed/nvd.h"

static const struct nvd_words words = { "cpeMatch", "criteria" };

static bool recognise_response(const struct json_node *root)
{
	const struct json_node *format = json_tree_member(root, "format"), *all = json_tree_member(root, "vulnerabilities");
	if (format && text_is(format->text, "NVD_CVE"))
		return true;
	const struct json_node *cve = all && all->type == PULL_ARRAY ? json_tree_member(all->first, "cve") : NULL;
	return cve && cve->type == PULL_OBJECT;
}

static bool recognise_items(const struct json_node *root)
{
	return json_tree_member(root, "cve_items") != NULL;
}

static bool recognise_bare(const struct json_node *root)
{
	return json_tree_member(root, "id") && json_tree_member(root, "sourceIdentifier") &&
		   json_tree_member(root, "published");
}

static bool recognise_override(const struct json_node *root)
{
	const struct json_node *cve = json_tree_member(root, "cve"), *annotation = json_tree_member(root, "_annotation");
	return annotation && json_tree_member(annotation, "cve_id") && (!cve || cve->type == PULL_OBJECT);
}

static void begin_response(struct feed_run *run)
{
	EMIT(run, SOURCE, .name = TEXT_LIT("nvd"), .kind = TEXT_LIT("nvd"));
}

static void begin_override(struct feed_run *run)
{
	EMIT(run, SOURCE, .name = TEXT_LIT("nvd-overrides"), .kind = TEXT_LIT("nvd"));
}

/* The NVD's own vector before that of somebody else. */
static struct text vector_of(struct feed_run *run, const struct json_node *metrics, const char *name)
{
	struct text first = TEXT_NONE;
	JSON_EACH(m, field_may(run, metrics, name, PULL_ARRAY))
	{
		struct text vector = field_need_text(run, field_need(run, m, "cvssData", PULL_OBJECT), "vectorString");
		if (text_is(field_text(run, m, "type"), "Primary"))
			return vector;
		first = first.p ? first : vector;
	}
	return first;
}

static struct text english(struct feed_run *run, const struct json_node *descriptions)
{
	JSON_EACH(d, descriptions)
	if (text_is(field_need_text(run, d, "lang"), "en"))
		return field_summary(field_text(run, d, "value"));
	return TEXT_NONE;
}

static struct text cwe_of(struct feed_run *run, const struct json_node *cve)
{
	struct text list = TEXT_NONE;
	JSON_EACH(w, field_may(run, cve, "weaknesses", PULL_ARRAY))
	JSON_EACH(d, field_may(run, w, "description", PULL_ARRAY))
	nvd_add_cwe(run, &list, field_text(run, d, "value"));
	return list;
}

static struct text state_of(struct feed_run *run, const struct json_node *cve)
{
	if (text_is(field_text(run, cve, "vulnStatus"), "Rejected"))
		return TEXT_LIT("rejected");
	JSON_EACH(t, field_may(run, cve, "cveTags", PULL_ARRAY))
	JSON_EACH(tag, field_may(run, t, "tags", PULL_ARRAY))
	if (text_is(field_string(run, tag), "disputed"))
		return TEXT_LIT("disputed");
	return feed_state_of(english(run, field_may(run, cve, "descriptions", PULL_ARRAY)));
}

static void read_configurations(struct feed_run *run, const struct json_node *cve)
{
	int64_t number = 0;
	JSON_EACH(c, field_may(run, cve, "configurations", PULL_ARRAY))
	nvd_configuration(run, &words, c, number++);
}

static void read_response(struct feed_run *run, const struct json_node *record)
{
	bool bare = json_tree_member(record, "sourceIdentifier") != NULL;
	const struct json_node *cve = bare ? record : field_need(run, record, "cve", PULL_OBJECT);
	struct text id = field_need_cve(run, cve, "id"), modified = field_time(run, cve, "lastModified");
	const struct json_node *metrics = field_may(run, cve, "metrics", PULL_OBJECT);
	if (!id.p)
		return;
	run->what = id;
	EMIT(run, RECORD, .name = id, .modified = modified);
	EMIT(run, VULNERABILITY, .name = id, .rank = FEED_RANK_NVD, .published = field_time(run, cve, "published"),
		 .modified = modified, .state = state_of(run, cve),
		 .summary = english(run, field_may(run, cve, "descriptions", PULL_ARRAY)), .cwe = cwe_of(run, cve),
		 .cvss2 = vector_of(run, metrics, "cvssMetricV2"), .cvss30 = vector_of(run, metrics, "cvssMetricV30"),
		 .cvss31 = vector_of(run, metrics, "cvssMetricV31"), .cvss40 = vector_of(run, metrics, "cvssMetricV40"));
	read_configurations(run, cve);
}

static void read_override(struct feed_run *run, const struct json_node *record)
{
	const struct json_node *annotation = field_need(run, record, "_annotation", PULL_OBJECT);
	struct text id = field_need_text(run, annotation, "cve_id"), modified = field_time(run, annotation, "modified");
	if (!id.p)
		return;
	run->what = id;
	EMIT(run, RECORD, .name = id, .modified = modified);
	EMIT(run, VULNERABILITY, .name = id, .rank = FEED_RANK_OVERRIDE,
		 .published = field_time(run, annotation, "published"), .modified = modified,
		 .summary = field_summary(field_text(run, annotation, "description")));
	read_configurations(run, field_need(run, record, "cve", PULL_OBJECT));
}

static const char *const unneeded[] = { "references", "affected", NULL };

const struct feed_importer feed_nvd_2_0 = {
	.name = "nvd-2.0",
	.title = "NVD API 2.0 responses",
	.recognise = recognise_response,
	.records = "vulnerabilities",
	.skip = unneeded,
	.begin = begin_response,
	.record = read_response,
};

const struct feed_importer feed_nvd_items = {
	.name = "nvd-items",
	.title = "lists of bare NVD records (cve_items)",
	.recognise = recognise_items,
	.records = "cve_items",
	.skip = unneeded,
	.begin = begin_response,
	.record = read_response,
};

const struct feed_importer feed_nvd_bare = {
	.name = "nvd-bare",
	.title = "single bare NVD records",
	.recognise = recognise_bare,
	.skip = unneeded,
	.begin = begin_response,
	.record = read_response,
};

const struct feed_importer feed_nvd_override = {
	.name = "nvd-override",
	.title = "single records with configurations in the form of the NVD API 2.0",
	.recognise = recognise_override,
	.skip = unneeded,
	.begin = begin_override,
	.record = read_override,
};

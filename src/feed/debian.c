/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Debian security tracker (security-tracker.debian.org/tracker/data/json): {package: {CVE: {releases: {codename: {status,
 * fixed_version, urgency, nodsa}}}}}. fixed_version 0: the release was never affected. */
#include "feed/field.h"

/* www.debian.org/releases: codename to version. */
static const struct {
	const char *codename, *version;
} releases[] = {
	{ "wheezy", "7" },    { "jessie", "8" },    { "stretch", "9" }, { "buster", "10" },
	{ "bullseye", "11" }, { "bookworm", "12" }, { "trixie", "13" }, { "forky", "14" },
};

static bool recognise(const struct json_node *root)
{
	const struct json_node *package = root->type == PULL_OBJECT ? root->first : NULL;
	const struct json_node *cve = package && package->type == PULL_OBJECT ? package->first : NULL;
	return cve && cve->type == PULL_OBJECT && (text_starts(cve->key, "CVE-") || text_starts(cve->key, "TEMP-")) &&
		   (json_tree_member(cve, "releases") || json_tree_member(cve, "scope"));
}

static void begin(struct feed_run *run)
{
	EMIT(run, SOURCE, .name = TEXT_LIT("debian"), .kind = TEXT_LIT("debian"), .whole = 1);
}

static struct text distribution(struct feed_run *run, struct text codename)
{
	for (size_t i = 0; i < sizeof releases / sizeof releases[0]; i++)
		if (text_is(codename, releases[i].codename))
			return field_print(run, "debian %s", releases[i].version);
	return field_print(run, "debian %.*s", (int)(codename.n < 40 ? codename.n : 40), codename.p);
}

static void read_release(struct feed_run *run, struct text package, const struct json_node *r)
{
	struct text status = field_need_text(run, r, "status"), fixed = field_text(run, r, "fixed_version");
	struct text urgency = field_text(run, r, "urgency"), reason = field_text(run, r, "nodsa");
	struct feed_fix fix = { .distribution = distribution(run, r->key), .package = package };
	bool never = text_is(status, "resolved") && text_is(fixed, "0");
	if (!status.p)
		return;
	fix.status = never                         ? TEXT_LIT("not_affected")
				 : text_is(status, "resolved") ? TEXT_LIT("fixed")
				 : text_is(status, "open")     ? TEXT_LIT("affected")
											   : TEXT_LIT("undetermined");
	fix.version = never || !text_is(status, "resolved") ? TEXT_NONE : fixed;
	fix.note = text_is(urgency, "unimportant") || text_is(urgency, "end-of-life") ? urgency : field_summary(reason);
	feed_emit(run, FEED_FIX, &fix);
}

static void record(struct feed_run *run, const struct json_node *package)
{
	struct text name = package->key;
	if (!name.n || !field_is(run, package, PULL_OBJECT))
		return;
	run->what = name;
	EMIT(run, RECORD, .name = name);
	JSON_EACH(cve, package)
	{
		EMIT(run, VULNERABILITY, .name = cve->key, .rank = FEED_RANK_DEBIAN,
			 .summary = field_summary(field_text(run, cve, "description")));
		JSON_EACH(release, field_may(run, cve, "releases", PULL_OBJECT))
		read_release(run, name, release);
	}
}

static const char *const unneeded[] = { "repositories", NULL };

const struct feed_importer feed_debian = {
	.name = "debian-tracker",
	.title = "Debian security tracker (JSON)",
	.recognise = recognise,
	.records = "*",
	.skip = unneeded,
	.begin = begin,
	.record = record,
};

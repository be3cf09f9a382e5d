/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Alpine Linux, secdb (secdb.alpinelinux.org; format in alpine/infra secdb README): for each package of a branch the versions
 * that fix something. Version 0: the package was never affected. JSON, and YAML as before 2020. */
#include "feed/field.h"
#include "feed/lines.h"

static bool recognise(const struct json_node *root)
{
	return json_tree_member(root, "distroversion") ||
		   (json_tree_member(root, "reponame") && json_tree_member(root, "packages"));
}

static struct text without_v(struct text version)
{
	return text_starts(version, "v") ? text_of(version.p + 1, version.n - 1) : version;
}

/* Rolling distributions that publish the same, by where their packages lie; TEXT_NONE: it is Alpine's. */
static struct text rolling(struct feed_run *run)
{
	static const struct {
		const char *url, *name;
	} others[] = { { "https://packages.wolfi.dev", "wolfi" },
				   { "https://packages.cgr.dev", "chainguard" },
				   { "https://apk.cgr.dev", "chainguard" } };
	struct text url = field_text(run, run->head, "urlprefix");
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
		if (text_starts(url, others[i].url))
			return text_c(others[i].name);
	return TEXT_NONE;
}

static void begin(struct feed_run *run)
{
	struct text repository = field_need_text(run, run->head, "reponame"), other = rolling(run);
	struct text version = other.p ? TEXT_NONE : field_need_text(run, run->head, "distroversion");
	if (other.p && repository.p && repository.n < 40)
		EMIT(run, SOURCE, .name = field_print(run, "%.*s-%.*s", (int)other.n, other.p, (int)repository.n, repository.p),
			 .kind = TEXT_LIT("alpine"), .whole = 1);
	else if (version.p && repository.p && version.n < 40 && repository.n < 40)
		EMIT(run, SOURCE,
			 .name = field_print(run, "alpine-%.*s-%.*s", (int)version.n, version.p, (int)repository.n, repository.p),
			 .kind = TEXT_LIT("alpine"), .whole = 1);
	else
		field_fault(run, run->head, "distroversion and reponame have to come before the packages");
}

static bool is_id(struct text t)
{
	return t.n > 4 && t.n < 60 && t.p[0] >= 'A' && t.p[0] <= 'Z' && memchr(t.p, '-', t.n);
}

/* An entry is an id, or several that name the same: "CVE-2017-17563 XSA-249"; what else stands there is a remark. */
static void read_entry(struct feed_run *run, const struct feed_fix *fix, struct text entry)
{
	struct text main = TEXT_NONE, rest = entry;
	for (struct text id = line_field(&rest, ' '); id.p; id = line_field(&rest, ' '))
		if (is_id(id) && (!main.p || (feed_is_cve(id) && !feed_is_cve(main))))
			main = id;
	if (!main.p)
		return;
	EMIT(run, VULNERABILITY, .name = main);
	rest = entry;
	for (struct text id = line_field(&rest, ' '); id.p; id = line_field(&rest, ' '))
		if (is_id(id) && !text_eq(id, main) && !feed_is_cve(id))
			EMIT(run, ALIAS, .name = id);
	feed_emit(run, FEED_FIX, fix);
	rest = entry;
	for (struct text id = line_field(&rest, ' '); id.p; id = line_field(&rest, ' '))
		if (feed_is_cve(id) && !text_eq(id, main)) {
			EMIT(run, VULNERABILITY, .name = id);
			feed_emit(run, FEED_FIX, fix);
		}
}

static void record(struct feed_run *run, const struct json_node *package)
{
	const struct json_node *pkg = field_need(run, package, "pkg", PULL_OBJECT);
	struct text name = field_need_text(run, pkg, "name"),
				version = without_v(field_text(run, run->head, "distroversion"));
	const struct json_node *fixes = json_tree_member(pkg, "secfixes");
	if (!name.p)
		return;
	run->what = name;
	EMIT(run, RECORD, .name = name);
	if (!fixes || fixes->type == PULL_NULL || !field_is(run, fixes, PULL_OBJECT))
		return;
	struct text other = rolling(run);
	struct feed_fix fix = { .distribution =
								other.p ? other : field_print(run, "alpine %.*s", (int)version.n, version.p),
							.package = name };
	struct text repository = field_text(run, run->head, "reponame");
	JSON_EACH(of_version, fixes)
	{
		bool never = text_is(of_version->key, "0");
		fix.status = never ? TEXT_LIT("not_affected") : TEXT_LIT("fixed");
		fix.version = never ? TEXT_NONE : of_version->key;
		fix.note = never ? TEXT_NONE : repository; /* it is no reason why a package is not affected */
		if (of_version->type == PULL_NULL || (of_version->type == PULL_STRING && !of_version->text.n))
			continue;
		if (field_is(run, of_version, PULL_ARRAY))
			JSON_EACH(entry, of_version)
		if (entry->type != PULL_NULL)
			read_entry(run, &fix, field_string(run, entry));
	}
}

const struct feed_importer feed_alpine = {
	.name = "alpine-secdb",
	.title = "Alpine secdb (JSON, YAML)",
	.recognise = recognise,
	.records = "packages",
	.begin = begin,
	.record = record,
};

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Specification: Filesystem Hierarchy Standard 3.0, 4.11; the habits of distributions and of languages' packages. */
#include "inspect/place.h"

static bool has_one(struct text path, const char *const *parts)
{
	for (; *parts; parts++)
		if (text_has(path, *parts))
			return true;
	return false;
}

static bool ends_with_one(struct text path, const char *const *ends)
{
	for (; *ends; ends++)
		if (text_ends(path, *ends))
			return true;
	return false;
}

bool subject_is_text(const struct subject *s)
{
	return strcmp(s->format, "text") == 0 || strcmp(s->format, "script") == 0;
}

bool path_is_documentation(struct text path)
{
	static const char *const folders[] = { "/share/doc/",
										   "/share/man/",
										   "/share/info/",
										   "/share/help/",
										   "/share/locale/",
										   "/share/licenses/",
										   "/share/examples/",
										   "/examples/",
										   "/share/common-licenses/",
										   "/share/lintian/",
										   NULL };
	static const char *const ends[] = { ".example", ".sample", ".md", ".rst", NULL };
	return has_one(path, folders) || ends_with_one(path, ends);
}

bool path_is_of_packages(struct text path)
{
	return text_starts(path, "/usr/share/bash-completion/") || text_starts(path, "/var/lib/dpkg/");
}

bool path_is_test(struct text path)
{
	static const char *const folders[] = {
		"/test/", "/tests/", "/testdata/", "/site-packages/test", "/Test/", "/Tests/", "/test_app/", NULL
	};
	static const char *const ends[] = { "_test.py", "_test.sh", "_test.go", NULL };
	return has_one(path, folders) || ends_with_one(path, ends) || text_starts(text_base(path), "test_");
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Package URLs by the rules of ECMA-427, and its own examples. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/purl.h"
#include "base/uuid5.h"

/* Read and written again. */
static const struct {
	const char *in, *out; /* out NULL: it is none */
} round_trips[] = {
	{ "pkg:deb/debian/curl@7.50.3-1?arch=i386&distro=jessie", "pkg:deb/debian/curl@7.50.3-1?arch=i386&distro=jessie" },
	{ "pkg:deb/debian/attr@1:2.4.47-2%2Bb1?arch=amd64", "pkg:deb/debian/attr@1:2.4.47-2%2Bb1?arch=amd64" },
	{ "pkg:deb/debian/attr@1:2.4.47-2+b1?arch=amd64", "pkg:deb/debian/attr@1:2.4.47-2%2Bb1?arch=amd64" },
	{ "pkg:DEB/Debian/CURL@7.50.3-1", "pkg:deb/debian/curl@7.50.3-1" },
	{ "pkg://generic/openssl@1.1.10g", "pkg:generic/openssl@1.1.10g" },
	{ "pkg:generic/openssl@1.1.10g?checksum=sha1:ad95,sha256:41bf",
	  "pkg:generic/openssl@1.1.10g?checksum=sha1:ad95%2Csha256:41bf" },
	{ "pkg:generic/bitwarderl?vcs_url=git%2Bhttps://git.fsfe.org/dxtr/bitwarderl%40cc55108da32",
	  "pkg:generic/bitwarderl?vcs_url=git%2Bhttps:%2F%2Fgit.fsfe.org%2Fdxtr%2Fbitwarderl%40cc55108da32" },
	{ "pkg:npm/%40angular/animation@12.3.1", "pkg:npm/%40angular/animation@12.3.1" },
	{ "pkg:npm/@angular/animation@12.3.1", "pkg:npm/%40angular/animation@12.3.1" },
	{ "pkg:npm/@angular/animation", "pkg:npm/%40angular/animation" },
	{ "pkg:golang/google.golang.org/genproto#/googleapis/../api/annotations/",
	  "pkg:golang/google.golang.org/genproto#googleapis/api/annotations" },
	{ "pkg:GitHub/package-url/purl-Spec@244fd47e07d1004f0aed9c",
	  "pkg:github/package-url/purl-spec@244fd47e07d1004f0aed9c" },
	{ "pkg:pypi/Django_package@1.11.1.dev1", "pkg:pypi/django-package@1.11.1.dev1" },
	{ "pkg:maven/mygroup/myartifact@1.0.0%20Final?mykey=my%20value",
	  "pkg:maven/mygroup/myartifact@1.0.0%20Final?mykey=my%20value" },
	{ "pkg:rpm/fedora/curl@7.50.3-1.fc25?distro=fedora-25&arch=i386",
	  "pkg:rpm/fedora/curl@7.50.3-1.fc25?arch=i386&distro=fedora-25" },
	{ "pkg:generic/a@1?b=", "pkg:generic/a@1" },
	{ "pkg:apk/alpine/curl@7.83.0-r0?arch=x86", "pkg:apk/alpine/curl@7.83.0-r0?arch=x86" },
	{ "pkg:generic/a@rel/1.0", "pkg:generic/a@rel%2F1.0" }, /* split at the last @ before at a slash */
	{ "pkg:deb/debian/a@b/c", "pkg:deb/debian/a@b%2Fc" },
	{ "pkg:npm/@scope/name@1/2", "pkg:npm/%40scope/name@1%2F2" },
	{ "EnterpriseLibrary.Common@6.0.1304", NULL },
	{ "pkg:EnterpriseLibrary.Common@6.0.1304", NULL },
	{ "pkg:n&g?inx/nginx@0.8.9", NULL },
	{ "pkg:3nginx/nginx@0.8.9", NULL },
	{ "pkg:nginx:a/nginx@0.8.9", NULL },
	{ "pkg:npm/myartifact@1.0.0?in%20production=true", NULL },
	{ "pkg:maven/@1.3.4", NULL },
	{ "pkg%3Amaven/org.apache.commons/io", NULL },
	{ "pkg:generic/a%zz", NULL },
	{ "pkg:generic/a%0", NULL },
	{ "pkg:generic/a%00", NULL },
	{ "pkg:generic/a b", NULL },
	{ "pkg:generic/a?b=1&b=2", NULL },
	{ "pkg:generic/", NULL },
	{ "pkg:", NULL },
	{ "", NULL },
};

/* What names a package, by each type's rules. */
static const struct {
	const char *purl, *key; /* NULL: none */
} keys[] = {
	{ "pkg:pypi/Django_package@1.11.1", "pypi/django-package" },
	{ "pkg:pypi/a.-_b", "pypi/a-b" },
	{ "pkg:npm/%40angular/core@1.0", "npm/@angular/core" },
	{ "pkg:npm/@angular/core@1.0", "npm/@angular/core" },
	{ "pkg:npm/@angular/core", "npm/@angular/core" },
	{ "pkg:npm/Case@1", "npm/Case" },
	{ "pkg:golang/github.com/BurntSushi/toml@v1.0.0#x", "golang/github.com/burntsushi/toml" },
	{ "pkg:nuget/New.Json@1?a=b/c@d", "nuget/new.json" },
	{ "pkg:deb/debian/libsigc%2B%2B-2.0@2.12.0-1", "deb/debian/libsigc++-2.0" },
	{ "pkg:generic/a", "generic/a" },
	{ "pkg:PyPI/A", "pypi/a" },
	{ "pkg:Maven/Org.X/A", "maven/Org.X/A" },
	{ "pkg:generic/a@rel/1.0", "generic/a" },
	{ "pkg:npm/@scope/a@1.0", "npm/@scope/a" },
	{ "pkg:generic/", NULL },
	{ "pkg:generic", NULL },
	{ "pkg:/a", NULL },
	{ "pkg:generic/a%00", NULL },
	{ "generic/a", NULL },
	{ "", NULL },
};

static void test_keys(void **state)
{
	struct arena *a = arena_new(1 << 20);
	(void)state;
	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
		struct text key = purl_key(text_c(keys[i].purl), a);
		if (keys[i].key ? !text_is(key, keys[i].key) : key.n > 0)
			fail_msg("%s: %.*s", keys[i].purl, (int)key.n, key.n ? key.p : "");
	}
	arena_free(a);
}

static void test_reads_and_writes(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof round_trips / sizeof round_trips[0]; i++) {
		struct arena *a = arena_new(0);
		struct purl p;
		bool ok = purl_parse(text_c(round_trips[i].in), &p, a);
		char *out = ok ? purl_build(&p, a) : NULL;
		if (round_trips[i].out) {
			assert_non_null(out);
			assert_string_equal(out, round_trips[i].out);
		} else if (ok) {
			fail_msg("%s was taken", round_trips[i].in);
		}
		arena_free(a);
	}
}

static void test_parts(void **state)
{
	(void)state;
	struct arena *a = arena_new(0);
	struct purl p, q;
	assert_true(purl_parse(TEXT_LIT("pkg:deb/debian/attr@1:2.4.47-2%2Bb1?distro=debian-8&arch=amd64#a/b"), &p, a));
	assert_true(text_is(p.type, "deb") && text_is(p.name_space, "debian") && text_is(p.name, "attr"));
	assert_true(text_is(p.version, "1:2.4.47-2+b1") && text_is(p.subpath, "a/b"));
	assert_true(text_is(purl_get(&p, "arch"), "amd64") && text_is(purl_get(&p, "distro"), "debian-8"));
	assert_true(purl_get(&p, "os").p == NULL);
	assert_true(purl_parse(TEXT_LIT("pkg:deb/debian/attr"), &q, a) && purl_same_package(&p, &q));
	assert_true(purl_parse(TEXT_LIT("pkg:deb/ubuntu/attr"), &q, a) && !purl_same_package(&p, &q));
	struct purl bad = { .type = TEXT_LIT("generic"), .name = TEXT_LIT("x") };
	assert_true(purl_set(&bad, TEXT_LIT("in production"), TEXT_LIT("true")));
	assert_null(purl_build(&bad, a));
	bad = (struct purl){ .name = TEXT_LIT("x") };
	assert_null(purl_build(&bad, a));
	for (unsigned i = 0; i < PURL_QUALIFIERS_MAX; i++)
		assert_true(purl_set(&q, text_c(arena_printf(a, "k%u", i)), TEXT_LIT("v")));
	assert_false(purl_set(&q, TEXT_LIT("z"), TEXT_LIT("v")));
	arena_free(a);
}

/* Any bytes: each prefix of a purl, and each with one bit the other way. */
static void test_any_bytes(void **state)
{
	(void)state;
	static const char in[] = "pkg:deb/debian/attr@1:2.4.47-2%2Bb1?distro=debian-8&arch=amd64#a/b";
	for (size_t n = 0; n < sizeof in; n++)
		for (unsigned bit = 0; bit < 8; bit++) {
			struct arena *a = arena_new(0);
			struct purl p;
			char *copy = malloc(n ? n : 1);
			assert_non_null(copy);
			memcpy(copy, in, n);
			if (n)
				copy[n - 1] = (char)(copy[n - 1] ^ 1 << bit);
			if (purl_parse(text_of(copy, n), &p, a)) {
				struct purl again;
				char *built = purl_build(&p, a);
				assert_non_null(built);
				assert_true(purl_parse(text_c(built), &again, a));
				assert_string_equal(built, purl_build(&again, a));
			}
			free(copy);
			arena_free(a);
		}
}

/* The example of RFC 9562, appendix A.4, is in the namespace for DNS names; these are of Python's uuid.uuid5(NAMESPACE_URL). */
static void test_uuid(void **state)
{
	(void)state;
	char out[37];
	uuid5_url(TEXT_LIT("www.example.com"), out);
	assert_string_equal(out, "b63cdfa4-3df9-568e-97ae-006c5b8fd652");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_keys),
		cmocka_unit_test(test_reads_and_writes),
		cmocka_unit_test(test_parts),
		cmocka_unit_test(test_any_bytes),
		cmocka_unit_test(test_uuid),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Components: every signature with its examples, package databases, hostile bytes, what real images show. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>
#include <zlib.h>

#include "component_examples.h"
#include "inspect/components.h"
#include "inspect/package_db.h"

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

extern const struct inspector components_inspector;

struct inspected {
	struct arena *scratch, *kept;
	struct fact_list facts;
	struct hit *hits;
	uint8_t *bytes; /* of an example */
};

/* The patterns by their first two bytes, as chains; 0 ends one, others are a pattern's index and one. */
struct pattern_index {
	uint32_t head[65536], *next;
};

static unsigned first_two(const uint8_t *p)
{
	return p[0] | (unsigned)p[1] << 8;
}

static struct pattern_index *pattern_index(void)
{
	struct pattern_index *x = calloc(1, sizeof *x);
	x->next = calloc(component_npatterns, sizeof *x->next);
	for (uint32_t i = component_npatterns; i-- > 0;) {
		assert_true(component_patterns[i].n >= 2);
		uint32_t *head = &x->head[first_two((const uint8_t *)component_patterns[i].bytes)];
		x->next[i] = *head;
		*head = i + 1;
	}
	return x;
}

static struct pattern_index *patterns;

static int set_up(void **state)
{
	(void)state;
	patterns = pattern_index();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	free(patterns->next);
	free(patterns);
	return 0;
}

/* What the pass over the bytes gives. */
static struct hit *find_hits(struct span bytes, size_t *n)
{
	size_t cap = 64;
	struct hit *hits = malloc(cap * sizeof *hits);
	*n = 0;
	for (uint64_t at = 0; at + 2 <= bytes.n; at++) {
		for (uint32_t i = patterns->head[first_two(bytes.p + at)]; i; i = patterns->next[i - 1]) {
			const struct pattern *p = &component_patterns[i - 1];
			if (!span_has(bytes, at, p->bytes, p->n))
				continue;
			if (*n == cap)
				hits = realloc(hits, (cap *= 2) * sizeof *hits);
			hits[(*n)++] = (struct hit){ i - 1, at, at + p->n };
		}
	}
	return hits;
}

static void inspect_kind(struct inspected *t, const char *path, enum entry_kind kind, const char *format, struct span bytes)
{
	struct subject s = { .bytes = bytes, .path = text_c(path), .kind = kind, .format = format };
	t->scratch = arena_new(0);
	t->kept = arena_new(0);
	t->bytes = NULL;
	fact_list_init(&t->facts, t->kept);
	size_t n = bytes.n; /* padding has no hits */
	while (n > 0 && bytes.n - n < COMPONENT_FEW_BYTES && bytes.p[n - 1] == 0)
		n--;
	t->hits = find_hits(span_clip(bytes, 0, n + 16), &s.nhits);
	s.hits = t->hits;
	s.arena = t->scratch;
	if (components_inspector.wants(&s))
		components_inspector.run(&s, &t->facts.sink);
}

static void inspect(struct inspected *t, const char *path, const char *format, struct span bytes)
{
	inspect_kind(t, path, ENTRY_FILE, format, bytes);
}

static void inspected_free(struct inspected *t)
{
	arena_free(t->scratch);
	arena_free(t->kept);
	free(t->hits);
	free(t->bytes);
	t->bytes = NULL;
}

static const struct fact_component *row(const struct inspected *t, size_t i)
{
	return fact_list_get(&t->facts, FACT_component, i);
}

static size_t rows(const struct inspected *t)
{
	return fact_list_count(&t->facts, FACT_component);
}

static bool has_row(const struct inspected *t, const char *name, const char *version)
{
	bool found = false;
	for (size_t i = 0; i < rows(t) && !found; i++)
		found = text_is(row(t, i)->name, name) && text_is(row(t, i)->version, version);
	return found;
}

#define assert_text(text, expected) assert_text_at(text, expected, __LINE__)
static void assert_text_at(struct text t, const char *expected, int line)
{
	if (expected ? text_is(t, expected) : !t.p)
		return;
	print_error("line %d: \"%.*s\" instead of \"%s\"\n", line, (int)t.n, t.p ? t.p : "",
				expected ? expected : "(none)");
	fail();
}

/* ---- signatures ---- */

static bool shows(const struct inspected *t, const struct component_example *e)
{
	const struct fact_component *r = row(t, 0);
	return rows(t) == 1 && text_is(r->name, e->product) && text_is(r->version, e->version) &&
		   text_is(r->package_version, e->package) && (!*e->kind || text_is(r->evidence_kind, e->kind));
}

static bool shows_not(const struct inspected *t, const struct component_example *e)
{
	for (size_t i = 0; i < rows(t); i++)
		if (text_is(row(t, i)->name, e->product))
			return false;
	return true;
}

/* What must not show a product stands in a whole file: a few strings are read more boldly. */
static void inspect_example(struct inspected *t, const struct component_example *e, size_t n)
{
	size_t padding = e->version ? 0 : COMPONENT_FEW_BYTES;
	uint8_t *exact = calloc(1, n + padding + 1); /* so that a read behind the end is seen */
	memcpy(exact, e->bytes, n);
	n += padding;
	inspect(t, e->path, strcmp(e->kind, "filename") == 0 ? "elf" : "data", span_of(exact, n));
	t->bytes = exact;
}

static void test_examples(void **state)
{
	(void)state;
	size_t failed = 0;
	for (size_t i = 0; i < component_nexamples; i++) {
		const struct component_example *e = &component_examples[i];
		struct inspected t = { 0 };
		inspect_example(&t, e, e->n);
		if (!(e->version ? shows(&t, e) : shows_not(&t, e))) {
			failed++;
			print_error("data/components/products/%s:%d: %s %s is expected, not:\n", e->file, e->line,
						e->version ? e->product : "nothing", e->version ? e->version : "");
			for (size_t k = 0; k < rows(&t); k++)
				print_error("    %.*s %.*s\n", (int)row(&t, k)->name.n, row(&t, k)->name.p, (int)row(&t, k)->version.n,
							row(&t, k)->version.p ? row(&t, k)->version.p : "");
		}
		inspected_free(&t);
	}
	assert_true(component_nexamples > 0);
	assert_int_equal(failed, 0);
}

static void test_survives_cuts(void **state)
{
	(void)state;
	for (size_t i = 0; i < component_nexamples; i++) {
		for (size_t n = 0; n <= component_examples[i].n; n++) {
			struct inspected t = { 0 };
			inspect_example(&t, &component_examples[i], n);
			inspected_free(&t);
		}
	}
}

/* ---- rows ---- */

static void test_row(void **state)
{
	(void)state;
	static const char bytes[] =
		"\x7f"
		"ELF\0syslogd started: BusyBox v1.35.0\0"
		"BusyBox v1.35.0 (Debian 1:1.35.0-4)\0BusyBox v1.35.0 (Debian 1:1.35.0-4) multi-call binary.\n";
	struct inspected t;
	inspect(&t, "/bin/busybox", "elf", span_of(bytes, sizeof bytes));
	assert_int_equal(rows(&t), 1);
	assert_int_equal(row(&t, 0)->offset, 38);
	assert_text(row(&t, 0)->name, "busybox");
	assert_text(row(&t, 0)->evidence, "BusyBox v1.35.0 (Debian 1:1.35.0-4)");
	assert_text(row(&t, 0)->evidence_kind, "banner");
	assert_text(row(&t, 0)->package_version, "1:1.35.0-4");
	assert_text(row(&t, 0)->architecture, NULL);
	inspected_free(&t);
}

static void test_texts_have_no_banners(void **state)
{
	(void)state;
	static const char bytes[] = "#!/bin/sh\necho 'BusyBox v1.35.0 (x)'\n";
	static const char *const formats[] = { "text", "script" };
	for (size_t i = 0; i < COUNT(formats); i++) {
		struct inspected t;
		inspect(&t, "/usr/share/doc/busybox", formats[i], span_of(bytes, sizeof bytes - 1));
		assert_int_equal(t.facts.n, 0);
		inspected_free(&t);
	}
}

/* The banner of a peer in recorded traffic: the product may have nothing to do with it. */
static void test_recorded_traffic(void **state)
{
	(void)state;
	static const char header[] = "\xd4\xc3\xb2\xa1\x02\0\x04\0\0\0\0\0\0\0\0\0\0\0\x04\0\x01\0\0";
	static const char record[] = "\0\0\0\x5f\x01\0\0\0\x28\0\0\0\x28\0\0";
	char bytes[80] = { 0 };
	memcpy(bytes, header, 24);
	memcpy(bytes + 24, record, 16);
	memcpy(bytes + 40, "HTTP/1.1 200 OK\r\nServer: nginx/1.8.0\r\n", 39);
	static const char *const confidences[] = { "possible", "proven" };
	for (size_t i = 0; i < COUNT(confidences); i++) {
		struct inspected t;
		inspect(&t, "/tmp/a.bin", "data", span_of(bytes, sizeof bytes));
		assert_int_equal(rows(&t), 1);
		assert_true(has_row(&t, "nginx", "1.8.0"));
		assert_text(row(&t, 0)->confidence, confidences[i]);
		inspected_free(&t);
		bytes[0] = 0; /* the same in a file that is no recording */
	}
}

/* The strings of a program, be they in a file or the input itself, with a line's end or without; not what a compression held. Strings
 * of less than four characters are of an input alone. */
static void test_strings_are_read(void **state)
{
	(void)state;
	static const char *const texts[] = { "lighttpd/1.4.53", "lighttpd/1.4.53\n", "lighttpd/1.4.53\nserver.modules",
										 ("\x7f" "ELFlighttpd/1.4.53\nserver.modules\n"), "ab\n\nlighttpd/1.4.53\n" };
	static const enum entry_kind kinds[] = { ENTRY_FILE, ENTRY_REGION, ENTRY_STREAM };
	for (size_t i = 0; i < COUNT(texts) * COUNT(kinds); i++) {
		struct inspected t;
		enum entry_kind kind = kinds[i % COUNT(kinds)];
		inspect_kind(&t, "strings", kind, "text", span_of(texts[i / COUNT(kinds)], strlen(texts[i / COUNT(kinds)])));
		bool is_short = i / COUNT(kinds) == COUNT(texts) - 1;
		assert_int_equal(rows(&t), kind == ENTRY_STREAM || (is_short && kind == ENTRY_FILE) ? 0 : 1);
		if (rows(&t)) {
			assert_text(row(&t, 0)->name, "lighttpd");
			assert_text(row(&t, 0)->version, "1.4.53");
		}
		inspected_free(&t);
	}
}

/* What an input of some strings shows, with the signatures: "" nothing, or the first row's name, version and confidence. */
static void assert_shows(const char *path, struct span bytes, const char *expected, int line)
{
	struct inspected t;
	char got[128] = "";
	inspect(&t, path, "data", bytes);
	if (rows(&t))
		snprintf(got, sizeof got, "%.*s %.*s %.*s", (int)row(&t, 0)->name.n, row(&t, 0)->name.p,
				 (int)row(&t, 0)->version.n, row(&t, 0)->version.p, (int)row(&t, 0)->confidence.n,
				 row(&t, 0)->confidence.p);
	inspected_free(&t);
	if (strcmp(got, expected) == 0)
		return;
	print_error("line %d: \"%s\" instead of \"%s\"\n", line, got, expected);
	fail();
}
#define SHOWS(path, text, expected) assert_shows(path, span_of(text, sizeof(text) - 1), expected, __LINE__)

/* A signature's line end is left out where excerpts and listings do so, and stands where a program has it. */
static void test_line_ends(void **state)
{
	(void)state;
	SHOWS("x", "\x7f" "ELF\0\00038 text\0" "3.7\0auditctl version %s\0", "audit 3.7 likely");
	SHOWS("x", "3.0.9\nauditctl version %s\n", "audit 3.0.9 likely");
	SHOWS("x", "3.0.9\nauditctl version %s of\n", "audit 3.0.9 possible"); /* by its context alone */
	SHOWS("x", "\0igmpproxy 0.3\n\0", "igmpproxy 0.3 proven");
	SHOWS("x", "igmpproxy 0.3\nsome text\n", "igmpproxy 0.3 proven");
	/* in a whole file the text must have it */
	static uint8_t whole[COMPONENT_FEW_BYTES + 64];
	static const char with[] = "\0" "3.0.9\0auditctl version %s\n\0", without[] = "\0" "3.0.9\0auditctl version %s\0";
	memcpy(whole, with, sizeof with);
	assert_shows("x", span_of(whole, sizeof whole), "audit 3.0.9 likely", __LINE__);
	memset(whole, 0, sizeof whole);
	memcpy(whole, without, sizeof without);
	assert_shows("x", span_of(whole, sizeof whole), "audit 3.0.9 possible", __LINE__);
}

/* The version beside it may be a whole line, and is no address and not zlib's. */
static void test_near(void **state)
{
	(void)state;
	SHOWS("x", "\0%s 3.0.9\n\0auditctl version %s\n\0", "audit 3.0.9 possible"); /* is not of that shape */
	SHOWS("x", "\0" "3.0.9\n\0auditctl version %s\n\0", "audit 3.0.9 likely");
	SHOWS("x", "\0%s 0.6.31\n\0avahi-daemon\0", "avahi 0.6.31 likely");
	SHOWS("x", "\0" "127.0.0.1\0RPM version %s\0" "4.14.3\0", "rpm 4.14.3 likely");
	SHOWS("x", "\0" "255.255.255.0\0rsyncd version %s starting, listening on port %d\0", "");
	SHOWS("x", "\0" "1.2.13\0inflateInit_\0auditctl version %s\n\0" "3.0.9\0", "audit 3.0.9 likely");
	SHOWS("x", "\0" "1.2.13\0inflateInit_\0auditctl version %s\n\0", "");
	SHOWS("x", "\0" "1.2.13\0text of it\0auditctl version %s\n\0", "audit 1.2.13 likely");
}

/* Listings: behind some of a program's header, and a few lines that look like markup or settings. */
static void test_listings_alone(void **state)
{
	(void)state;
	SHOWS("x", "\x7f" "ELF\x02\x01\x01\x03\n3.1\npicocom v%s\n", "picocom 3.1 likely");
	SHOWS("x", "\x7f" "ELF\x02\x01\x01\x03\n3.1\n\1picocom v%s\n", "picocom 3.1 possible"); /* no listing */
	/* one row of a product, where one says more */
	SHOWS("vim.basic", "\0VIM - Vi IMproved 9.0 (2022 Jun 28)\0-ffile-prefix-map=/build/vim-9.0.1378=.\0", "vim 9.0.1378 proven");
	/* in files of the product: a version without a name */
	SHOWS("libstrongswan-counters.so", "\0counters\0" "6.1.0\0", "strongswan 6.1.0 possible");
	SHOWS("vmware-user-suid-wrapper", "\0version=13.0.10.0\0", "open-vm-tools 13.0.10.0 possible");
	SHOWS("ceph-dencoder", "\0--help\0" "16.2.15\0list_types\0", "ceph 16.2.15 possible");
	/* the version of a helper */
	SHOWS("ab", "\0This is ApacheBench, Version %s\0" "2.3\0", "");
	SHOWS("libboinc.so.7.20.5", "\0unzip %s\0" "1.4.3\0", "");
	SHOWS("ext_ldap_group_acl", "\0ext_ldap_group_acl version 2.18\n\0", "");
	SHOWS("x", "<!-- GDBus 2.58.3 -->\n", "glib2.0 2.58.3 proven");
	SHOWS("x", "--user-agent=mpg123/1.31.2\n", "mpg123 1.31.2 possible");
	static const char setting[] = "user-agent=mpg123/1.31.2\n";
	static const struct {
		const char *path, *text;
		size_t rows;
	} texts[] = {
		{ "/strings", setting, 1 },
		{ "/etc/player", setting, 0 },
		{ "/player.conf", setting, 0 },
		{ "/META", "name = \"expat\"\nversion = \"1.1.0\"\nabout = \"OCaml and expat\"\na(byte) = \"expat.a\"\na(byte, x) = \"expat.x\"\na(z) = \"y\"\na(w, z) = \"v\"\n", 0 },
	};
	for (size_t i = 0; i < COUNT(texts); i++) {
		struct inspected t;
		inspect(&t, texts[i].path, "text", span_of(texts[i].text, strlen(texts[i].text)));
		assert_int_equal(rows(&t), texts[i].rows);
		inspected_free(&t);
	}
}

/* Of two rows of a version the more certain one stays. */
static void test_more_certain(void **state)
{
	(void)state;
	SHOWS("x", "\0" "4.14.3\0/etc/rpm/macros\0RPM version 4.14.3\0", "rpm 4.14.3 proven");
	SHOWS("x", "\0" "4.14.3\0/etc/rpm/macros\0RPM version\0", "rpm 4.14.3 likely");
}

/* A linker that stores strings within the ends of others sorts them by these: what stands side by side is chance there. */
static void test_tails(void **state)
{
	(void)state;
	SHOWS("x", "\0" "#0\0V2.0\0" "3.4.0\0" "2.0x2.0\0" "cost 0\0UV_THREADPOOL_SIZE\0protocol wrong type for socket\0" "1.44.2\0xx\0", "libuv1 1.44.2 likely");
	SHOWS("x", "\0" "block 02\0mode 2\0" "1.44.2\0UV_THREADPOOL_SIZE 2\0" "tlsv1.2\0", "");
	SHOWS("x", "\0" "block 02\0mode 3\0" "1.44.2\0UV_THREADPOOL_SIZE\0protocol wrong type for socket\0" "tlsv1.2\0", "libuv1 1.44.2 likely");
}

/* The same in a whole program, which a few strings are not. */
static void assert_program_shows(const char *path, struct span text, const char *expected, int line)
{
	static uint8_t program[4 * COMPONENT_FEW_BYTES];
	memset(program, 0xcc, sizeof program);
	memcpy(program, text.p, text.n);
	assert_shows(path, (struct span){ program, sizeof program }, expected, line);
	struct inspected t;
	inspect(&t, path, "data", (struct span){ program, sizeof program });
	assert_int_equal(rows(&t), 1);
	inspected_free(&t);
}

#define PROGRAM_SHOWS(path, text, expected) assert_program_shows(path, span_of(text, sizeof(text)), expected, __LINE__)

/* What stands some strings away from a text is not its version where the product itself or another one says so. */
static void test_contradicted(void **state)
{
	(void)state;
#define OTHERS "strings of others, which stand between a version and the text that it is near, so that it may be any of theirs: %s, %s, %s, %s, %s, %s"
#define SQLITE "\0" "3.4.0\0" OTHERS "\0failed memory resize %u to %u bytes\0"
#define SOURCE_ID "2026-07-24 19:02:57 bf7c7f30031888f4e796e429ab3978879485813aaca6f641c7b33e4e09459bcc"
#define HEIF "\0" "1.6.43\0" OTHERS "\0Invalid color_profile_type (must be 4 characters)\0"
	PROGRAM_SHOWS("x", SQLITE, "sqlite 3.4.0 likely");
	PROGRAM_SHOWS("x", SQLITE SOURCE_ID, "sqlite 3.53.4 proven");
	PROGRAM_SHOWS("x", HEIF, "libheif 1.6.43 likely");
	PROGRAM_SHOWS("x", HEIF "libpng version 1.6.43\0Glenn Randers-Pehrson", "libpng 1.6.43 proven");
	/* Nearer than that it is the text's, whoever else has come to the same number. */
	static uint8_t program[4 * COMPONENT_FEW_BYTES] = "\0uniscribe-bug-compatible\0x\0" "2.2.0\0expat_2.2.0\0";
	struct inspected t;
	inspect(&t, "x", "data", (struct span){ program, sizeof program });
	assert_int_equal(rows(&t), 2);
	inspected_free(&t);
}

/* A version between texts of two products is not that of the one which has another version to itself. */
static void test_neighbour(void **state)
{
	(void)state;
	static uint8_t program[4 * COMPONENT_FEW_BYTES] = "\0nghttp2_buf_avail(buf) >= x\0x\0" "1.28.1\0x\0Could not find GetNetworkParams function\0";
	static const char own[] = "1.61.0\0nghttp2_buf_avail(buf) >= y";
	struct inspected t;
	inspect(&t, "x", "data", (struct span){ program, sizeof program });
	assert_true(has_row(&t, "nghttp2", "1.28.1") && has_row(&t, "c-ares", "1.28.1"));
	inspected_free(&t);
	memcpy(program + sizeof program / 2, own, sizeof own);
	inspect(&t, "x", "data", (struct span){ program, sizeof program });
	assert_true(has_row(&t, "nghttp2", "1.61.0") && has_row(&t, "c-ares", "1.28.1") && !has_row(&t, "nghttp2", "1.28.1"));
	inspected_free(&t);
}

/* What looks like the end of a picture's field or the beginning of a FLAC comment, and is neither, costs no banner. */
static void test_media(void **state)
{
	(void)state;
#define BANNER "# SWISH format: 2.4.7"
	static const struct {
		const char *bytes;
		size_t n, rows;
	} files[] = {
#define FILE(s, rows) { s, sizeof(s) - 1, rows }
		FILE("\0" BANNER "\0Line:%d: a %s\0", 1),
		FILE("\0" BANNER "\0" "2023:10:09 15:34:35\0", 0),
		FILE("\0\0\0\x04\0\0\0\x15\0\0\0" BANNER "\0", 1),
		FILE("fLaC\x84\0\0\x1d\x15\0\0\0" BANNER "\0\0\0\0", 0),
		/* What another wrote, quoted. */
		FILE("\0\"" BANNER "\"\0", 0),
		FILE("\0\"" BANNER "\0", 1),
		FILE("\0\"\xff Go buildinf:\x08\2\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x08go1.20.5\0", 1), /* no text begins there */
#undef FILE
	};
	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
		struct inspected t;
		inspect(&t, "x", "data", span_of(files[i].bytes, files[i].n));
		assert_int_equal(rows(&t), files[i].rows);
		inspected_free(&t);
	}
}

/* The whole file is not searched for the library of each of many interfaces. */
static void test_interfaces(void **state)
{
	(void)state;
	static const char few[] = "\0gegl-0.1\0libgegl-0.1.so.0\0";
	static const char many[] = "\0gegl-0.1\0gegl-0.2\0gegl-0.3\0gegl-0.4\0gegl-0.5\0gegl-0.6\0gegl-0.7\0gegl-0.8\0"
							   "gegl-0.9\0libgegl-0.1.so libgegl-0.2.so libgegl-0.3.so libgegl-0.4.so libgegl-0.5.so "
							   "libgegl-0.6.so libgegl-0.7.so libgegl-0.8.so libgegl-0.9.so\0";
	struct inspected t;
	inspect(&t, "gegl", "data", span_of(few, sizeof few - 1));
	assert_false(has_row(&t, "gegl", "0.1"));
	inspected_free(&t);
	inspect(&t, "gegl", "data", span_of(many, sizeof many - 1));
	assert_true(has_row(&t, "gegl", "0.9") && !has_row(&t, "gegl", "0.8"));
	inspected_free(&t);
}

/* A library's own file answers to callers of older releases, too; and two products' files may be called the same. */
static void test_own_file(void **state)
{
	(void)state;
#define OPENSSL "OpenSSL 1.0.2k-fips  26 Jan 2017\0"
#define OPENSSL_OLD "\0OpenSSL 1.0.0-fips 29 Mar 2010\0built on: x\0part of OpenSSL\0" OPENSSL
#define OPENSSL_PARTS "RSA part of " OPENSSL "EVP part of " OPENSSL "PEM part of " OPENSSL
	PROGRAM_SHOWS("libcrypto.so.10", OPENSSL_OLD OPENSSL_PARTS, "openssl 1.0.2k proven");
	PROGRAM_SHOWS("libjpeg.so.62", "\0libjpeg-turbo version 2.0.90 (build 20240108)\0libjpeg.so.62.3.0-2.0.90-7.el9.x86_64.debug",
				  "libjpeg-turbo 2.0.90 proven");
}

static void test_each_version_once(void **state)
{
	(void)state;
	static const char bytes[] =
		" inflate 1.1.4 Copyright 1995\0 deflate 1.2.3 Copyright 1995\0 inflate 1.2.3 Copyright 1995\0"
		"GNU C Library stable release version 2.36.\n\0GNU C Library (Debian GLIBC 2.36-9) stable release version 2.36.\n";
	struct inspected t;
	inspect(&t, "/bin/x", "data", span_of(bytes, sizeof bytes));
	assert_int_equal(rows(&t), 3);
	assert_text(row(&t, 0)->version, "1.1.4");
	assert_text(row(&t, 1)->version, "1.2.3");
	assert_int_equal(row(&t, 1)->offset, 30);
	assert_text(row(&t, 2)->package_version, "2.36-9"); /* the banner that says more */
	inspected_free(&t);
}

static void test_banner_before_name(void **state)
{
	(void)state;
	static const char bytes[] = "\x7f"
								"ELF\0 deflate 1.2.13 Copyright 1995-2022 Jean-loup Gailly and Mark Adler \0";
	struct inspected t;
	inspect(&t, "/lib/libz.so.1.2.13", "elf", span_of(bytes, sizeof bytes));
	assert_int_equal(rows(&t), 1);
	assert_text(row(&t, 0)->evidence_kind, "banner");
	inspected_free(&t);
	inspect(&t, "/lib/libz.so.1.2.13", "elf", span_of(bytes, 5));
	assert_int_equal(rows(&t), 1);
	assert_text(row(&t, 0)->evidence_kind, "filename");
	assert_text(row(&t, 0)->evidence, "libz.so.1.2.13");
	assert_int_equal(row(&t, 0)->offset, FACT_NULL);
	inspected_free(&t);
	inspect(&t, "/lib/libz.so.1.2.13", "text", span_of("nothing", 7));
	assert_int_equal(rows(&t), 0);
	inspected_free(&t);
}

/* ---- package databases ---- */

struct package_case {
	const char *path, *text;
	const char *expected; /* "offset name version package_version architecture" a line, - for none */
};

static const struct package_case package_cases[] = {
	{ "/var/lib/dpkg/status",
	  "Package: busybox-udeb\nStatus: install ok unpacked\nVersion: 1:1.35.0-4+deb12u1+b1\nArchitecture: armhf\n\n"
	  "Package: gone\nStatus: deinstall ok config-files\nVersion: 1.0-1\n\n"
	  "Package: never\nStatus: unknown ok not-installed\n\n"
	  "Package: half\nStatus: install reinstreq half-installed\nVersion: 3-1\n\n"
	  "package: anna\r\nSTATUS: install ok installed\nDescription: an\n Version: 9\n .\nVersion:1.91  \n",
	  "0 busybox-udeb 1.35.0 1:1.35.0-4+deb12u1+b1 armhf\n284 anna 1.91 1.91 -\n" },
	{ "/usr/lib/opkg/status",
	  "Package: dropbear\nVersion: 2022.82-2\nDepends: libc\nStatus: install user installed\nArchitecture: mipsel_24kc\n"
	  "Installed-Time: 1672764300\n\n\n\nPackage: luci\nVersion: git-23.093.42303-1d3bd0c\nStatus: install user installed\n\n",
	  "0 dropbear 2022.82 2022.82-2 mipsel_24kc\n138 luci git-23.093.42303 git-23.093.42303-1d3bd0c -\n" },
	{ "/usr/lib/opkg/info/uhttpd.control", "Package: uhttpd\nVersion: 2022-10-31-e3395cd9-1\nArchitecture: aarch64\n",
	  "0 uhttpd 2022-10-31-e3395cd9 2022-10-31-e3395cd9-1 aarch64\n" },
	{ "/var/lib/dpkg/status.d/tzdata", "Package: tzdata\nVersion: 2024a-0+deb12u1\nArchitecture: all",
	  "0 tzdata 2024a 2024a-0+deb12u1 all\n" },
	{ "/lib/apk/db/installed",
	  "C:Q1qKc=\nP:musl\nV:1.2.4-r2\nA:x86_64\nS:1\nL:MIT\nF:lib\nR:ld-musl-x86_64.so.1\na:0:0:755\n\n"
	  "P:busybox-binsh\nV:1.36.1-r15\nA:x86_64\n\n",
	  "0 musl 1.2.4 1.2.4-r2 x86_64\n85 busybox-binsh 1.36.1 1.36.1-r15 x86_64\n" },
	/* OpenWrt's since 25.12: the hash of a configuration or a commit is no part of the authors' version */
	{ "/lib/apk/db/installed",
	  "P:kernel\nV:6.12.40~7ac5b6a3b1e0c4f5d1a2b3c4d5e6f708-r1\nA:mips_24kc\no:package/kernel/linux\n\n"
	  "P:ucode\nV:2025.07.18~3f64c808-r1\nA:mips_24kc\no:feeds/base/ucode\n\nP:x\nV:1.0_rc1~12345678\n\n",
	  "0 kernel 6.12.40 6.12.40~7ac5b6a3b1e0c4f5d1a2b3c4d5e6f708-r1 mips_24kc\n"
	  "91 ucode 2025.07.18 2025.07.18~3f64c808-r1 mips_24kc\n156 x 1.0_rc1 1.0_rc1~12345678 -\n" },
	/* and those of opkg in 24.10, where what is no hash stays */
	{ "/usr/lib/opkg/status",
	  "Package: ucode\nVersion: 2024.07.11~1a8a0bcf-r3\n\nPackage: a\nVersion: 1.0~20200101-1\n\nPackage: b\nVersion: 1.0~beta-1\n",
	  "0 ucode 2024.07.11 2024.07.11~1a8a0bcf-r3 -\n48 a 1.0~20200101 1.0~20200101-1 -\n84 b 1.0~beta 1.0~beta-1 -\n" },
	{ "/var/lib/dpkg/status", "Package: lone\n\nVersion: 1\n\n\n", "0 lone - - -\n" },
	{ "/var/lib/dpkg/status.d/tzdata.md5sums", "Package: x\nVersion: 1\n", "" },
	{ "/var/lib/dpkg/status-old", "Package: x\nVersion: 1\n", "" },
	{ "/usr/share/status", "Package: x\nVersion: 1\n", "" },
	{ "/usr/share/common-licenses/license.manifest",
	  "PACKAGE NAME: busybox\nPACKAGE VERSION: 1.35.0\nRECIPE NAME: busybox\nLICENSE: GPL-2.0-only & bzip2-1.0.4\n\n"
	  "PACKAGE NAME: libc6\nPACKAGE VERSION: 2.35+git0+1c7f51c75a\nRECIPE NAME: glibc\nLICENSE: GPL-2.0-only\n\n"
	  "PACKAGE NAME: old\nRECIPE NAME: old\nLICENSE: MIT\n\n",
	  "0 busybox 1.35.0 1.35.0 -\n104 libc6 2.35 2.35+git0+1c7f51c75a -\n204 old - - -\n" },
	{ "/usr/share/common-licenses/busybox/recipeinfo", "PACKAGE NAME: x\nPACKAGE VERSION: 1\n", "" },
	{ "/usr/lib/opkg/info/uhttpd.list", "Package: x\nVersion: 1\n", "" },
};

static const char *or_dash(struct text t, char out[128])
{
	snprintf(out, 128, "%.*s", t.p ? (int)t.n : 1, t.p ? t.p : "-");
	return out;
}

static void test_packages(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(package_cases); i++) {
		const struct package_case *c = &package_cases[i];
		struct inspected t;
		char got[1024] = "", a[128], b[128], d[128], e[128];
		inspect(&t, c->path, "text", span_of(c->text, strlen(c->text)));
		for (size_t k = 0; k < rows(&t); k++) {
			const struct fact_component *r = row(&t, k);
			assert_text(r->evidence_kind, "package");
			size_t n = strlen(got);
			snprintf(got + n, sizeof got - n, "%lld %s %s %s %s\n", (long long)r->offset, or_dash(r->name, a),
					 or_dash(r->version, b), or_dash(r->package_version, d), or_dash(r->architecture, e));
		}
		assert_string_equal(got, c->expected);
		inspected_free(&t);
	}
}

static void test_distribution_of_packages(void **state)
{
	(void)state;
	static const struct {
		const char *path, *text, *distribution, *purl;
	} cases[] = {
		{ "/var/lib/dpkg/status", "Package: a\nVersion: 1:2-3\n", "debian", "pkg:deb/debian/a@1:2-3" },
		/* a package whose version is not its source's */
		{ "/var/lib/dpkg/status", "Package: libdevmapper1.02.1\nSource: lvm2 (2.03.16-2)\nVersion: 2:1.02.185-2\n", "debian",
		  "pkg:deb/debian/libdevmapper1.02.1@2:1.02.185-2?upstream=lvm2%402.03.16-2" },
		{ "/var/lib/dpkg/status", "Package: a\nSource: b\nVersion: 2-3\n", "debian", "pkg:deb/debian/a@2-3" },
		{ "/var/lib/dpkg/status", "Package: a\nSource: b ()\nVersion: 2-3\n", "debian", "pkg:deb/debian/a@2-3" },
		{ "/var/lib/dpkg/status", "Package: a\nSource: (\nVersion: 2-3\n", "debian", "pkg:deb/debian/a@2-3" },
		{ "/lib/apk/db/installed", "P:a\nV:2-r3\n", "alpine", "pkg:apk/alpine/a@2-r3" },
		{ "/lib/apk/db/installed", "P:a\nV:2-r3\no:a\nm:x/y\n", "alpine", "pkg:apk/alpine/a@2-r3" },
		{ "/lib/apk/db/installed", "P:a\nV:2-r3\no:", "alpine", "pkg:apk/alpine/a@2-r3" },
		/* OpenWrt's from 25.12 on, by the folders of its recipes */
		{ "/lib/apk/db/installed", "P:a\nV:2-r3\nA:mips_24kc\no:feeds/base/a\n", "openwrt", "pkg:apk/openwrt/a@2-r3" },
		{ "/usr/lib/opkg/status", "Package: a\nVersion: 2-3\n", "openwrt", "pkg:generic/a@2-3" },
		/* opkg in a build of Yocto: whose package it is nothing here tells */
		{ "/var/lib/opkg/status", "Package: a\nVersion: 2-r3\n", "", "pkg:generic/a@2-r3" },
		{ "/usr/share/common-licenses/license.manifest", "PACKAGE NAME: a\nPACKAGE VERSION: 2\n", "", "pkg:generic/a@2" },
	};
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct inspected t;
		inspect(&t, cases[i].path, "text", span_of(cases[i].text, strlen(cases[i].text)));
		assert_int_equal(rows(&t), 1);
		assert_text(row(&t, 0)->distribution, cases[i].distribution);
		assert_text(row(&t, 0)->purl, cases[i].purl);
		inspected_free(&t);
	}
}

/* The installer's packages have fewer fields: that Source is left out says nothing there. */
static void test_source_of_packages(void **state)
{
	(void)state;
	static const struct {
		const char *text, *source;
	} cases[] = {
		{ "Package: wget\nArchitecture: armhf\nVersion: 1.21.3-1\n", "wget" },
		{ "Package: libssl3\nArchitecture: armhf\nSource: openssl (3.0)\nVersion: 3.0.20-1\n", "openssl" },
		{ "Package: wget-udeb\nStatus: install ok unpacked\nVersion: 1.21.3-1\nDescription: x\n", "" },
		{ "Package: archdetect\nSource: hw-detect\nVersion: 1.159\n", "hw-detect" },
	};
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct inspected t;
		inspect(&t, "/var/lib/dpkg/status", "text", span_of(cases[i].text, strlen(cases[i].text)));
		assert_int_equal(rows(&t), 1);
		assert_text(row(&t, 0)->source_package, cases[i].source);
		inspected_free(&t);
	}
}

static void test_upstream(void **state)
{
	(void)state;
	static const struct {
		const char *version, *deb, *apk;
	} cases[] = {
		{ "1:1.35.0-4+deb12u1+b1", "1.35.0", NULL },
		{ "1:1.2.13.dfsg-1", "1.2.13", NULL },
		{ "2022.12+dfsg-4+deb12u2", "2022.12", NULL },
		{ "30+20221128-1", "30+20221128", NULL },
		{ "30~pre9-14", "30~pre9", NULL },
		{ "2:4.0~dfsg1-2", "4.0", NULL },
		{ "1.4+really1.3.45+hg17689-1", "1.3.45+hg17689", NULL },
		{ "1:3.1.7+really3.1.2+dfsg-2", "3.1.2", NULL },
		{ "1.4+really-1", "1.4+really", NULL },
		{ "1.4+really", "1.4+really", NULL },
		{ "0.52.23-1+b1", "0.52.23", NULL },
		{ "1.36.1-r15", "1.36.1", "1.36.1" },
		{ "1.2.4_git20230717-r4", "1.2.4_git20230717", "1.2.4_git20230717" },
		{ "-r1", "-r1", "-r1" },
		{ "1", "1", "1" },
		{ "1:", "", "1:" },
		{ "", "", "" },
	};
	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_text(package_db_upstream(text_c(cases[i].version), PACKAGE_DB_DEB), cases[i].deb);
		if (cases[i].apk)
			assert_text(package_db_upstream(text_c(cases[i].version), PACKAGE_DB_APK), cases[i].apk);
	}
}

static void test_package_cuts(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(package_cases); i++) {
		for (size_t n = 0; n <= strlen(package_cases[i].text); n++) {
			struct inspected t;
			char *exact = malloc(n + 1);
			memcpy(exact, package_cases[i].text, n);
			inspect(&t, package_cases[i].path, "text", span_of(exact, n));
			inspected_free(&t);
			free(exact);
		}
	}
}

/* ---- cost ---- */

static double seconds(void)
{
	struct timespec t;
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Sanitizers cost a factor; what must not be is a square. */
#define LONG 8.0

static double timed(const char *path, struct span bytes, const struct hit *hits, size_t nhits, struct fact_list *facts)
{
	struct arena *scratch = arena_new(0);
	struct subject s = { .bytes = bytes,
						 .path = text_c(path),
						 .kind = ENTRY_FILE,
						 .format = "data",
						 .hits = hits,
						 .nhits = nhits,
						 .arena = scratch };
	double begin = seconds();
	assert_true(components_inspector.wants(&s));
	components_inspector.run(&s, &facts->sink);
	arena_free(scratch);
	return seconds() - begin;
}

/* 16 MiB of banners of ever other versions, and of texts that make each signature look far. */
static void test_many_banners(void **state)
{
	(void)state;
	size_t n = 16u << 20, at = 0, used = 0, cap = 1u << 21;
	char *bytes = calloc(n, 1);
	struct hit *hits = malloc(cap * sizeof *hits);
	for (unsigned i = 0; at + 128 < n && used < cap; i++) {
		uint32_t p = i % (uint32_t)component_npatterns;
		size_t length = component_patterns[p].n;
		hits[used++] = (struct hit){ p, at, at + length };
		memcpy(bytes + at, component_patterns[p].bytes, length);
		at += length + (size_t)sprintf(bytes + at + length, "%u.%u.1", i % 10, i / 10) + 1;
	}
	for (unsigned k = 0; k < 2; k++) {
		struct arena *kept = arena_new(0);
		struct fact_list facts;
		fact_list_init(&facts, kept);
		assert_true(timed(k ? "/sbin/pppd" : "/bin/x", span_of(bytes, n), hits, used, &facts) < LONG);
		assert_in_range(fact_list_count(&facts, FACT_component), 1, 64);
		arena_free(kept);
	}
	free(hits);
	free(bytes);
}

static void test_large_databases(void **state)
{
	(void)state;
	static const char *const units[] = {
		"\n", "P", "Package: a\nVersion: 1.ds.ds.ds.ds\n\n", "Version: 1:2-3\n", " ", ":", "P:a\n\n"
	};
	static const char *const paths[] = { "/var/lib/dpkg/status", "/lib/apk/db/installed" };
	size_t n = 8u << 20;
	char *bytes = malloc(n);
	for (size_t i = 0; i < COUNT(units) * COUNT(paths); i++) {
		const char *unit = units[i / COUNT(paths)];
		for (size_t k = 0, length = strlen(unit); k < n; k++)
			bytes[k] = unit[k % length];
		struct arena *kept = arena_new(256u << 20);
		struct fact_list facts;
		fact_list_init(&facts, kept);
		assert_true(timed(paths[i % COUNT(paths)], span_of(bytes, n), NULL, 0, &facts) < LONG);
		assert_true(fact_list_count(&facts, FACT_component) <= 65536);
		arena_free(kept);
	}
	free(bytes);
}

static void test_noise(void **state)
{
	(void)state;
	uint64_t x = 88172645463325252u;
	uint8_t bytes[512];
	for (unsigned round = 0; round < 20000; round++) {
		struct hit hits[8];
		struct arena *kept = arena_new(0);
		struct fact_list facts;
		fact_list_init(&facts, kept);
		for (size_t i = 0; i < sizeof bytes; i++) {
			x ^= x << 13, x ^= x >> 7, x ^= x << 17;
			bytes[i] = (uint8_t) "0123456789.-_ ()\0#abOpenSLv/\n"[x % 29];
		}
		for (size_t i = 0; i < COUNT(hits); i++) {
			const struct pattern *p = &component_patterns[(x >> (i * 8)) % component_npatterns];
			uint64_t at = i * 60 + 10;
			size_t n = p->n < sizeof bytes - at ? p->n : sizeof bytes - at;
			memcpy(bytes + at, p->bytes, n);
			hits[i] = (struct hit){ (uint32_t)(p - component_patterns), at, at + n };
		}
		(void)timed("/sbin/nft", span_of(bytes, sizeof bytes), hits, COUNT(hits), &facts);
		arena_free(kept);
	}
}

/* ---- samples ---- */

static struct span sample(const char *name)
{
	char path[256];
	snprintf(path, sizeof path, "../shared/samples/%s", name);
	FILE *file = fopen(path, "rb");
	if (!file) {
		print_message("skipped: %s is not here\n", path);
		return SPAN_NONE;
	}
	fseek(file, 0, SEEK_END);
	size_t n = (size_t)ftell(file);
	rewind(file);
	uint8_t *p = malloc(n + 1);
	assert_int_equal(fread(p, 1, n, file), n);
	fclose(file);
	return span_of(p, n);
}

/* What stands uncompressed in an image, as carving would see it. */
static void test_samples(void **state)
{
	(void)state;
	static const struct {
		const char *file, *name, *version;
		int64_t offset;
	} cases[] = {
		{ "tasmota32s3.factory.bin", "esp-idf", "5.3.4", 0x10020 + 112 },
		{ "tplink-wr841n-v11-160325.bin", "u-boot", "1.1.4", 0x3470 },
	};
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct span bytes = sample(cases[i].file);
		if (!bytes.p)
			continue;
		struct inspected t;
		inspect(&t, cases[i].file, "data", bytes);
		assert_true(rows(&t) >= 1);
		assert_text(row(&t, 0)->name, cases[i].name);
		assert_text(row(&t, 0)->version, cases[i].version);
		assert_int_equal(row(&t, 0)->offset, cases[i].offset);
		inspected_free(&t);
		free((void *)bytes.p);
	}
}

/* The installer's truth lists the 95 packages of its dpkg status. */
static void test_installer_packages(void **state)
{
	(void)state;
	size_t n = 96u << 20;
	gzFile file = gzopen("../shared/samples/debian-installer-armhf-initrd.gz", "rb");
	if (!file) {
		print_message("skipped: ../shared/samples/debian-installer-armhf-initrd.gz is not here\n");
		skip();
	}
	char *cpio = malloc(n);
	int got = gzread(file, cpio, (unsigned)n);
	gzclose(file);
	assert_true(got > 0);
	const char *status = memmem(cpio, (size_t)got, "Package: anna\nStatus: ", 22);
	assert_non_null(status);
	size_t length = strnlen(status, (size_t)(cpio + got - status));
	struct inspected t;
	inspect(&t, "/var/lib/dpkg/status", "text", span_of(status, length));
	assert_int_equal(rows(&t), 95);
	assert_text(row(&t, 3)->name, "busybox-udeb");
	assert_text(row(&t, 3)->version, "1.35.0");
	assert_text(row(&t, 3)->package_version, "1:1.35.0-4+deb12u1+b1");
	inspected_free(&t);
	free(cpio);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_examples),
		cmocka_unit_test(test_survives_cuts),
		cmocka_unit_test(test_row),
		cmocka_unit_test(test_texts_have_no_banners),
		cmocka_unit_test(test_recorded_traffic),
		cmocka_unit_test(test_strings_are_read),
		cmocka_unit_test(test_line_ends), cmocka_unit_test(test_near),
		cmocka_unit_test(test_listings_alone), cmocka_unit_test(test_more_certain),
		cmocka_unit_test(test_tails),
		cmocka_unit_test(test_contradicted),
		cmocka_unit_test(test_neighbour),
		cmocka_unit_test(test_media),
		cmocka_unit_test(test_interfaces),
		cmocka_unit_test(test_own_file),
		cmocka_unit_test(test_each_version_once),
		cmocka_unit_test(test_banner_before_name),
		cmocka_unit_test(test_packages),
		cmocka_unit_test(test_distribution_of_packages),
		cmocka_unit_test(test_source_of_packages), cmocka_unit_test(test_upstream),
		cmocka_unit_test(test_package_cuts),
		cmocka_unit_test(test_many_banners),
		cmocka_unit_test(test_large_databases),
		cmocka_unit_test(test_noise),
		cmocka_unit_test(test_samples),
		cmocka_unit_test(test_installer_packages),
	};
	return cmocka_run_group_tests_name("components", tests, set_up, tear_down);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Inside matching. Not for other floors. */
#ifndef ASSAY_VULN_INTERNAL_H
#define ASSAY_VULN_INTERNAL_H

#include "base/arena.h"
#include "base/cpe.h"
#include "base/cvss.h"
#include "base/products.h"
#include "base/span.h"
#include "base/version.h"
#include "vuln/vuln.h"

#define KEYS_MAX 24u

/* How much stands behind a match; the worst of its parts. */
enum confidence { POSSIBLE, LIKELY, PROVEN };

/* Who uses the file that a component was found in, from the least. */
enum exposure {
	EXPOSURE_UNUSED,  /* a library that nothing in the image loads */
	EXPOSURE_DECLARED, /* a bill of materials names it; there is no image that could tell */
	EXPOSURE_PRESENT, /* a program that boot does not start, or a library that only such load; nothing tells */
	EXPOSURE_STARTED, /* boot starts it, or what loads it */
	EXPOSURE_KERNEL,  /* the kernel runs always */
	EXPOSURE_LISTENS, /* it takes connections, or what loads it does */
};

struct software {
	int64_t id;
	struct text name, version, package_version, source_package, distribution, architecture, purl;
	struct text source_version; /* of the source package, where that is another than package_version */
	enum confidence confidence;
	enum version_order order;
	struct text keys[KEYS_MAX]; /* as criterion.product has them */
	size_t nkeys;
	struct text own_key; /* that of its package URL */
	enum exposure exposure;
	bool declared;          /* by a bill of materials, and not found in an image */
	struct text exposed_by; /* the path of what makes it so; absent: nothing does */
};

/* A row of the feed's `criterion`. */
struct criterion {
	int64_t vulnerability, record, source, configuration, node, number;
	struct text product, cpe, version, start, end, order, status;
	bool vulnerable, start_including, end_including;
	bool stated; /* by a vendor, of a product in exactly that version (statement_is_version()) */
	struct text conditions; /* of a statement: what stands behind the product, "distro=debian-12&arch=amd64" */
	bool alone; /* known to be all that its configuration asks for; false: its nodes tell */
};

struct source {
	int64_t id;
	struct text name, kind;
	int rank; /* the lower, the more its word counts */
};

struct option {
	struct text name, value; /* of the kernel: CONFIG_..., y, m, n */
};

/* What the image says of itself. */
struct image {
	struct software *software;
	size_t nsoftware;
	struct text distribution;
	bool linux_kernel,
		known_system;            /* a Linux kernel or programs for one are there; anything that tells the system is */
	struct text machines;        /* of its ELF files, a space before and behind each */
	struct text kernel_machines; /* with those of its modules; absent: nothing shows which is the kernel's */
	bool one_kernel, has_config;
	struct option *options;
	size_t noptions;
	struct text *modules; /* base names of kernel modules, without .ko; sorted */
	size_t nmodules;
	struct text *applets; /* of BusyBox, sorted; none: nobody looked, or there is none */
	size_t napplets;
	struct text digest;     /* SHA-256 of the only firmware, in hexadecimal; absent: unknown, or there are several */
	struct text *listening; /* names of services that listen, sorted */
	size_t nlistening;
};

/* Parts of `struct image`, which are read when they are asked for. */
enum image_part {
	IMAGE_SOFTWARE = 1,
	IMAGE_MACHINES = 2,
	IMAGE_SYSTEM = 4, /* linux_kernel, known_system */
	IMAGE_OPTIONS = 8,
	IMAGE_MODULES = 16,
	IMAGE_APPLETS = 32,
	IMAGE_LISTENING = 64,
	IMAGE_DIGEST = 128,
	IMAGE_ALL = 255,
	IMAGE_DISTRIBUTION = 256, /* always there */
};

/* One statement about a product. */
struct statement {
	struct text product; /* a name, a key, or a purl */
	struct text version; /* absent: any */
	struct text vulnerability;
	struct text state, reason, source;
};

struct statements {
	struct statement *v;
	size_t n;
};

/* What was found of the configuration that was looked at last: all its criteria ask in turn, those of one node the same. */
struct evaluated {
	const struct software *software;
	int64_t record, configuration, node;
	struct tree *tree; /* in the scratch arena; NULL: it can not be read */
	int result;
	struct text why;
};

struct found;
struct fix;
struct known;

struct matcher {
	sqlite3 *db, *feeds;
	struct arena *arena;   /* for the whole run */
	struct arena *scratch; /* for the software row at hand */
	struct image image;
	unsigned image_has;   /* parts that were read */
	unsigned image_asked; /* parts that a decision asked for since this was cleared */
	/* NULL, or is asked for parts that have to be read: gives those that it has read itself, and opens `db` for others; an
	 * error is the matcher's. Without either, parts that are not there stay empty. */
	unsigned (*provide)(struct matcher *m, unsigned parts);
	/* NULL, or takes the decisions of a software row, in no order, in place of record.c. */
	bool (*take)(struct matcher *m, const struct software *s, struct found *f, size_t n);
	void *context; /* of these two */
	struct source *sources;
	size_t nsources;
	struct statements statements;
	sqlite3_stmt *criteria, *configuration, *nodes, *fixes, *vex, *vulnerability, *name;
	sqlite3_stmt *places; /* NULL: the feed database has none */
	sqlite3_stmt *add, *reject;
	struct evaluated evaluated;
	const struct known *known; /* of the vulnerability at hand; NULL: to be read */
	bool brief;                /* words about what does not apply are not asked for */
	struct vuln_summary summary;
	struct error error;
};

/* What was decided of one vulnerability for one software row. */
enum state { STATE_NONE, STATE_AFFECTED, STATE_FIXED, STATE_NOT_AFFECTED, STATE_INVESTIGATED, STATE_REJECTED };
/* Why a near-match was rejected, from what a reader wants to know first. */
enum rejection {
	REJECT_PLATFORM,
	REJECT_EDITION,
	REJECT_VERSION_UNKNOWN,
	REJECT_INCOMPARABLE,
	REJECT_NO_VERSION, /* the record has '-' */
	REJECT_SOURCES,    /* a source that counts more says otherwise */
	REJECT_WITHDRAWN,  /* the CVE is rejected */
	REJECT_STATUS,     /* the record says that this version is not affected */
	REJECT_RANGE,
	REJECTIONS
};

struct decision {
	int64_t vulnerability;
	enum state state;
	enum rejection rejection;
	struct text reason, criteria, source;
	enum confidence confidence;
	bool has_exposure; /* that of the part which is vulnerable, where it is not that of the whole program */
	enum exposure exposure;
	bool of_package; /* a vendor says it of this very package of a distribution, in its version */
};

/* What the feed knows of a vulnerability. */
struct info {
	struct text name, published, state, summary, vectors[4];
	bool kev, has_epss;
	double epss, epss_percentile;
	bool scored; /* by info_score() already */
	int score;
	struct cvss cvss;
	struct text vector;
};
/* The row of a vulnerability in the feeds; its texts are of m->scratch. "?" by name where there is none. */
struct info info_read(struct matcher *m, int64_t vulnerability);

/* Where in a product its record says that the flaw lies. */
struct place {
	struct text product, kind, name; /* name "": elsewhere, too */
};
struct places {
	const struct place *v;
	size_t n;
	bool more; /* than were read */
};
/* place.c. Into the arena; none in a feed database of an older version. */
struct places places_read(struct matcher *m, struct arena *a, int64_t vulnerability);
/* Adds to the reason of a decision what they say of the software, in words. */
void places_tell(struct matcher *m, const struct software *s, const struct places *p, struct decision *d);

/* The same, read before for many. */
struct known {
	struct info info;
	struct places places;
	bool vex; /* somebody says something of a product */
};

/* A decision with what the feed knows of the vulnerability. */
struct found {
	struct decision d;
	struct info info;
};

/* match.c: what both a match of a whole case and `watch` do.
 *
 * Prepares the statements on the feeds and reads the sources, into m->arena. */
void match_begin(struct matcher *m);
/* Ends what match_begin() and the matching since then have made; the connections stay the caller's. */
void match_end(struct matcher *m);
/* One decision, from the criteria (as upstream_decide() wants them) and fixes about one vulnerability. */
struct decision match_decide(struct matcher *m, const struct software *s, const struct criterion *c, size_t nc,
							 const struct fix *f, size_t nf);
/* Whether the case has the table. */
bool match_has_software(sqlite3 *db);
/* All decisions of a software row, given to m->take() or recorded. */
bool match_software(struct matcher *m, const struct software *s);
/* Of one vulnerability, in the order that upstream_decide() wants; into the arena. NULL: no memory. */
struct criterion *match_sort(struct matcher *m, struct arena *a, const struct criterion *c, size_t n);
#define MATCH_CRITERION                                                                                                \
	"SELECT vulnerability_id, record_id, source_id, configuration, node, number, product, cpe, vulnerable, version,"   \
	" start, start_including, end, end_including, versions_order, status FROM criterion "
/* What vendors say is affected, as such a row: their product as a whole, by a key that the software may have. */
#define MATCH_STATEMENT                                                                                                \
	"SELECT vulnerability_id, record_id, source_id, 0, 0, rowid, product, NULL, 1, version, NULL, 0, NULL, 0,"         \
	" 'statement', 'affected' FROM vex WHERE status = 'affected' AND coalesce(component, '') = '' "

/* match.c: rows of a prepared statement; NULL is an absent text. Copies into the arena. */
struct text column_text(struct arena *a, sqlite3_stmt *s, int column);
/* A prepared statement, the caller's to finalize. NULL, and m->error, when SQLite refuses. */
sqlite3_stmt *prepare(struct matcher *m, sqlite3 *db, const char *sql);
/* Keeps the first error of the matcher, with SQLite's words; always false. */
bool failed(struct matcher *m, sqlite3 *db, const char *doing);
/* The current row, its columns in the order of MATCH_CRITERION. */
struct criterion read_criterion(struct arena *a, sqlite3_stmt *s);
/* The source of that id; one called "unknown", trusted least, where the feeds have none. */
const struct source *source_of(const struct matcher *m, int64_t id);

/* order.c: how the versions of a product order. */
/* The product of the table that its name means: none where its package URL is that of a registry which the product is not in. */
const struct product *software_product(const struct software *s);
enum version_order product_order(const struct software *s);
/* How versions of the package order that the software is. */
enum version_order package_order(const struct software *s, struct text distribution);
/* Whether rows of the feeds are looked up for it by that key. */
bool software_has_key(const struct software *s, const char *key);
/* Whether it is one of its names. */
bool software_is(const struct software *s, struct text key);
/* Of a name that it has: whether it is that of its source package, and not its own. */
bool software_key_is_of_source(const struct software *s, struct text key);
/* Whether it is that of its own package of a distribution. */
bool software_key_is_of_package(const struct software *s, struct text key);

/* image.c */
/* Reads these parts of the case where they are not there yet, and notes that they were asked for. */
void image_need(struct matcher *m, unsigned parts);
/* A row of `software` as the columns have it: fills keys and order, too. */
struct software_columns {
	struct text name, version, package_version, source_package, distribution, architecture, purl, cpe, confidence, evidence_kind;
};
/* `w` keeps its id. Texts of `c` are not copied; what is made is of the arena. */
void software_fill(struct arena *a, struct software *w, const struct software_columns *c);
/* Whether a name is among n names in the order of bytes. */
bool sorted_has(const struct text *v, size_t n, struct text name);
/* What the kernel's configuration has an option as: 'y' (or any other value), 'm', 'n' (it says that it is not set), '-' (it
 * does not name it); 0: nobody can tell. */
char image_option(const struct image *image, struct text name);

/* criterion.c: whether a version of a product is what the criterion means. */
enum fit { FIT_OUTSIDE, FIT_WITHIN, FIT_ALL_VERSIONS, FIT_EDITION, FIT_UNKNOWN, FIT_INCOMPARABLE, FIT_NA };
/* `why` is filled with words for all but FIT_OUTSIDE; for FIT_WITHIN they are the criterion with the version in its
 * range. */
enum fit criterion_fit(struct matcher *m, const struct criterion *c, const struct software *s, struct text *why);
/* "cpe:2.3:a:haxx:curl:*": without the ANYs at its end. */
struct text criterion_name(const struct criterion *c);
/* A statement about a vendor and a product in words: "name:acme corp:router firmware". */
bool criterion_is_in_words(const struct criterion *c);
/* Whether it is a statement about the distribution's package itself, in a version of that. */
bool criterion_is_of_package(const struct criterion *c, const struct software *s);
/* What the criterion is about: a package with its revision, or upstream's version. */
struct text criterion_version(const struct criterion *c, const struct software *s);
/* Where its range ends: "up to 2.73" with the update rc3 means up to 2.73rc3. */
struct text criterion_end(struct matcher *m, const struct criterion *c, const struct software *s);

/* platform.c: whether the image is, or has, what a criterion names. -1: it is not, 0: nobody can tell, 1: it is. */
int platform_holds(struct matcher *m, const struct criterion *c, struct text *why);

/* The distribution that a key is the CPE name of, as os-release calls it: "debian" of "cpe:o:debian:debian_linux"; TEXT_NONE. */
struct text platform_distribution(struct text key);

/* configuration.c: whether the configuration that `c`, which fits, stands in holds for the image as a whole: 1 it does (`why`: what
 * of it is assumed), -1 not, 0 nobody can tell. */
int configuration_holds(struct matcher *m, const struct criterion *c, const struct software *s, struct text *why);

/* Whether that configuration has an AND: something else must be there, too. */
bool configuration_is_joined(struct matcher *m, const struct criterion *c);
/* Whether it has alternatives only: one that fits is enough. False too where that can not be told. Uses the scratch arena. */
bool configuration_is_alone(struct matcher *m, const struct criterion *c);

/* upstream.c: what upstream's ranges say. The criteria are those of one vulnerability for the software's keys, in the
 * order of the sources' rank. */
struct decision upstream_decide(struct matcher *m, const struct software *s, const struct criterion *c, size_t n);

/* distro.c: what the distribution of a package says; STATE_NONE: nothing. */
struct fix {
	int64_t vulnerability, source;
	struct text status, version, note;
	bool patched; /* a list of what a build system has patched in upstream's version, not of packages */
	bool own;     /* by the name of the package itself, where its source has another */
};
/* What distributions say of the package that `s` is from: rows of `fix` that are about it, in m->scratch. Their
 * number; 0, and *out as it may be, where nobody speaks for it or memory is out. */
size_t distro_fixes(struct matcher *m, const struct software *s, struct fix **out);
/* Its parts: the package that rows are looked up by; whether any row can be about it; whether those of a distribution, as the
 * feed names it, are. `ours` is distro_of(). */
static inline struct text distro_package(const struct software *s)
{
	return s->source_package.n ? s->source_package : s->name;
}
/* All names that rows about it may have: that of its source, and its own, by which the advisories of Red Hat and AlmaLinux go. */
#define DISTRO_PACKAGES_MAX 2u
size_t distro_packages(const struct software *s, struct text ours, struct text names[DISTRO_PACKAGES_MAX]);
/* Whether somebody speaks for this software in the feeds: its distribution (`ours`), or the build system that made the image. Then whether a
 * row of `feeds`, a distribution as a feed calls it, is about it. */
bool distro_has_word(const struct matcher *m, const struct software *s, struct text ours);
/* The second of these questions; `feeds` is the distribution as a row of the feeds calls it, "buildroot" for the
 * build system. */
bool distro_is_about(const struct matcher *m, const struct software *s, struct text ours, struct text feeds);
/* Whether a distribution ("debian 12.5") is what somebody else calls so: "debian 12", "debian bookworm", "debian". */
bool distro_is_same(struct text ours, struct text feeds);
/* The distribution of a package: as the component says, or as its revision tells. */
struct text distro_of(struct matcher *m, const struct software *s);
/* Of all rows about one vulnerability. */
struct decision distro_decide(struct matcher *m, const struct software *s, const struct fix *f, size_t n);

/* parts.c: parts that are not built in. Changes a decision that is STATE_AFFECTED. */
void parts_apply(struct matcher *m, const struct software *s, const struct info *info, const struct places *places,
				 struct decision *d);

/* statement.c. statements_load(): the user's statements, the table of `--statements` (NULL: none), sorted by
 * vulnerability; false with m->error. statements_apply(): gives an affected decision the state that vendors' VEX and
 * these statements have for it, with the reason. */
bool statements_load(struct matcher *m, const char *path);
void statements_apply(struct matcher *m, const struct software *s, struct text name, struct decision *d);
/* Whether a statement's version, or range, is the software's; absent: any is. */
bool statement_is_version(const struct software *s, struct text version);
/* Whether "distro=debian-12&arch=amd64" behind a key holds for the program, and that key is its own package's, or its source's. */
bool vex_conditions_hold(struct matcher *m, const struct software *s, struct text conditions, bool by_source);
/* vex.c: the latest statement of the feeds about a vulnerability in the software. */
bool vex_find(struct matcher *m, const struct software *s, struct text name, struct text *state, struct text *source,
			  struct text *reason);

/* exposure.c: fills software[].exposure. */
void exposure_read(struct matcher *m);
/* The word that the column `exposure` of `vulnerability` has. */
const char *exposure_name(enum exposure e);
/* EXPOSURE_PRESENT for what is none. */
enum exposure exposure_named(struct text name);

/* priority.c; docs/vulnerabilities.md tells why. */
struct threat {
	bool kev;
	bool has_epss;
	double epss;
	int score; /* CVSS times ten, -1: unknown */
};
/* How urgent, from 0 to 100, to one decimal: docs/vulnerabilities.md. */
double priority(const struct threat *t, enum exposure exposure, enum confidence confidence);

/* record.c: what a withdrawn or disputed vulnerability, parts that are not there, and statements make of a decision; reads
 * the feed's knowledge of it. */
void decision_finish(struct matcher *m, const struct software *s, struct found *f);
/* The score times ten (-1: unknown) by the newest version that a vector is there of; `vector` and `severity` absent then. */
int info_score(const struct info *info, struct cvss *c, struct text *vector);
/* Computes it once for all that ask. */
void info_keep_score(struct info *info);
/* The word that the column `state` of `vulnerability` has; "none" for what gives no row there. */
const char *state_name(enum state s);

/* record.c: false after an error, which is m->error. */
bool record_begin(struct matcher *m, const char *now);
/* All decisions of one software row; they are put in order. Of the rejected ones of each kind up to a limit. */
bool record_decisions(struct matcher *m, const struct software *s, struct decision *d, size_t n);
/* What the match came to: the row of probe_run, and the index of the table. After the last record_decisions(). */
bool record_end(struct matcher *m);

/* The word that the column `confidence` of `vulnerability` has. */
static inline const char *confidence_name(enum confidence c)
{
	return c == PROVEN ? "proven" : c == LIKELY ? "likely" : "possible";
}

/* printf into the scratch arena; "" when out of memory. */
struct text words(struct matcher *m, const char *format, ...) __attribute__((format(printf, 2, 3)));
#define T(t) (int)((t).n < 400 ? (t).n : 400), (t).n ? (t).p : ""

#endif

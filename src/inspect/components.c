/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Third-party components with their versions: from their own banners, the names of libraries, package databases.
 *
 * The literals of all signatures are patterns, so that a blob without one costs nothing; what stands around a hit is
 * read by component_read().
 */
#include "inspect/capture.h"
#include "inspect/components.h"
#include "inspect/components_letters.h"
#include "inspect/package_db.h"
#include "inspect/sbom.h"

/* Components that one blob may show. */
#define FOUND_MAX 64u
#define EVIDENCE_MAX 160u
/* A kernel's banner has some 200. */
#define QUOTATION_MAX 512u
/* A signature that looks further than its own string is tried at so many places of a blob. */
#define TRIES_MAX 4u
/* Places of a blob where products name themselves. */
#define SELF_MAX 256u
/* A version that a product's own file says so many times as often as another is the file's. */
#define OFTEN 4u
/* Whose header has a text with its name and version, for whatever is compiled with it. */
#define HEADER_PRODUCT "openssl"

struct search {
	const struct subject *subject;
	struct sink *sink;
	struct span bytes; /* the subject's, or the listing that it is, read as a program */
	bool loose;        /* ends of lines may be left out of it */
	const struct hit *hits;
	size_t nhits;
	struct component_file file;
	bool *present;     /* of each pattern */
	uint8_t *tries;    /* of each signature with COMPONENT_NEAR */
	struct text noted; /* the product that the file's own note tells */
	struct fact_component *found;
	uint32_t *times; /* how many banners have shown each of them */
	bool *apart;     /* whether each is only a version some strings away from a text */
	size_t nfound;
};

/* A word of `where` is a file's name, or the beginning of one and `*`. */
static bool where_holds(const char *where, struct text name)
{
	if (!*where)
		return true;
	while (*where) {
		size_t n = strcspn(where, " ");
		bool open = n > 0 && where[n - 1] == '*';
		size_t fixed = open ? n - 1 : n;
		if (name.n >= fixed && memcmp(name.p, where, fixed) == 0 && (open || name.n == fixed))
			return true;
		where += n;
		where += strspn(where, " ");
	}
	return false;
}

/* The printable text from `from` on, to the end of its string. */
static struct text evidence_at(struct span bytes, uint64_t from)
{
	struct span s = span_clip(bytes, from, EVIDENCE_MAX);
	size_t n = 0;
	while (n < s.n && s.p[n] >= 0x20 && s.p[n] < 0x7f)
		n++;
	while (n > 0 && s.p[n - 1] == ' ')
		n--;
	return text_from_span(span_clip(s, 0, n));
}

static bool looks_far(const struct component_signature *g)
{
	return component_steps[g->step + g->nsteps - 1].op >= COMPONENT_NEAR;
}

/* One row for a component and version, whatever the number of its banners. */
static void claim_near(struct search *s, const struct product *product, struct fact_component *row, bool apart)
{
	component_complete(row, product, s->subject->arena);
	for (size_t i = 0; i < s->nfound; i++) {
		if (!text_eq(s->found[i].version, row->version) || !text_eq(s->found[i].name, row->name))
			continue;
		component_merge(&s->found[i], row);
		s->times[i]++;
		s->apart[i] = s->apart[i] && apart;
		return;
	}
	if (s->nfound == FOUND_MAX)
		return;
	s->times[s->nfound] = 1;
	s->apart[s->nfound] = apart;
	s->found[s->nfound++] = *row;
}

static void claim(struct search *s, const struct product *product, struct fact_component *row)
{
	claim_near(s, product, row, false);
}

/* What a reading made is kept in the arena. */
static struct text version_of(const struct search *s, const struct component_reading *r)
{
	if (r->version.p != r->made)
		return r->version;
	return text_c(arena_printf(s->subject->arena, "%.*s", (int)r->version.n, r->version.p));
}

/* ---- what a picture, a sound or a film within the bytes was made with ---- */

/* "2023:10:09 15:34:35" (Exif 2.3, DateTime), and no "Line:%d: a ". */
static bool is_date(struct span bytes, uint64_t at)
{
	static const char form[] = "0000:00:00 00:00:00";
	bool date = true;
	for (uint64_t i = 0; date && form[i]; i++)
		date = form[i] == '0' ? at + i < bytes.n && ascii_is_digit((char)bytes.p[at + i]) : span_has(bytes, at + i, &form[i], 1);
	return date;
}

/* A block of comments of FLAC that has room for a vendor of so many bytes and the count of comments: its type and its size in
 * three bytes, the most significant first. A number of four bytes before another has no size there. */
static bool is_flac_block(struct span bytes, uint64_t vendor, uint8_t n)
{
	const uint8_t *block = vendor >= 8 ? bytes.p + vendor - 8 : NULL;
	return block && (block[0] & 0x7f) == 4 && ((unsigned)block[1] << 16 | (unsigned)block[2] << 8 | block[3]) >= n + 8u;
}

static bool behind_mark(struct span bytes, uint64_t from, const char *mark, size_t n, size_t between)
{
	return from >= n + between && span_has(bytes, from - between - n, mark, n);
}

/* The string that `at` stands in is a field of a medium that names its maker: the vendor of a comment header (Vorbis I, section
 * 5.2.1, RFC 7845, section 5.2), of a FLAC block (RFC 9639, section 8.6), MuxingApp and WritingApp of Matroska (RFC 9559, section
 * 5.1.2), the Software of PNG (section 11.3.3.2) or of EXIF, behind the two resolutions (TIFF 6.0, section 2: a value's place is
 * where the one before it ends), with the date behind it. */
static bool is_of_medium(struct span bytes, uint64_t at)
{
	uint64_t from = at, end = at;
	while (from > 0 && at - from < EVIDENCE_MAX && is_printable(bytes.p[from - 1]))
		from--;
	while (end < bytes.n && end - at < EVIDENCE_MAX && is_printable(bytes.p[end]))
		end++;
	uint8_t n = end - from < 128 ? (uint8_t)(end - from) : 0;
	uint8_t length[] = { n, 0, 0, 0 }, size = n | 0x80;
	bool counted = n && from >= 4 && memcmp(bytes.p + from - 4, length, 4) == 0;
	if (counted && (behind_mark(bytes, from, "vorbis", 6, 4) || behind_mark(bytes, from, "OpusTags", 8, 4) ||
					is_flac_block(bytes, from, n)))
		return true;
	if (n && from > 0 && (bytes.p[from - 1] == size || bytes.p[from - 1] == size + 1) &&
		(behind_mark(bytes, from, "\x4d\x80", 2, 1) || behind_mark(bytes, from, "WA", 2, 1)))
		return true;
	uint64_t date = end;
	while (date < bytes.n && date - end < 4 && bytes.p[date] == 0)
		date++;
	return is_date(bytes, date) || behind_mark(bytes, from, "tEXtSoftware", 13, 0);
}

/* What stands in quotes from a string's first byte to its last is a quotation: the line that another program wrote. */
static bool is_quotation(struct span bytes, uint64_t at)
{
	uint64_t end = at;
	if (at == 0 || bytes.p[at - 1] != '"' || (at > 1 && is_printable(bytes.p[at - 2])))
		return false;
	while (end < bytes.n && end - at < QUOTATION_MAX && is_printable(bytes.p[end]))
		end++;
	return end > at && bytes.p[end - 1] == '"';
}

static void claim_banner(struct search *s, const struct component_signature *g, uint64_t at,
						 const struct component_reading *r)
{
	struct span bytes = s->bytes;
	struct fact_component row = {
		.offset = (int64_t)r->from,
		.name = text_c(product_strings + products[g->product].name),
		.version = version_of(s, r),
		.evidence_kind = TEXT_LIT("banner"),
		.evidence = evidence_at(bytes, r->from),
		.package_version = r->package,
		.confidence = looks_far(g) ? TEXT_LIT("likely") : TEXT_LIT("proven"),
	};
	struct text near = looks_far(g) ? evidence_at(bytes, at) : TEXT_NONE;
	if (near.n) { /* a sign that has no text of its own tells a reader nothing */
		row.evidence = text_c(arena_printf(s->subject->arena, "%.*s (near \"%.*s\")", (int)row.evidence.n,
										   row.evidence.p, (int)near.n, near.p));
	}
	claim_near(s, &products[g->product], &row, looks_far(g) && r->apart);
}

/* Tries the signatures that begin with the hit's literal; of several for the same component the first one counts. */
static void read_hit(struct search *s, const struct hit *hit)
{
	const struct component_range *range = &component_anchored[hit->pattern];
	struct text base = text_base(s->subject->path);
	uint32_t done = UINT32_MAX; /* of products */
	for (size_t i = range->first; i < (size_t)range->first + range->n; i++) {
		const struct component_signature *g = &component_signatures[i];
		struct component_reading r;
		if (done == g->product || !where_holds(component_strings + g->where, base) ||
			(g->needs != COMPONENT_NONE && !s->present[g->needs]))
			continue;
		if (s->tries[i] >= TRIES_MAX)
			continue;
		bool read = component_read(g, s->bytes, hit->from, s->loose, &r);
		s->tries[i] += r.far;
		if (!read || (r.version.n && !product_may_be(&products[g->product], r.version)) || is_of_medium(s->bytes, hit->from) ||
			is_quotation(s->bytes, hit->from))
			continue;
		claim_banner(s, g, hit->from, &r);
		done = g->product;
	}
}

static bool search_new(struct search *s, const struct subject *subject, struct sink *sink)
{
	*s = (struct search){
		.subject = subject,
		.sink = sink,
		.bytes = subject->bytes,
		.hits = subject->hits,
		.nhits = subject->nhits,
		.present = ARENA_ARRAY(subject->arena, bool, component_npatterns),
		.tries = ARENA_ARRAY(subject->arena, uint8_t, component_nsignatures),
		.found = ARENA_ARRAY(subject->arena, struct fact_component, FOUND_MAX),
		.times = ARENA_ARRAY(subject->arena, uint32_t, FOUND_MAX),
		.apart = ARENA_ARRAY(subject->arena, bool, FOUND_MAX),
	};
	bool listing = component_is_listing(subject);
	if (listing) {
		s->bytes = component_listing(subject->bytes, subject->arena);
		s->hits = component_listing_hits(s->bytes, subject->hits, subject->nhits, subject->arena, &s->nhits);
	} else {
		s->bytes = component_without_magic(subject->bytes, subject->arena);
	}
	s->loose = listing || s->bytes.n <= COMPONENT_FEW_BYTES;
	s->file = component_file_of(s->bytes, text_base(subject->path));
	return (s->bytes.p || !subject->bytes.n) && s->present && s->tries && s->found && s->times && s->apart;
}

static void search_banners(struct search *s)
{
	for (size_t i = 0; i < s->nhits; i++)
		s->present[s->hits[i].pattern] = true;
	for (size_t i = 0; i < s->nhits && s->nfound < FOUND_MAX; i++)
		read_hit(s, &s->hits[i]);
}

static bool is_proven(const struct fact_component *row)
{
	return text_is(row->confidence, "proven");
}

/* What the version of a row is rather than its product's, as another row shows. In a program of many libraries a version that
 * stands some strings away from a text of one may be any other's: that product says another version itself, or
 * another product says this one. In a product's own file is one release of it: a library that answers to old callers names
 * theirs, too, once. */
static bool is_better(const struct search *s, size_t better, size_t worse)
{
	const struct fact_component *a = &s->found[better], *b = &s->found[worse];
	bool same_product = text_eq(a->name, b->name), same_version = text_eq(a->version, b->version);
	if (!a->version.n || !b->version.n || same_product == same_version || !is_proven(a))
		return false;
	if (s->apart[worse])
		return !same_product || !component_is_part(a->version, b->version);
	const struct product *product = same_product && is_proven(b) ? product_named(a->name) : NULL;
	return product && component_owns(&s->file, product) && s->times[better] >= OFTEN * s->times[worse];
}

/* Whether another product has its version at the same place. */
static bool is_shared(const struct search *s, size_t of)
{
	const struct fact_component *row = &s->found[of];
	for (size_t i = 0; i < s->nfound; i++)
		if (row->version.n && s->found[i].offset == row->offset && !text_eq(s->found[i].name, row->name))
			return true;
	return false;
}

/* A version that a text of another product stands near, too, where this product has one that is nobody else's. */
static bool is_of_neighbour(const struct search *s, size_t of)
{
	const struct fact_component *row = &s->found[of];
	bool shared = !is_proven(row) && is_shared(s, of), other = false;
	for (size_t i = 0; i < s->nfound && shared && !other; i++)
		other = text_eq(s->found[i].name, row->name) && s->found[i].version.n && !text_eq(s->found[i].version, row->version) &&
				!is_shared(s, i);
	return other;
}

/* Of the banners that contradict each other only the better ones stay. */
static void drop_contradicted(struct search *s)
{
	bool worse[FOUND_MAX] = { false };
	for (size_t i = 0; i < s->nfound; i++)
		worse[i] = is_of_neighbour(s, i);
	for (size_t i = 0; i < s->nfound; i++)
		for (size_t k = 0; k < s->nfound && !worse[i]; k++)
			worse[i] = k != i && is_better(s, k, i);
	size_t kept = 0;
	for (size_t i = 0; i < s->nfound; i++) {
		if (worse[i])
			continue;
		s->times[kept] = s->times[i];
		s->apart[kept] = s->apart[i];
		s->found[kept++] = s->found[i];
	}
	s->nfound = kept;
}

static bool is_elf_file(const struct subject *s)
{
	return s->kind == ENTRY_FILE && strcmp(s->format, "elf") == 0;
}

/* The note of a program; those of all programs whose bytes lie in what is no file of one, such as a dump of memory. */
static void search_note(struct search *s)
{
	const struct subject *subject = s->subject;
	for (size_t i = 0; i < subject->nhits && s->nfound < FOUND_MAX; i++) {
		struct fact_component row;
		if (subject->hits[i].pattern != COMPONENT_NOTE_PATTERN ||
			!component_note(subject->bytes, subject->hits[i].from, subject->arena, &row))
			continue;
		const struct product *product = product_named(row.name);
		if (product && !s->noted.p)
			s->noted = row.name;
		claim(s, product, &row);
		if (is_elf_file(subject))
			return;
	}
}

/* The table of a multi-call program that has been found. */
static void search_applets(const struct search *s)
{
	static const char *const programs[] = { "busybox", "toybox" };
	for (size_t i = 0; i < sizeof programs / sizeof programs[0]; i++)
		for (size_t k = 0; k < s->nfound; k++)
			if (text_is(s->found[k].name, programs[i])) {
				component_applets(s->bytes, programs[i], s->sink);
				break;
			}
}

static bool has_banner(const struct search *s, size_t banners, const struct product *product)
{
	for (size_t i = 0; i < banners; i++)
		if (text_is(s->found[i].name, product_strings + product->name))
			return true;
	return false;
}

static struct text confidence_of(enum component_rank rank)
{
	if (rank == COMPONENT_OWN)
		return TEXT_LIT("proven");
	return rank <= COMPONENT_LABEL ? TEXT_LIT("possible") : TEXT_LIT("likely");
}

/* Where it was built, of which a program that only has the product's name says nothing. */
static bool is_origin(enum component_rank rank)
{
	return rank == COMPONENT_PATH || rank == COMPONENT_DEBUG;
}

static bool is_first(const struct component_list *list, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (list->v[k].product == list->v[i].product)
			return false;
	return true;
}

/* Whether better evidence says that it is the version of another product: then the strings around it only speak of one. The
 * same place is no two products' version, nor is a file that is called like two products' (libjpeg.so) both in one version. */
static bool is_of_another(const struct search *s, const struct component_list *list, const struct component_self *v)
{
	bool alone = v->rank == COMPONENT_CONTEXT || v->rank == COMPONENT_CLOSE;
	if ((alone || v->rank == COMPONENT_BESIDE) && component_is_tail_sorted(s->bytes, v->from, v->from + v->version.n))
		return true;
	for (size_t i = 0; i < s->nfound; i++) {
		const struct fact_component *row = &s->found[i];
		bool same_place = v->rank == COMPONENT_BESIDE && row->offset == (int64_t)v->from;
		if (!text_eq(row->version, v->version) || text_is(row->name, product_strings + v->product->name))
			continue;
		const struct product *other = is_proven(row) ? product_named(row->name) : NULL;
		if (alone || same_place || (other && component_owns(&s->file, v->product) && component_owns(&s->file, other)))
			return true;
	}
	for (size_t i = 0; i < list->n; i++)
		if (alone && list->v[i].rank > COMPONENT_CLOSE && list->v[i].product != v->product &&
			text_eq(list->v[i].version, v->version))
			return true;
	return false;
}

/* A signature of the same product says more. */
static void claim_list(struct search *s, const struct component_list *list, bool few)
{
	size_t banners = s->nfound;
	for (size_t i = 0; i < list->n; i++) {
		const struct component_self *v = is_first(list, i) ? component_choose(list, list->v[i].product) : NULL;
		bool elsewhere = v && !few && !is_origin(v->rank) && component_is_elsewhere(&s->file, v->product);
		if (!v || has_banner(s, banners, v->product) || elsewhere || is_of_another(s, list, v))
			continue;
		struct fact_component row = {
			.offset = (int64_t)v->from,
			.name = text_c(product_strings + v->product->name),
			.version = v->version,
			.evidence_kind = is_origin(v->rank) ? TEXT_LIT("path") : TEXT_LIT("banner"),
			.evidence = evidence_at(s->bytes, v->from),
			.confidence = confidence_of(v->rank),
		};
		claim(s, v->product, &row);
	}
}

/* "OpenSSL 1.1.1w  11 Sep 2023": a header's text, which what is compiled with it tells, too. In a few strings it is that
 * product's only where nothing else is spoken of. */
static void drop_header_text(struct search *s)
{
	size_t kept = 0;
	if (!s->nfound || s->file.nowners > 0 || !component_is_few(&s->file))
		return;
	for (size_t i = 0; i < s->nfound; i++)
		if (s->nfound == 1 || !text_is(s->found[i].name, HEADER_PRODUCT))
			s->found[kept++] = s->found[i];
	s->nfound = kept;
	bool alone = kept == 1 && text_is(s->found[0].name, HEADER_PRODUCT);
	const struct product *subject = alone ? component_subject(&s->file, TEXT_NONE) : NULL;
	if (subject && strcmp(product_strings + subject->name, HEADER_PRODUCT) != 0)
		s->nfound = 0;
}

static bool tells_version(const struct search *s)
{
	for (size_t i = 0; i < s->nfound; i++)
		if (s->found[i].version.n)
			return true;
	return false;
}

/* In a few strings, of which no more was told so far than of what product they are: what a signature showed without a version
 * has one only where it stands without a name. */
static void search_few(struct search *s, struct component_list *list)
{
	size_t nshown = s->nfound;
	const struct product *shown = nshown == 1 ? product_named(s->found[0].name) : NULL;
	if (nshown > 0 && !shown)
		return;
	list->n = 0;
	if (!shown)
		component_few_find(&s->file, list);
	claim_list(s, list, true);
	drop_header_text(s);
	bool named = list->n > 0 && strcmp(product_strings + list->v[0].product->name, HEADER_PRODUCT) != 0;
	if (!shown && (s->nfound > 0 || named))
		return;
	list->n = 0;
	component_nameless_find(&s->file, shown, list);
	s->nfound = list->n ? 0 : nshown;
	claim_list(s, list, true);
	s->nfound = s->nfound ? s->nfound : nshown;
}

static bool is_found(const struct search *s, const char *name)
{
	for (size_t i = 0; i < s->nfound; i++)
		if (text_is(s->found[i].name, name))
			return true;
	return false;
}

/* What names itself without a signature. */
static void search_self(struct search *s)
{
	struct component_list list = { .v = ARENA_ARRAY(s->subject->arena, struct component_self, SELF_MAX),
								   .max = SELF_MAX };
	if (!list.v)
		return;
	component_self_find(&s->file, &list);
	component_lone_find(&s->file, s->subject->arena, &list);
	if (is_found(s, "nodejs") || component_choose(&list, product_named(TEXT_LIT("nodejs"))))
		component_node_find(&s->file, &list);
	claim_list(s, &list, false);
	drop_header_text(s);
	if (!tells_version(s) && component_is_few(&s->file))
		search_few(s, &list);
}

/* The name of a library is better evidence than a lone version in it. */
static void drop_possible(struct search *s, const struct product *product, struct text version)
{
	size_t kept = 0;
	for (size_t i = 0; i < s->nfound; i++) {
		const struct fact_component *row = &s->found[i];
		if (!text_is(row->confidence, "possible") || !text_is(row->name, product_strings + product->name) ||
			text_eq(row->version, version))
			s->found[kept++] = *row;
	}
	s->nfound = kept;
}

/* A library whose file is named after its version. */
static void search_name(struct search *s)
{
	struct text base = text_base(s->subject->path);
	struct span name = span_of(base.p, base.n);
	for (size_t i = 0; i < component_nfiles; i++) {
		const struct component_signature *g = &component_files[i];
		struct component_reading r;
		if (!component_read(g, name, 0, false, &r) || r.end != name.n)
			continue;
		struct fact_component row = {
			.offset = FACT_NULL,
			.name = text_c(product_strings + products[g->product].name),
			.version = version_of(s, &r),
			.evidence_kind = TEXT_LIT("filename"),
			.evidence = base,
			.confidence = TEXT_LIT("likely"),
		};
		drop_possible(s, &products[g->product], r.version);
		claim(s, &products[g->product], &row);
		return;
	}
}

/* Texts only speak of components: manuals, scripts, change logs; but for the strings of a program, be they a file or the input. */
static bool may_have_banners(const struct subject *s)
{
	if (s->bytes.n == 0 || strcmp(s->format, "script") == 0)
		return false;
	if (strcmp(s->format, "text") != 0)
		return true;
	return s->kind != ENTRY_STREAM && !sbom_is_bill(s->bytes) && component_is_listing(s);
}

static enum package_db_kind database_of(const struct subject *s)
{
	return s->kind == ENTRY_FILE && s->bytes.n ? package_db_kind(s->path) : PACKAGE_DB_NONE;
}

static bool components_wants(const struct subject *s)
{
	return may_have_banners(s) || is_elf_file(s) || database_of(s) != PACKAGE_DB_NONE ||
		   (s->kind == ENTRY_FILE && component_is_release(s->path));
}

/* Whether another row of the same product, no less certain, says more: "9.0.1378" beside "9.0", a version beside none. */
static bool is_said_better(const struct search *s, const struct fact_component *row)
{
	for (size_t i = 0; i < s->nfound; i++) {
		const struct fact_component *other = &s->found[i];
		bool more = row->version.n ? component_is_part(row->version, other->version) : other->version.n > 0;
		if (more && text_eq(other->name, row->name) && (is_proven(other) || !is_proven(row)))
			return true;
	}
	return false;
}

/* A banner in recorded traffic is that of whoever spoke there, or of the program that recorded it. */
static void doubt_all(struct search *s)
{
	for (size_t i = 0; i < s->nfound; i++)
		s->found[i].confidence = TEXT_LIT("possible");
}

static void components_run(const struct subject *s, struct sink *sink)
{
	enum package_db_kind kind = database_of(s);
	if (kind != PACKAGE_DB_NONE) {
		package_db_run(s, kind, sink);
		return;
	}
	if (component_is_release(s->path)) {
		component_release(s->bytes, sink);
		return;
	}
	struct search search;
	if (!search_new(&search, s, sink)) {
		emit_damage_at(sink, ERR_MEMORY, UINT64_MAX, "no memory to look for components");
		return;
	}
	bool banners = may_have_banners(s), full = false;
	if (banners) {
		search_note(&search);
		search_banners(&search);
		full = search.nfound == FOUND_MAX;
		if (!search.loose)
			drop_contradicted(&search);
		search_self(&search);
	}
	full = full || search.nfound == FOUND_MAX;
	if (full && is_elf_file(s)) /* a scanner's program: it has the texts of all, and is none of them */
		search.nfound = search.noted.n ? 1 : 0;
	if (is_elf_file(s) || (s->kind == ENTRY_FILE && (strcmp(s->format, "data") == 0 || strcmp(s->format, "pe") == 0)))
		search_name(&search);
	search_applets(&search);
	if (capture_is_recording(s->bytes))
		doubt_all(&search);
	for (size_t i = 0; i < search.nfound; i++)
		if (!is_said_better(&search, &search.found[i]))
			emit_component(sink, &search.found[i]);
	if (full || search.nfound == FOUND_MAX)
		emit_damage_at(sink, ERR_BUDGET, UINT64_MAX, "%u components in one blob: %s", FOUND_MAX,
					   is_elf_file(s) ? "a program with the texts of so many is none of them" : "no more are listed");
}

const struct inspector components_inspector = {
	.name = "components",
	.title =
		"third-party components and versions: banners, library names, package notes and databases (dpkg, opkg, apk, rpm)",
	.spec = "deb822(5), deb-version(7), opkg, apk-tools, RPM manual; each banner's source stands in data/components/products/",
	.patterns = component_patterns,
	.wants = components_wants,
	.run = components_run,
};

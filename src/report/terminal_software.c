/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/terminal_software.h"

#include "base/plural.h"
#include "report/tables.h"
#include "report/view_software.h"

#define MOST_URGENT 3
#define MARGIN 2
#define NAME_MAX_BYTES 40u /* the block is to stay short, whatever the case holds */

struct block {
	struct view *v;
	FILE *out;
	const struct report_style *style;
	struct arena *scratch;
};

/* The beginning, whole characters; never absent. What prints it escapes it. */
static struct text short_text(struct text t)
{
	if (t.n > NAME_MAX_BYTES)
		for (t.n = NAME_MAX_BYTES; t.n > NAME_MAX_BYTES - 4 && ((unsigned char)t.p[t.n] & 0xc0) == 0x80;)
			t.n--;
	return t.n ? t : TEXT_LIT("");
}

/* A paragraph behind the margin; the text is taken as it comes. */
static void say(struct block *b, const char *words, enum report_paint colour)
{
	if (!words)
		return;
	style_spaces(b->out, MARGIN);
	style_wrap(b->out, b->style, style_text(b->style, text_c(words), 0, b->scratch), MARGIN, MARGIN, 0, colour);
}

/* "41 components, 38 of them with a known version." and what is known of them. */
static void counts(struct block *b, const struct view_software *s)
{
	char n[6][VIEW_NUMBER_MAX];
	char *line = s->components == 0   ? "No component is known."
				 : s->components == 1 ? arena_printf(b->scratch, "1 component, whose version is %s.",
													 s->versioned ? "known" : "not known")
									  : arena_printf(b->scratch, "%s components, %s of them with a known version.",
													 view_count(s->components, n[0]), view_count(s->versioned, n[1]));
	if (line && s->was_matched && s->components && s->versioned == 0 && s->vulnerabilities == 0)
		line = arena_printf(b->scratch, "%s Without a version no known vulnerability can be matched.", line);
	else if (line && s->was_matched && s->components && s->vulnerabilities == 0)
		line = arena_printf(b->scratch, "%s No known vulnerability of %s applies, as far as the feeds go.", line,
							plural((uint64_t)s->components, "it", "them"));
	else if (line && s->was_matched && s->vulnerabilities) {
		line = arena_printf(b->scratch, "%s %s known %s: %s %s known to be exploited", line,
							view_count(s->vulnerabilities, n[2]),
							plural((uint64_t)s->vulnerabilities, "vulnerability applies", "vulnerabilities apply"),
							view_count(s->exploited, n[3]), plural((uint64_t)s->exploited, "is", "are"));
		if (line && s->declared)
			line = arena_printf(b->scratch, "%s.", line); /* nobody knows what boot starts */
		else if (line)
			line = arena_printf(b->scratch, "%s, %s %s critical or high in what boot starts.", line,
								view_count(s->severe, n[4]), plural((uint64_t)s->severe, "is", "are"));
	}
	if (line && s->doubted)
		line = arena_printf(b->scratch, "%s Of %s of them a document states otherwise.", line,
							view_count(s->doubted, n[5]));
	say(b, line, PAINT_PLAIN);
}

/* A bill shows nothing of a product; and of what it only names nothing can be known. */
static void declared(struct block *b, const struct view_software *s)
{
	char n[VIEW_NUMBER_MAX];
	if (s->declared)
		say(b,
			s->components == 1
				? "It is what a bill of materials declares: no image shows that it is in a product, that nothing else is, or"
				  " what runs."
				: "They are what a bill of materials declares: no image shows that they are in a product, that nothing"
				  " else is, or what runs.",
			PAINT_PLAIN);
	if (s->nameless)
		say(b,
			arena_printf(b->scratch, "%s of them %s neither a package URL nor a CPE name: nothing is known of %s.",
						 view_count(s->nameless, n), plural((uint64_t)s->nameless, "has", "have"),
						 plural((uint64_t)s->nameless, "it", "them")),
			PAINT_YELLOW);
}

/* A bill beside something else: why nothing is made of it. */
static void unmatched_bill(struct block *b, const struct view_software *s)
{
	char n[VIEW_NUMBER_MAX];
	if (s->unmatched_bill)
		say(b,
			arena_printf(
				b->scratch,
				"A bill of materials in it declares %s %s. They are not matched: beside the bill lies what could not be"
				" read, or is neither a document nor read as software, so that it is no bill alone. Give the bill itself"
				" as the input to have it matched.",
				view_count(s->unmatched_bill, n), plural((uint64_t)s->unmatched_bill, "component", "components")),
			PAINT_YELLOW);
}

static void add_row(struct block *b, struct report_table *table, sqlite3_stmt *s)
{
	struct text severity = short_text(view_text(s, VULNERABILITY_SEVERITY)),
				component = short_text(view_text(s, VULNERABILITY_COMPONENT)),
				version = short_text(view_text(s, VULNERABILITY_VERSION)),
				exposure = short_text(view_text(s, VULNERABILITY_EXPOSURE));
	struct text cells[5] = { { NULL, 0 } };
	bool is_scored = sqlite3_column_type(s, VULNERABILITY_CVSS) != SQLITE_NULL;
	cells[0] = text_c(arena_printf(b->scratch, "%.1f", sqlite3_column_double(s, VULNERABILITY_PRIORITY)));
	cells[1] = short_text(view_text(s, VULNERABILITY_NAME));
	cells[2] = is_scored ? text_c(arena_printf(b->scratch, "%.1f %.*s", sqlite3_column_double(s, VULNERABILITY_CVSS),
											   (int)severity.n, severity.p))
						 : TEXT_LIT("no score");
	cells[3] = text_c(arena_printf(b->scratch, "%.*s %.*s", (int)component.n, component.p, (int)version.n, version.p));
	cells[4] = text_c(arena_printf(b->scratch, "%.*s%s", (int)exposure.n, exposure.p,
								   view_int(s, VULNERABILITY_KEV) > 0 ? ", exploited" : ""));
	report_table_row(table, cells);
}

static struct error most_urgent(struct block *b)
{
	static const struct report_column columns[] = {
		{ NULL, true, 0 }, { NULL, false, 20 }, { NULL, false, 12 }, { NULL, false, 24 }, { NULL, false, 0 }
	};
	struct report_table *table = report_table_new(b->style, columns, 5);
	sqlite3_stmt *s = NULL;
	struct error e = table ? view_vulnerabilities(b->v, &s) : error_at(ERR_MEMORY, 0, "no memory for the report");
	for (int n = 0; n < MOST_URGENT && !error_is(&e) && view_step(s, &e); n++) {
		if (!text_is(view_text(s, VULNERABILITY_STATE), "affected"))
			break;
		add_row(b, table, s);
	}
	sqlite3_finalize(s);
	if (!error_is(&e))
		e = report_table_print(table, b->out, MARGIN);
	report_table_free(table);
	return e;
}

static void chance(struct block *b, const struct view_software *s)
{
	if (s->chance > 0 && s->vulnerabilities > 0)
		say(b,
			arena_printf(
				b->scratch,
				"The chance that at least one of them is exploited somewhere within 30 days is %.1f %% (EPSS).",
				s->chance * 100),
			PAINT_PLAIN);
}

/* The oldest and the newest: one source that nobody updates is as good as none. */
static struct error feeds(struct block *b)
{
	char age[2][VIEW_NUMBER_MAX];
	const char *oldest = NULL, *newest = NULL;
	sqlite3_stmt *s = NULL;
	struct error e = view_feeds(b->v, VIEW_FEEDS_OLDEST_FIRST, &s);
	while (!error_is(&e) && view_step(s, &e)) {
		struct view_feed f = view_feed(s);
		struct text name = short_text(f.name);
		const char *words = view_age(f.age, age[oldest != NULL]);
		newest = arena_printf(b->scratch, "%.*s, %s", (int)name.n, name.p, words);
		if (!oldest)
			oldest = newest;
	}
	sqlite3_finalize(s);
	if (!error_is(&e) && !oldest)
		say(b, "The feed database has no records: assay feed update fetches them.", PAINT_YELLOW);
	else if (!error_is(&e))
		say(b,
			oldest == newest ? arena_printf(b->scratch, "Feeds: %s.", oldest)
							 : arena_printf(b->scratch, "Feeds: the oldest is %s; the newest %s.", oldest, newest),
			PAINT_DIM);
	return e;
}

static void where_to_go_on(struct block *b, const struct view_software *s)
{
	const char *path = b->style->case_path ? b->style->case_path : "CASE";
	if (!s->was_matched && s->components > 0)
		say(b,
			arena_printf(
				b->scratch,
				"%s not matched with known vulnerabilities. `assay feed update` fetches the feeds (or `assay feed"
				" import`, without the Internet); then: assay vulns %s",
				s->components == 1 ? "It was" : "They were", path),
			PAINT_YELLOW);
	else if (s->vulnerabilities > 0)
		say(b,
			arena_printf(b->scratch, "%s, and why: assay vulns %s", s->vulnerabilities == 1 ? "Which" : "All of them",
						 path),
			PAINT_DIM);
}

struct error terminal_software(struct view *v, FILE *out, const struct report_style *style, struct arena *scratch)
{
	struct block b = { v, out, style, scratch };
	struct view_software s = view_software(v);
	struct error e = error_none();
	arena_reset(scratch);
	if (!s.is_there || (s.components == 0 && !s.was_matched && !s.unmatched_bill))
		return e;
	putc('\n', out);
	paint(out, style, PAINT_BOLD);
	fputs("COMPONENTS", out);
	paint_end(out, style, PAINT_BOLD);
	putc('\n', out);
	counts(&b, &s);
	declared(&b, &s);
	unmatched_bill(&b, &s);
	if (s.vulnerabilities > 0)
		e = most_urgent(&b);
	chance(&b, &s);
	if (!error_is(&e) && s.was_matched)
		e = feeds(&b);
	where_to_go_on(&b, &s);
	return e;
}

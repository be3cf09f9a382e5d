/* SPDX-License-Identifier: GPL-3.0-or-later */
/* PDF by poppler: the text of each page in reading order, headings by the size of their letters. */
#include "document/pdf.h"

#include <ctype.h>
#include <dlfcn.h>
#include <poppler.h>

#include "base/library.h"
#include "document/text.h"

/* The functions that are used; each is a pointer of that name. */
#define PDF_FUNCTIONS(F)                                                                                               \
	F(poppler_document_new_from_bytes)                                                                                 \
	F(poppler_document_get_n_pages) F(poppler_document_get_page) F(poppler_document_get_title)                         \
		F(poppler_page_get_text) F(poppler_page_get_text_attributes) F(poppler_page_free_text_attributes)              \
			F(poppler_page_get_image_mapping) F(poppler_page_free_image_mapping) F(poppler_error_quark)                \
				F(poppler_page_get_link_mapping) F(poppler_page_free_link_mapping) F(poppler_page_get_text_for_area)   \
					F(poppler_page_get_size)
/* Those of GLib, which poppler brings along. */
#define GLIB_FUNCTIONS(F) F(g_bytes_new_static) F(g_bytes_unref) F(g_object_unref) F(g_free) F(g_error_free)

struct pdf_library {
	PDF_FUNCTIONS(LIBRARY_FIELD)
	GLIB_FUNCTIONS(LIBRARY_FIELD)
	PopplerDocument *warm; /* kept: with the last document poppler forgets what it read from disk */
};

/* One empty page, one word: enough to let poppler set itself up. */
static const char warm_up[] =
	"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
	"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>endobj\n"
	"4 0 obj<</Length 30>>stream\nBT /F 9 Tf 9 9 Td (warm) Tj ET\nendstream endobj\n"
	"5 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj\n"
	"trailer<</Root 1 0 R/Size 6>>\n";

static void warm(struct pdf_library *l)
{
	GBytes *bytes = l->g_bytes_new_static(warm_up, sizeof warm_up - 1);
	l->warm = l->poppler_document_new_from_bytes(bytes, NULL, NULL);
	PopplerPage *page = l->warm ? l->poppler_document_get_page(l->warm, 0) : NULL;
	if (page) {
		l->g_free(l->poppler_page_get_text(page));
		l->poppler_page_free_text_attributes(l->poppler_page_get_text_attributes(page));
		l->poppler_page_free_image_mapping(l->poppler_page_get_image_mapping(page));
		l->g_object_unref(page);
	}
	l->g_bytes_unref(bytes);
}

const struct pdf_library *pdf_load(struct error *error)
{
	static struct pdf_library pdf; /* one a process: what is loaded stays */
	static struct library library = {
		.purpose = "a PDF is read", .file = "libpoppler-glib.so.8", .package = "libpoppler-glib8",
		.mode = RTLD_NOW | RTLD_GLOBAL, .names = PDF_FUNCTIONS(LIBRARY_NAME) GLIB_FUNCTIONS(LIBRARY_NAME),
		.functions = (void **)&pdf,
	};
	*error = library_load(&library);
	if (error_is(error))
		return NULL;
	if (!pdf.warm)
		warm(&pdf);
	if (!pdf.warm)
		*error = error_at(ERR_UNSUPPORTED, 0, "libpoppler-glib.so.8 does not read a PDF");
	return pdf.warm ? &pdf : NULL;
}

struct pdf {
	struct doc *d;
	const struct pdf_library *l;
	PopplerDocument *document;
	double body;     /* the size that most letters have, points */
	uint32_t unread; /* pages without text */
	uint32_t broken; /* that could not be read at all */
	int first_unread, first_broken;
};

/* The letters of a page by their size: the size that most have. Steps of half a point, up to 50. */
struct sizes {
	uint32_t letters[101];
};

static void count_sizes(const struct pdf *p, PopplerPage *page, struct sizes *s)
{
	GList *list = p->l->poppler_page_get_text_attributes(page);
	for (const GList *i = list; i; i = i->next) {
		const PopplerTextAttributes *a = i->data;
		double step = a->font_size * 2;
		int n = a->end_index - a->start_index + 1;
		if (step >= 1 && step < 101 && n > 0)
			s->letters[(int)step] += (uint32_t)n;
	}
	p->l->poppler_page_free_text_attributes(list);
}

/* Of one line of a page: how it is set. */
struct setting {
	double size;
	bool bold;
};

/* Lines come in order: the attributes are walked once. `at`: characters before the line. */
static struct setting setting_of(const GList **list, int from, int to)
{
	struct setting s = { 0, true };
	int counted = 0;
	while (*list && ((const PopplerTextAttributes *)(*list)->data)->end_index < from)
		*list = (*list)->next;
	for (const GList *i = *list; i; i = i->next) {
		const PopplerTextAttributes *a = i->data;
		if (a->start_index >= to)
			break;
		int first = a->start_index > from ? a->start_index : from, last = a->end_index + 1 < to ? a->end_index + 1 : to;
		if (last <= first)
			continue;
		s.size += a->font_size * (last - first);
		counted += last - first;
		const char *name = a->font_name;
		s.bold &= name && (strcasestr(name, "bold") || strcasestr(name, "black") || strcasestr(name, "-bd"));
	}
	s.size = counted ? s.size / counted : 0;
	s.bold &= counted > 0;
	return s;
}

static int count_characters(struct text t)
{
	int n = 0;
	for (size_t i = 0; i < t.n; i++)
		n += ((uint8_t)t.p[i] & 0xC0) != 0x80;
	return n;
}

static size_t letters_in(struct text t)
{
	size_t n = 0;
	for (size_t at = 0; at < t.n;)
		n += utf8_is_letter(utf8_next(t, &at));
	return n;
}

/* "3", "- 3 -", "Page 3 of 9": a number of a page and nothing else. */
static bool is_page_number(struct text t)
{
	size_t digits = 0;
	for (size_t i = 0; i < t.n; i++)
		digits += isdigit((unsigned char)t.p[i]) != 0;
	size_t letters = letters_in(t);
	return digits && t.n < 20 &&
		   (letters == 0 || (letters <= 6 && (text_starts(t, "Page ") || text_starts(t, "Seite "))));
}

static unsigned heading_of(const struct pdf *p, const struct setting *s, struct text t)
{
	if (t.n > 120 || letters_in(t) < 3 || !p->body || strchr(".,;", t.p[t.n - 1]))
		return 0;
	double ratio = s->size / p->body;
	return ratio >= 1.6                                                 ? 1
		   : ratio >= 1.3                                               ? 2
		   : ratio >= 1.12                                              ? 3
		   : s->bold && ratio > 0.95 && t.n < 90 && t.p[t.n - 1] != ':' ? 4
																		: 0;
}

static size_t item_mark(struct text t)
{
	static const char *const marks[] = { "\xE2\x80\xA2", "\xEF\x82\xB7", "\xE2\x96\xAA",
										 "\xE2\x97\xA6", "- ",           "\xE2\x80\x93 ",
										 "* ",           "\xC2\xB7 ",    "o " };
	for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++)
		if (text_starts(t, marks[i]))
			return strlen(marks[i]);
	return 0;
}

/* Whether its last word is a part of an address: "security@acme-", "https://acme-". */
static bool ends_in_address(struct text t)
{
	size_t from = t.n;
	while (from > 0 && t.p[from - 1] != ' ')
		from--;
	for (size_t i = from; i < t.n; i++)
		if (t.p[i] == '@' || t.p[i] == '/' || t.p[i] == '.')
			return true;
	return false;
}

struct page_writer {
	const struct pdf *p;
	unsigned heading; /* level of the one that is open */
	bool ended;       /* the line before ended a sentence, and short of the margin */
	bool brief;       /* the line before was short, or a label and its value: what follows may be another of them */
	size_t widest;    /* line of the page, bytes */
};

static void write_line(struct page_writer *w, struct text t, const struct setting *s)
{
	struct doc *d = w->p->d;
	size_t mark = item_mark(t);
	bool contents = plain_is_contents(t), label = !mark && plain_is_label(t);
	unsigned level = mark || contents || label ? 0 : heading_of(w->p, s, t);
	if (level) {
		if (w->heading != level)
			text_open(d, BLOCK_HEADING, level);
	} else if (mark) {
		text_open(d, BLOCK_ITEM, 1);
	} else if (w->heading || w->ended || contents || (label && w->brief)) {
		text_open(d, BLOCK_PARAGRAPH, 1);
	}
	w->heading = level;
	w->brief = t.n * 10 < w->widest * 8 || label;
	w->ended = !level && ((t.n * 10 < w->widest * 8 && strchr(".:!?", t.p[t.n - 1])) || contents);
	t = text_of(t.p + mark, t.n - mark);
	/* a word that is parted at the end of a line; an address keeps its hyphen */
	bool parted = t.n > 2 && t.p[t.n - 1] == '-' && islower((unsigned char)t.p[t.n - 2]);
	text_add(d, parted && !ends_in_address(t) ? text_of(t.p, t.n - 1) : t);
	d->gap = !parted;
}

static void write_page(const struct pdf *p, PopplerPage *page, struct text t)
{
	struct page_writer w = { .p = p, .brief = true };
	GList *attributes = p->l->poppler_page_get_text_attributes(page);
	const GList *a = attributes;
	int at = 0;
	for (int pass = 0; pass < 2; pass++)
		for (size_t from = 0; from < t.n && !p->d->full && !p->d->failed;) {
			const char *end = memchr(t.p + from, '\n', t.n - from);
			size_t to = end ? (size_t)(end - t.p) : t.n;
			struct text line = text_of(t.p + from, to - from);
			from = to + 1;
			if (pass == 0) {
				w.widest = line.n > w.widest ? line.n : w.widest;
				continue;
			}
			int n = count_characters(line);
			struct setting s = setting_of(&a, at, at + n);
			at += n + 1;
			p->d->line++;
			while (line.n && line.p[0] == ' ')
				line = text_of(line.p + 1, line.n - 1);
			while (line.n && isspace((unsigned char)line.p[line.n - 1]))
				line.n--;
			if (line.n && !is_page_number(line))
				write_line(&w, line, &s);
		}
	p->l->poppler_page_free_text_attributes(attributes);
}

static void write_links(const struct pdf *p, PopplerPage *page)
{
	double width, height;
	GList *list = p->l->poppler_page_get_link_mapping(page);
	p->l->poppler_page_get_size(page, &width, &height);
	for (const GList *i = list; i && !p->d->failed; i = i->next) {
		const PopplerLinkMapping *m = i->data;
		if (!m->action || m->action->type != POPPLER_ACTION_URI || !m->action->uri.uri)
			continue;
		/* its area counts from below, text from above */
		PopplerRectangle area = { m->area.x1, height - m->area.y2, m->area.x2, height - m->area.y1 };
		char *shown = p->l->poppler_page_get_text_for_area(page, &area);
		char *url = arena_strdup(p->d->arena, text_c(m->action->uri.uri));
		struct link *l = url ? doc_push(p->d, &p->d->links, sizeof *l) : NULL;
		if (l)
			*l = (struct link){ text_at(p->d) ? text_at(p->d) - 1 : 0, text_c(url),
								text_c(arena_strdup(p->d->arena, text_c(shown))) };
		p->l->g_free(shown);
	}
	p->l->poppler_page_free_link_mapping(list);
}

/* A page that shows pictures and next to no letters was scanned. */
static bool lacks_text(const struct pdf *p, PopplerPage *page, struct text t)
{
	size_t letters = letters_in(t);
	if (letters == 0 || letters >= 25)
		return letters == 0;
	GList *images = p->l->poppler_page_get_image_mapping(page);
	bool scanned = images != NULL;
	p->l->poppler_page_free_image_mapping(images);
	return scanned;
}

static void read_page(struct pdf *p, int i)
{
	PopplerPage *page = p->l->poppler_document_get_page(p->document, i);
	p->d->page = (uint32_t)i + 1;
	if (!page) {
		p->first_broken = p->broken++ ? p->first_broken : i + 1;
		return;
	}
	char *text = p->l->poppler_page_get_text(page);
	if (lacks_text(p, page, text_c(text))) {
		p->first_unread = p->unread++ ? p->first_unread : i + 1;
	} else {
		write_page(p, page, text_c(text));
		write_links(p, page);
	}
	p->l->g_free(text);
	p->l->g_object_unref(page);
}

static void measure_body(struct pdf *p, int pages)
{
	struct sizes s = { { 0 } };
	uint32_t most = 0;
	for (int i = 0; i < pages && i < 30; i++) {
		PopplerPage *page = p->l->poppler_document_get_page(p->document, i);
		if (page) {
			count_sizes(p, page, &s);
			p->l->g_object_unref(page);
		}
	}
	for (int i = 1; i < 101; i++)
		if (s.letters[i] > most) {
			most = s.letters[i];
			p->body = i / 2.0;
		}
}

static void read_pages(struct pdf *p)
{
	struct doc *d = p->d;
	int pages = p->l->poppler_document_get_n_pages(p->document);
	d->pages = pages > 0 ? (uint32_t)pages : 0;
	if (d->pages > d->limits->pages) {
		doc_damage(d, ERR_BUDGET, UINT64_MAX, "it says that it has %u pages; the first %u are read", d->pages,
				   d->limits->pages);
		pages = (int)d->limits->pages;
	}
	measure_body(p, pages);
	d->line = 0;
	for (int i = 0; i < pages && !d->failed && !d->full; i++)
		read_page(p, i);
	text_close(d);
	d->pages_without_text = p->unread;
	if (pages <= 0)
		doc_damage(d, ERR_CORRUPT, UINT64_MAX, "no page was found in it: its list of pages is missing or damaged");
	if (p->broken)
		doc_damage(d, ERR_CORRUPT, UINT64_MAX, "%u of %u pages can not be read, the first is page %d", p->broken,
				   d->pages, p->first_broken);
	if (p->unread)
		doc_damage(d, ERR_UNSUPPORTED, UINT64_MAX,
				   "%u of %u pages have no text, the first is page %d: scanned; what they say is not known", p->unread,
				   d->pages, p->first_unread);
}

void read_pdf(struct doc *d, struct span bytes)
{
	struct pdf p = { .d = d, .l = d->options->pdf };
	if (!p.l) {
		doc_damage(d, ERR_UNSUPPORTED, 0, "a PDF, and poppler is not there to read it");
		return;
	}
	GError *error = NULL;
	GBytes *data = p.l->g_bytes_new_static(bytes.p, bytes.n);
	p.document = p.l->poppler_document_new_from_bytes(data, NULL, &error);
	if (p.document) {
		char *title = p.l->poppler_document_get_title(p.document);
		if (title && title[0])
			d->title = text_c(arena_strdup(d->arena, text_c(title)));
		p.l->g_free(title);
		read_pages(&p);
		p.l->g_object_unref(p.document);
	} else {
		bool locked = error && error->domain == p.l->poppler_error_quark() && error->code == POPPLER_ERROR_ENCRYPTED;
		doc_damage(d, locked ? ERR_ENCRYPTED : ERR_CORRUPT, 0,
				   locked ? "it opens with a password only" : "no PDF that could be read: %s",
				   error ? error->message : "unknown");
	}
	if (error)
		p.l->g_error_free(error);
	p.l->g_bytes_unref(data);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Ways to reach somebody, and links. */
#include <ctype.h>
#include <strings.h>

#include "base/blank.h"
#include "document/lexicon.h"

static const struct link *link_in(const struct doc *d, const struct sentence *s, size_t from)
{
	const struct link *l = DOC_ARRAY(d, link, links);
	for (size_t i = from; i < DOC_COUNT(d, link, links); i++)
		if (l[i].at >= s->from && l[i].at < s->to)
			return &l[i];
	return NULL;
}

static bool is_web(struct text url)
{
	return text_starts(url, "https://") || text_starts(url, "http://");
}

/* "+49 30 123456": where it ends; 0: none begins there. */
static size_t phone_end(struct text t, size_t at)
{
	size_t digits = 0, i = at + 1, end = 0;
	if (t.p[at] != '+' || i >= t.n || !isdigit((unsigned char)t.p[i]))
		return 0;
	for (; i < t.n && i - at < 24 && (isdigit((unsigned char)t.p[i]) || strchr(" ()-/.", t.p[i])); i++)
		if (isdigit((unsigned char)t.p[i])) {
			digits++;
			end = i + 1;
		}
	return digits >= 7 && digits <= 15 ? end : 0;
}

/* An OpenPGP fingerprint: 40 hexadecimal digits, in groups or not. */
static size_t fingerprint_end(struct text t, size_t at)
{
	size_t digits = 0, i = at;
	if (at && isalnum((unsigned char)t.p[at - 1]))
		return 0;
	for (; i < t.n && digits < 40 && (isxdigit((unsigned char)t.p[i]) || (digits && (t.p[i] == ' ' || t.p[i] == ':')));
		 i++)
		digits += isxdigit((unsigned char)t.p[i]) != 0;
	return digits == 40 && !(i < t.n && isalnum((unsigned char)t.p[i])) ? i : 0;
}

static struct text find_run(const struct doc *d, const struct sentence *s, size_t (*end_of)(struct text, size_t))
{
	struct text t = text_cut(d, s->from, s->to);
	for (size_t at = 0; at < t.n; at++) {
		size_t end = end_of(t, at);
		if (end)
			return text_of(t.p + at, end - at);
	}
	return TEXT_NONE;
}

static bool is_key(struct text url)
{
	static const char *const marks[] = { ".asc",       "pgp",      "gpg", "openpgp4fpr:", "keys.openpgp.org",
										 "public-key", "publickey" };
	for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++)
		if (text_has(url, marks[i]))
			return true;
	return false;
}

static struct text link_address(struct text url, const char **kind)
{
	static const struct {
		const char *scheme, *kind;
	} schemes[] = { { "mailto:", "email" }, { "tel:", "phone" } };
	for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++)
		if (text_starts(url, schemes[i].scheme)) {
			size_t n = strlen(schemes[i].scheme), to = n;
			while (to < url.n && url.p[to] != '?')
				to++;
			while (n < url.n && url.p[n] == '/') /* mailto:// is wrong and frequent */
				n++;
			to = to < n ? n : to;
			*kind = schemes[i].kind;
			return to > n ? text_of(url.p + n, to - n) : TEXT_NONE;
		}
	*kind = is_key(url) ? "key" : text_has(url, "form") || text_has(url, "contact") ? "form" : "url";
	return is_web(url) || text_starts(url, "openpgp4fpr:") || text_starts(url, "/") ? url : TEXT_NONE;
}

struct text address_in(const struct doc *d, const struct sentence *s, const char **kind)
{
	const struct word *w = &DOC_ARRAY(d, word, words)[s->word];
	const struct link *l = link_in(d, s, 0);
	struct text t = l ? link_address(l->url, kind) : TEXT_NONE;
	if (text_is_example_address(t))
		t = TEXT_NONE;
	if (t.n && strcmp(*kind, "email") == 0)
		return t;
	for (int wanted = WORD_MAIL; wanted <= WORD_URL; wanted++)
		for (uint32_t i = 0; i < s->nwords; i++)
			if (w[i].kind == wanted && !text_is_example_address(w[i].text)) {
				*kind = wanted == WORD_MAIL ? "email" : is_key(w[i].text) ? "key" : "url";
				return text_cut(d, w[i].at, w[i].at + w[i].length);
			}
	struct text phone = t.n ? TEXT_NONE : find_run(d, s, phone_end);
	if (phone.n) {
		*kind = "phone";
		return phone;
	}
	return t;
}

struct contacts {
	struct reading *r;
	const struct sentence *s;
	struct sentence_wording *words;
	bool prepared, unsaid;
	const char *purpose;
};

bool mailbox_is_elsewhere(struct text mail)
{
	static const char *const names[] = { "sales",   "shop",    "store",      "order",       "orders",   "press",
										 "presse",  "media",   "jobs",       "careers",     "karriere", "marketing",
										 "billing", "invoice", "returns",    "vertrieb",    "investor", "investors",
										 "noreply", "no-reply", "donotreply", "do-not-reply" };
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		size_t n = strlen(names[i]);
		if (mail.n > n && mail.p[n] == '@' && strncasecmp(mail.p, names[i], n) == 0)
			return true;
	}
	return false;
}

/* security@ and privacy@ tell what they are for wherever they stand, but where nobody reads them any more. */
static const char *purpose_of_mail(struct text mail)
{
	static const struct {
		const char *begins, *purpose;
	} known[] = { { "security", "security" },
				  { "psirt", "security" },
				  { "cert@", "security" },
				  { "vuln", "security" },
				  { "abuse", "security" },
				  { "privacy", "privacy" },
				  { "dpo", "privacy" },
				  { "datenschutz", "privacy" },
				  { "gdpr", "privacy" },
				  { "dataprotection", "privacy" },
				  { "data-protection", "privacy" },
				  { "support", "support" },
				  { "help", "support" },
				  { "service", "support" },
				  { "kundenservice", "support" } };
	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
		if (mail.n >= strlen(known[i].begins) && strncasecmp(mail.p, known[i].begins, strlen(known[i].begins)) == 0)
			return known[i].purpose;
	return NULL;
}

static const char *purpose(struct contacts *c, struct text value, const char *kind)
{
	const char *known = strcmp(kind, "email") == 0 ? purpose_of_mail(value) : NULL;
	if (!c->r->lexicon || (!known && mailbox_is_elsewhere(value)))
		return known;
	if (!c->prepared) {
		reading_wording(c->r, c->s, c->words);
		c->unsaid = DOC_ARRAY(c->r->d, block, blocks)[c->s->block].kind == BLOCK_CODE ||
					is_unsaid(c->r->d, c->s, &c->words->wording, c->words->lead);
		c->purpose = reading_name(c->r, c->words, c->s, &c->r->lexicon->purposes);
		c->prepared = true;
	}
	if (c->unsaid || (c->purpose && strcmp(c->purpose, "sales") == 0)) /* "For orders, write to security@..." */
		return NULL;
	return known ? known : c->purpose;
}

/* A web address is a contact only where its sentence says what it is for; mail, telephone and keys always are. */
static void emit_contact(struct contacts *c, struct text value, const char *kind, uint32_t at)
{
	const char *what = purpose(c, value, kind);
	bool web = strcmp(kind, "url") == 0 || strcmp(kind, "form") == 0;
	if (!value.n || (web && !what) || c->s->silent || text_is_example_address(value) ||
		!reading_counts(c->r, FACT_document_contact))
		return;
	struct fact_document_contact row = {
		.kind = text_c(kind), .value = value, .purpose = text_c(what), .sentence = reading_quote(c->r, c->s)
	};
	text_place(c->r->d, at, &row.line, &row.page);
	emit_document_contact(c->r->d->sink, &row);
}

static void emit_of_sentence(struct contacts *c, size_t *link)
{
	const struct doc *d = c->r->d;
	const struct word *w = &DOC_ARRAY(d, word, words)[c->s->word];
	struct text seen[32];
	size_t nseen = 0;
	for (uint32_t i = 0; i < c->s->nwords; i++)
		if (w[i].kind == WORD_MAIL || w[i].kind == WORD_URL) {
			struct text value = text_cut(d, w[i].at, w[i].at + w[i].length);
			if (nseen < 32)
				seen[nseen++] = value;
			emit_contact(c, value, w[i].kind == WORD_MAIL ? "email" : is_key(value) ? "key" : "url", w[i].at);
		}
	const struct link *l = DOC_ARRAY(d, link, links);
	size_t n = DOC_COUNT(d, link, links);
	while (*link < n && l[*link].at < c->s->from)
		++*link;
	for (; *link < n && l[*link].at < c->s->to; ++*link) {
		const char *kind = NULL;
		struct text value = link_address(l[*link].url, &kind);
		bool again = false;
		for (size_t i = 0; i < nseen; i++)
			again |= text_eq(seen[i], value);
		if (value.n && !again)
			emit_contact(c, value, kind, l[*link].at);
	}
	struct text phone = find_run(d, c->s, phone_end), key = find_run(d, c->s, fingerprint_end);
	emit_contact(c, phone, "phone", c->s->from);
	emit_contact(c, key, "key", c->s->from);
}

static void emit_links(struct reading *r)
{
	const struct doc *d = r->d;
	for (size_t i = 0; i < DOC_COUNT(d, link, links) && reading_counts(r, FACT_document_link); i++) {
		const struct link *l = &DOC_ARRAY(d, link, links)[i];
		struct fact_document_link row = { .url = l->url, .text = l->text };
		text_place(d, l->at, &row.line, &row.page);
		emit_document_link(d->sink, &row);
	}
	/* addresses that stand in the text as they are */
	for (size_t i = 0; i < DOC_COUNT(d, word, words); i++) {
		const struct word *w = &DOC_ARRAY(d, word, words)[i];
		if (w->kind != WORD_URL)
			continue;
		struct text url = text_cut(d, w->at, w->at + w->length);
		bool linked = false;
		for (size_t k = 0; k < DOC_COUNT(d, link, links) && k < 4096; k++)
			linked |= DOC_ARRAY(d, link, links)[k].at == w->at;
		if (linked)
			continue;
		if (!reading_counts(r, FACT_document_link))
			break;
		struct fact_document_link row = { .url = url, .text = url };
		text_place(d, w->at, &row.line, &row.page);
		emit_document_link(d->sink, &row);
	}
}

void emit_contacts(struct reading *r)
{
	const struct doc *d = r->d;
	struct contacts c = { .r = r, .words = ARENA_NEW(d->arena, struct sentence_wording) };
	size_t link = 0;
	for (size_t i = 0; c.words && i < DOC_COUNT(d, sentence, sentences) && !doc_is_late(r->d, "contacts", i); i++) {
		c.s = &DOC_ARRAY(d, sentence, sentences)[i];
		c.prepared = false;
		emit_of_sentence(&c, &link);
	}
	emit_links(r);
}

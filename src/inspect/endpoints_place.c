/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the place of an address tells: what it is for, and whether the product talks to it at all.
 *
 * Most addresses in an image are no endpoints: they name a schema, a licence, a project, somebody who wrote a line. Their
 * reason stands in the same words wherever they are.
 */
#include "inspect/endpoints.h"

/* How far to either side is read. A line may be a hundred megabytes long. */
#define AROUND_MAX 256u
#define STRINGS_MAX 96u
#define COMMENT_MAX 512u

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

static bool is_word_byte(char c)
{
	return (c >= '0' && c <= '9') || (lower(c) >= 'a' && lower(c) <= 'z');
}

static bool word_is(struct text t, const char *word, size_t n)
{
	bool open = n > 0 && word[n - 1] == '*';
	n -= open;
	if (t.n < n || (!open && t.n != n))
		return false;
	for (size_t i = 0; i < n; i++)
		if (lower(t.p[i]) != word[i])
			return false;
	return true;
}

static bool is_listed(struct text word, const char *list)
{
	while (*list) {
		size_t n = strcspn(list, " ");
		if (word_is(word, list, n))
			return true;
		list += n + strspn(list + n, " ");
	}
	return false;
}

bool endpoint_has_word(struct text t, const char *list)
{
	for (size_t i = 0; i < t.n;) {
		size_t n = 0;
		while (i + n < t.n && is_word_byte(t.p[i + n]))
			n++;
		if (n > 0 && is_listed(text_of(t.p + i, n), list))
			return true;
		i += n + 1;
	}
	return false;
}

static bool contains(struct text t, const char *s)
{
	size_t n = strlen(s);
	for (size_t i = 0; n <= t.n && i <= t.n - n; i++)
		if (memcmp(t.p + i, s, n) == 0)
			return true;
	return false;
}

static bool ends_with_one(struct text name, const char *list)
{
	while (*list) {
		size_t n = strcspn(list, " ");
		if (name.n > n && memcmp(name.p + name.n - n, list, n) == 0)
			return true;
		list += n + strspn(list + n, " ");
	}
	return false;
}

static bool starts_with_one(struct text name, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (text_starts(name, list[i]))
			return true;
	return false;
}

static bool is_documentation(struct text path, struct text name)
{
	static const char *const names[] = { "README",    "COPYING",   "LICENSE", "LICENCE",    "NOTICE",
										 "CHANGELOG", "ChangeLog", "NEWS",    "AUTHORS",    "CONTRIBUTING",
										 "INSTALL",   "copyright", "FAQ",     "MAINTAINERS" };
	return contains(path, "/share/doc/") || contains(path, "/share/man/") || contains(path, "/share/info/") ||
		   contains(path, "/share/licenses/") || contains(path, "/share/help/") || contains(path, "/gtk-doc/") ||
		   contains(path, "/examples/") || contains(path, "/help/") ||
		   ends_with_one(name, ".md .rst .adoc .texi .example .sample .pod") ||
		   starts_with_one(name, names, sizeof names / sizeof names[0]);
}

static bool is_metadata(struct text path, struct text name)
{
	static const char *const names[] = { "PKG-INFO",   "METADATA",      "package.json", "package-lock.json",
										 "bower.json", "composer.json", "Cargo.toml",   "pyproject.toml",
										 "setup.py",   "setup.cfg" };
	return contains(path, "/var/lib/dpkg/") || contains(path, "/lib/opkg/") || contains(path, "/lib/apk/") ||
		   contains(path, ".egg-info/") || contains(path, ".dist-info/") ||
		   ends_with_one(name,
						 ".control .pc .la .metainfo.xml .appdata.xml .desktop .gemspec .spdx .spdx.json .cdx.json") ||
		   starts_with_one(name, names, sizeof names / sizeof names[0]);
}

static bool is_translation(struct text path, struct text name)
{
	return contains(path, "/locale/") || text_is(name, "templates.dat") || text_is(name, "questions.dat") ||
		   ends_with_one(name, ".po .mo .gmo .qm .lmo .templates");
}

static bool begins_as_markup(struct span bytes)
{
	size_t at = 0;
	while (at < bytes.n && at < 64 && bytes.p[at] <= ' ')
		at++;
	struct span s = span_from(bytes, at);
	return span_starts(s, "<?xml", 5) || span_starts(s, "<!DOC", 5) || span_starts(s, "<!doc", 5) ||
		   span_starts(s, "<html", 5) || span_starts(s, "<HTML", 5);
}

/* By its name, or by the interpreter that its first line names. */
static bool is_other_language(const struct subject *s, struct text name)
{
	struct text line = text_from_span(span_clip(s->bytes, 0, 64));
	size_t n = 0;
	while (n < line.n && line.p[n] != '\n')
		n++;
	line.n = n;
	return ends_with_one(name, ".py .pyw .pl .pm .lua .rb .tcl .uc") ||
		   (text_starts(line, "#!") &&
			endpoint_has_word(line, "python* perl* lua* ruby* tclsh* wish* php* node* ucode"));
}

/* What stands in a compressed file has no name of its own: a manual or a list of changes has the words of a language, and
 * little of what programs and settings are made of. */
static bool is_prose(struct span bytes)
{
	static const char code[] = "{}();=<>\"[]$";
	struct span s = span_clip(bytes, 0, 8192);
	size_t marks = 0, words = 0;
	for (size_t i = 0; i < s.n; i++) {
		marks += s.p[i] && strchr(code, s.p[i]);
		words += s.p[i] == ' ' || s.p[i] == '\n';
	}
	return span_starts(s, ".\\\"", 3) || span_starts(s, "'\\\"", 3) || span_starts(s, ".TH ", 4) ||
		   span_starts(s, "This is ", 8) || (words > 8 && marks * 100 < s.n * 4);
}

enum endpoint_file endpoint_file_of(const struct subject *s)
{
	struct text name = text_base(s->path);
	if (is_documentation(s->path, name))
		return FILE_DOCUMENTATION;
	if (is_metadata(s->path, name))
		return FILE_METADATA;
	if (is_translation(s->path, name))
		return FILE_TRANSLATION;
	if (contains(s->path, "/tests/") || contains(s->path, "/test/") || contains(s->path, "/testdata/"))
		return FILE_TEST;
	bool nameless = s->path.n == 0 || !memchr(s->path.p, '/', s->path.n);
	if (nameless && span_starts(s->bytes, "This is ", 8)) /* Info, which has a control character */
		return FILE_DOCUMENTATION;
	if (strcmp(s->format, "text") != 0 && strcmp(s->format, "script") != 0)
		return FILE_BINARY;
	if (nameless && !begins_as_markup(s->bytes) && is_prose(s->bytes))
		return FILE_DOCUMENTATION;
	if (begins_as_markup(s->bytes) ||
		ends_with_one(name, ".html .htm .xhtml .xml .svg .xsl .xslt .dtd .xsd .css .asp .shtml .tpl"))
		return FILE_MARKUP;
	if (ends_with_one(name, ".js .mjs .cjs .ts .jsx .vue .c .h .cc .cpp .hpp .java .go .rs .php .scss .less"))
		return FILE_SOURCE;
	if (is_other_language(s, name))
		return FILE_PROGRAM;
	if (strcmp(s->format, "script") == 0 || ends_with_one(name, ".sh .awk .cgi"))
		return FILE_SCRIPT;
	return FILE_CONFIGURATION;
}

static bool is_in_line(uint8_t c, bool binary)
{
	return binary ? (c >= 0x20 && c < 0x7f) || c == '\t' : c != '\n' && c != '\r' && c != '\0';
}

void endpoint_place_of(const struct subject *s, enum endpoint_file file, const struct endpoint *e,
					   struct endpoint_place *place)
{
	bool binary = strcmp(s->format, "text") != 0 && strcmp(s->format, "script") != 0;
	uint64_t from = e->from, to = e->to;
	while (from > 0 && e->from - from < AROUND_MAX && is_in_line(s->bytes.p[from - 1], binary))
		from--;
	while (to < s->bytes.n && to - e->to < AROUND_MAX && is_in_line(s->bytes.p[to], binary))
		to++;
	uint64_t strings = from > STRINGS_MAX ? from - STRINGS_MAX : 0;
	*place = (struct endpoint_place){
		.file = file,
		.path = s->path,
		.before = text_from_span(span_sub(s->bytes, from, e->from - from)),
		.after = text_from_span(span_sub(s->bytes, e->to, to - e->to)),
		.begins = !binary || from == 0 || s->bytes.p[from - 1] < 0x20 || s->bytes.p[from - 1] == 0xff,
		.multiline = (from > 0 && s->bytes.p[from - 1] == '\n') || (to < s->bytes.n && s->bytes.p[to] == '\n'),
		.strings = binary ? text_from_span(span_sub(s->bytes, strings, from - strings)) : TEXT_NONE,
	};
	if (file == FILE_SOURCE || file == FILE_MARKUP) { /* comments that go over lines */
		uint64_t back = e->from > COMMENT_MAX ? e->from - COMMENT_MAX : 0;
		place->strings = text_from_span(span_sub(s->bytes, back, e->from - back));
	}
}

static struct text tail(struct text t, size_t n)
{
	return t.n > n ? text_of(t.p + t.n - n, n) : t;
}

static struct text head(struct text t, size_t n)
{
	return t.n > n ? text_of(t.p, n) : t;
}

static char last_of(struct text t)
{
	return t.n ? t.p[t.n - 1] : '\0';
}

static char first_of(struct text t)
{
	return t.n ? t.p[0] : '\0';
}

static bool is_in(char c, const char *set)
{
	return c && strchr(set, c);
}

/* Whether `open` stands there and `close` not behind it. */
static bool is_open(struct text t, const char *open, const char *close)
{
	size_t n = strlen(open), m = strlen(close);
	for (size_t i = t.n; i > 0; i--) {
		struct text at = text_of(t.p + i - 1, t.n - i + 1);
		if (at.n >= n && memcmp(at.p, open, n) == 0)
			return true;
		if (at.n >= m && memcmp(at.p, close, m) == 0)
			return false;
	}
	return false;
}

/* A "//" that is not that of a URL. */
static bool has_line_comment(struct text t)
{
	for (size_t i = 0; i + 1 < t.n; i++)
		if (t.p[i] == '/' && t.p[i + 1] == '/' &&
			(i == 0 || (t.p[i - 1] != ':' && t.p[i - 1] != '"' && t.p[i - 1] != '\'' && t.p[i - 1] != '\\')))
			return true;
	return false;
}

static bool is_comment(const struct endpoint_place *p)
{
	size_t i = 0;
	while (i < p->before.n && (p->before.p[i] == ' ' || p->before.p[i] == '\t'))
		i++;
	struct text line = text_of(p->before.p + i, p->before.n - i);
	switch (p->file) {
	case FILE_CONFIGURATION:
	case FILE_SCRIPT:
	case FILE_PROGRAM:
		return text_starts(line, "#") || text_starts(line, "//") || text_starts(line, "--") ||
			   text_starts(line, "/*") || text_starts(line, "* ") ||
			   (p->file == FILE_CONFIGURATION && text_starts(line, ";")) || contains(line, " # ") ||
			   contains(line, "\t#");
	case FILE_SOURCE:
		return text_starts(line, "*") || has_line_comment(line) || is_open(p->strings, "/*", "*/");
	case FILE_MARKUP:
		return is_open(p->strings, "<!--", "-->") || is_open(p->strings, "/*", "*/");
	default:
		return false;
	}
}

static bool is_quoted(const struct endpoint_place *p)
{
	return is_in(last_of(p->before), "\"'`") && is_in(first_of(p->after), "\"'`:/,? ");
}

#define NETWORK_WORDS                                                                                                         \
	"ip* addr* server* host* dns* nameserver* gateway* gw route* ping* ntp* sntp* wget curl nslookup telnet tftp ftpget url " \
	"uri domain* mqtt* broker* smtp* traceroute connect* target* remote* endpoint* peer* proxy acs* router* relay* stun* turn"

static unsigned count_labels(struct text host)
{
	unsigned n = 1;
	for (size_t i = 0; i < host.n; i++)
		n += host.p[i] == '.';
	return n;
}

static struct text label_at(struct text host, unsigned i)
{
	size_t from = 0;
	for (; i > 0 && from < host.n; i--) {
		while (from < host.n && host.p[from] != '.')
			from++;
		from++;
	}
	from = from < host.n ? from : host.n;
	size_t to = from;
	while (to < host.n && host.p[to] != '.')
		to++;
	return text_of(host.p + from, to - from);
}

/* In the order in which they count. */
static const struct {
	const char *role, *words;
} roles[] = {
	{ "update",
	  "update* upgrade* firmware* fw fota ota* download* dl hawkbit rauc mender swupdate opkg sysupgrade releases mirror*" },
	{ "telemetry",
	  "telemetry metric* analytic* stat stats statistic* track* tracker collect* crash* diag* beacon heartbeat dcs" },
	{ "time", "ntp* sntp* time time1 time2 time3 timeserver* timezone clock* chrony*" },
	{ "dynamic DNS", "ddns* dyndns* dynamicdns" },
	{ "name service", "dns dns1 dns2 nameserver* resolver* doh" },
	{ "mail", "mail* smtp* imap email" },
	{ "remote management", "acs cwmp* tr069* tr181 nms manage*" },
	{ "media", "rtsp* rtmp* stream* video* media live onvif snapshot" },
	{ "nat traversal", "stun* turn" },
	{ "voice", "sip voip pbx" },
	{ "log", "log logs syslog* loghost" },
	{ "connectivity check", "generate_204 ncsi connecttest ping* nslookup" },
	{ "cloud",
	  "cloud cloud1 cloud2 iot* mqtt* p2p* broker* api apis device devices relay" }, /* only as a part of the name */
	{ "account", "login oauth* auth account accounts sso signin register*" },
};

static const char *role_of_words(struct text t, size_t last)
{
	for (size_t i = 0; i < last; i++)
		if (endpoint_has_word(t, roles[i].words))
			return roles[i].role;
	return NULL;
}

/* Names of two labels are mostly members of objects and files, unless they end in what hosts end in. */
static bool is_plausible_name(struct text host)
{
	unsigned n = count_labels(host);
	struct text first = label_at(host, 0), top = label_at(host, n - 1), domain = label_at(host, n - 2);
	if (is_listed(first, "com org net io cn edu gov llvm uk") || domain.n < 2 || is_listed(domain, "in-addr ip6"))
		return false;
	for (size_t i = 0; i < host.n; i++)
		if (host.p[i] >= 'A' && host.p[i] <= 'Z')
			return false;
	if (n == 2 && !is_listed(top, "com net org cn de edu gov eu jp kr tw ru uk local lan"))
		return false;
	if (n == 2 && is_listed(top, "local lan net") &&
		is_listed(domain, "cgi asp issue socket self this rc hosts conf config domain server name dot vb system"))
		return false;
	for (unsigned i = 0; i < n && top.n == 2; i++)
		if (label_at(host, i).n == 1)
			return false;
	return n > 2 || domain.n > 2;
}

/* Whether it stands in a text for people, such as a program's explanation of its options. */
static bool is_in_prose(const struct endpoint_place *p)
{
	unsigned blanks = 0;
	for (size_t i = 0; i < p->before.n; i++)
		blanks += p->before.p[i] == ' ';
	return p->file == FILE_BINARY && blanks > 1 && (p->multiline || p->before.n + p->after.n > 100);
}

/* The word behind a blank. */
static struct text word_behind(struct text t)
{
	size_t n = 1;
	while (n < t.n && t.p[n] != ' ')
		n++;
	return t.n ? text_of(t.p + 1, n - 1) : t;
}

static bool is_mistaken_name(const struct endpoint *e, const struct endpoint_place *p)
{
	char b = last_of(p->before), a = first_of(p->after);
	if (is_in(b, "/\\-_$%~+#&.*") || is_in(a, "([_\\=@*%{") || !is_plausible_name(e->host) || is_comment(p) ||
		is_in_prose(p))
		return true;
	/* Names of properties have dots too, and end in what some domains are called. */
	struct text top = label_at(e->host, count_labels(e->host) - 1);
	if (p->file == FILE_BINARY && is_listed(top, "io at in be it co ai app dev link live online tech") &&
		!role_of_words(e->host, sizeof roles / sizeof roles[0]) && !endpoint_look_up(e->host, TEXT_NONE, false) &&
		!is_listed(label_at(e->host, 0), "www"))
		return true;
	switch (p->file) {
	case FILE_BINARY:
		if (p->before.n == 0 || (p->before.n == 1 && is_in(b, "\"'.")))
			return !(p->after.n == 0 || is_in(a, ":,;\"'|") || (a == ' ' && endpoint_is_name(word_behind(p->after))));
		return !(is_in(b, "=\"' ,;:@|(") && endpoint_has_word(tail(p->before, 40), NETWORK_WORDS) &&
				 !endpoint_has_word(tail(p->before, 40), "by bug* see visit report* copyright"));
	case FILE_SOURCE:
	case FILE_PROGRAM:
	case FILE_MARKUP:
		return !is_quoted(p);
	case FILE_SCRIPT:
	case FILE_CONFIGURATION:
		return !(is_quoted(p) ||
				 ((p->before.n == 0 || is_in(b, " \t=,:@;|(\"'")) && (p->after.n == 0 || is_in(a, " \t,:/;|)\"'&"))));
	default:
		return true;
	}
}

/* The numbers of an address, as its text is right. */
static void octets_of(struct text host, unsigned octet[4])
{
	size_t at = 0;
	for (size_t i = 0; i < 4; i++, at++)
		for (octet[i] = 0; at < host.n && host.p[at] != '.'; at++)
			octet[i] = octet[i] * 10 + (unsigned)(host.p[at] - '0');
}

/* Versions and object identifiers have four numbers too; netmasks and networks are no hosts. */
static bool is_other_quad(const struct endpoint *e, const struct endpoint_place *p)
{
	unsigned o[4];
	octets_of(e->host, o);
	bool small = o[0] < 32 && o[1] < 32 && o[2] < 32 && o[3] < 32;
	bool known = endpoint_look_up(e->host, TEXT_NONE, false) != NULL;
	struct text near = tail(p->before, 40);
	if ((o[3] == 0 || o[3] == 255) && e->port == FACT_NULL)
		return true;
	if ((o[0] == 1 && o[1] <= 3 && !known) || (o[0] == 2 && (o[1] == 5 || o[1] == 16 || o[1] == 23)) ||
		endpoint_has_word(near, "oid* asn1 version* ver vers rev release* v"))
		return true;
	if (!small || known || (o[0] == 10 && p->file != FILE_BINARY))
		return false;
	return !endpoint_has_word(near, NETWORK_WORDS);
}

static bool is_mistaken_address(const struct endpoint *e, const struct endpoint_place *p)
{
	char b = last_of(p->before), a = first_of(p->after), a2 = p->after.n > 1 ? p->after.p[1] : '\0';
	if (is_word_byte(b) || is_word_byte(a) || is_in(b, "/\\-_.~+") || is_in(a, "_.+\\%") ||
		(a == '-' && !(a2 >= '0' && a2 <= '9')))
		return true;
	if (memchr(e->host.p, ':', e->host.n) == NULL && is_other_quad(e, p))
		return true;
	if (is_comment(p) || is_in_prose(p))
		return true;
	switch (p->file) {
	case FILE_BINARY:
		return !(p->before.n == 0 || is_in(b, "=\"' ,;:@|(")) || !(p->after.n == 0 || is_in(a, "\"' ,;:/|)-&"));
	case FILE_SOURCE:
	case FILE_PROGRAM:
	case FILE_MARKUP:
		return !is_quoted(p) && !(b == '>' && a == '<');
	case FILE_SCRIPT:
	case FILE_CONFIGURATION:
		return false;
	default:
		return true;
	}
}

bool endpoint_is_mistaken(const struct endpoint *e, const struct endpoint_place *place)
{
	switch (e->kind) {
	case ENDPOINT_HOST:
		return !place->begins || is_mistaken_name(e, place);
	case ENDPOINT_IP:
		return is_mistaken_address(e, place);
	case ENDPOINT_EMAIL:
		return is_in(first_of(place->after), "(_") || (place->file == FILE_BINARY && e->host.n < 6);
	default:
		return e->scope == SCOPE_PRIVATE && e->host.n && !memchr(e->host.p, '.', e->host.n) &&
			   place->file == FILE_BINARY && e->path.n == 0 && e->text.p[e->text.n - 1] != '/' &&
			   e->port == e->scheme->port;
	}
}

/* The field of a certificate that holds it begins with its type and its length. */
static bool is_in_certificate(const struct endpoint *e, const struct endpoint_place *p)
{
	if (p->file != FILE_BINARY)
		return false;
	struct text before = text_of(p->strings.p, p->strings.n + p->before.n);
	if (p->strings.p && before.n >= 2) {
		uint8_t type = (uint8_t)before.p[before.n - 2], length = (uint8_t)before.p[before.n - 1];
		if ((type == 0x86 || type == 0x16 || type == 0x0c || type == 0x81) && length >= e->text.n &&
			length <= e->text.n + 4)
			return true;
	}
	if (ends_with_one(p->path, ".gpg .pgp .kbx")) /* the policy under which a key is signed */
		return true;
	struct text first = label_at(e->host, 0);
	return is_listed(first, "crl crl1 crl2 crl3 crl4 ocsp ocsp1 ocsp2 cps") || ends_with_one(e->path, ".crl .crt");
}

static bool is_namespace(const struct endpoint *e, const struct endpoint_place *p)
{
	struct text near = tail(p->before, 48);
	return ends_with_one(e->path, ".dtd .xsd .ent") || contains(near, "xmlns") || contains(near, "DOCTYPE") ||
		   contains(near, "amespace") || contains(near, "chemaLocation") || contains(near, "encodingStyle") ||
		   contains(near, "SYSTEM \"") || contains(near, "PUBLIC \"");
}

/* What the words beside it say. */
static const char *wording(const struct endpoint *e, const struct endpoint_place *p)
{
	struct text near = tail(p->before, 80), behind = head(p->after, 40);
	if (endpoint_has_word(near, "licen* copyright copying") ||
		endpoint_has_word(e->path, "licen* copyright copying gpl*"))
		return "licence";
	if (endpoint_has_word(near, "bug bugs bugreport*") || endpoint_has_word(e->host, "bug* jira") ||
		endpoint_has_word(e->path, "bugs issues bugreport bugzilla"))
		return "bug report";
	if (endpoint_has_word(near, "author* maintainer* written contributed") || contains(near, "(c)") ||
		contains(near, "(C)"))
		return "author";
	if (endpoint_has_word(
			near,
			"see visit refer documentation docs manual homepage website wiki details information faq rfc* reference* man "
			"specification described tutorial upstream") ||
		endpoint_has_word(e->host, "docs wiki doc lists help support blog") ||
		endpoint_has_word(e->path, "docs wiki doc manual faq") ||
		endpoint_has_word(behind, "information details documentation"))
		return "documentation";
	return NULL;
}

static const char *email_noise(const struct endpoint *e, const struct endpoint_place *p,
							   const struct endpoint_known *known)
{
	size_t at = 0;
	while (at < e->text.n && e->text.p[at] != '@')
		at++;
	struct text user = text_of(e->text.p, at);
	if (known && known->path[0] == '@')
		return known->noise;
	if (is_listed(
			user,
			"user username name foo bar you your someone somebody me myname john jdoe alice bob test nobody yourname youremail"))
		return "example";
	if (is_listed(user, "git"))
		return "project page";
	if (known && *known->noise)
		return "author";
	/* Those who wrote or translated a program are listed one after the other. */
	if (p->file == FILE_BINARY && p->strings.n && memchr(p->strings.p, '@', p->strings.n) &&
		!is_listed(user, "support* service* info sales contact security psirt admin abuse"))
		return "author";
	bool alone = (p->before.n == 0 || is_in(last_of(p->before), "=:\"'")) && !is_in(first_of(p->after), " >");
	if (p->file == FILE_BINARY && !alone &&
		!endpoint_has_word(tail(p->before, 80), "mailto contact* support* email* admin*"))
		return "author";
	if ((last_of(p->before) == '<' && p->file != FILE_MARKUP) ||
		endpoint_has_word(tail(p->before, 80), "author* by copyright maintainer*"))
		return "author";
	return NULL;
}

/* An RFC 2606 name that a setting uses, with a part for the service, is what the setting names; any other is an example. */
static bool is_example(const struct endpoint *e, const struct endpoint_place *p)
{
	struct text first = label_at(e->host, 0);
	if (is_listed(first, "myhost* yourhost* hostname myserver* yourserver* mydomain* yourdomain* username your-* my-*"))
		return true;
	if (e->scope != SCOPE_RESERVED)
		return false;
	bool setting = p->file == FILE_CONFIGURATION || p->file == FILE_SCRIPT;
	return !setting || e->kind == ENDPOINT_IP || count_labels(e->host) < 3 || is_listed(first, "www");
}

static const char *file_noise(const struct endpoint_place *p)
{
	switch (p->file) {
	case FILE_DOCUMENTATION:
		return "documentation";
	case FILE_METADATA:
		return "package metadata";
	case FILE_TRANSLATION:
		return "translation";
	case FILE_TEST:
		return "test";
	default:
		return NULL;
	}
}

const char *endpoint_noise(const struct endpoint *e, const struct endpoint_place *p)
{
	const struct endpoint_known *known = endpoint_look_up(e->host, e->path, e->kind == ENDPOINT_EMAIL);
	const char *reason = file_noise(p);
	if (text_is(text_base(p->path), "os-release")) /* where the maker says whom to ask */
		return known && *known->noise ? known->noise : NULL;
	if (reason)
		return reason;
	if (e->scope == SCOPE_LOOPBACK)
		return "this machine";
	if (text_is(e->host, "255.255.255.255"))
		return "placeholder";
	if (is_in_certificate(e, p))
		return "certificate";
	if (e->kind == ENDPOINT_URL && is_namespace(e, p))
		return "namespace";
	if (e->kind == ENDPOINT_EMAIL && (reason = email_noise(e, p, known)))
		return reason;
	if (is_comment(p))
		return "comment";
	if (known)
		return *known->noise ? known->noise : NULL;
	if (text_starts(e->path, "/~") || (e->scheme && strcmp(e->scheme->name, "git") == 0))
		return "project page";
	if (is_example(e, p))
		return "example";
	if ((p->file == FILE_PROGRAM && !is_in(last_of(p->before), "\"'=(")) ||
		(p->multiline && ends_with_one(p->path, ".pyc .pyo")))
		return "documentation";
	return wording(e, p);
}

const char *endpoint_role(const struct endpoint *e, const struct endpoint_place *p)
{
	size_t all = sizeof roles / sizeof roles[0];
	const struct endpoint_known *known = endpoint_look_up(e->host, e->path, false);
	const char *role = known && *known->role ? known->role : NULL;
	if (e->kind == ENDPOINT_EMAIL)
		return "mail";
	if (text_is(text_base(p->path), "os-release"))
		return "support";
	/* How it travels says less than what its name says. */
	const char *travels = e->scheme ? e->scheme->role : NULL;
	bool vague = travels && (strcmp(travels, "messaging") == 0 || strcmp(travels, "file transfer") == 0);
	if (!role && !vague)
		role = travels;
	if (!role)
		role = role_of_words(e->host, all);
	if (!role)
		role = role_of_words(head(e->path, AROUND_MAX), all - 2);
	if (!role)
		role = travels;
	if (!role && p->file == FILE_MARKUP &&
		(contains(tail(p->before, 24), "href=") || contains(tail(p->before, 24), "open(")))
		role = "link";
	if (!role)
		role = role_of_words(tail(p->before, 48), all - 1);
	if (!role)
		role = role_of_words(text_base(p->path), p->file == FILE_BINARY ? 4 : all - 1);
	if (!role && p->file == FILE_BINARY && endpoint_has_word(p->strings, "ntp* sntp*"))
		role = "time";
	return role;
}

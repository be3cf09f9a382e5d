/* SPDX-License-Identifier: GPL-3.0-or-later */
/* CycloneDX 1.0 to 1.6 in XML (the schema's bom-1.x.xsd): written anew as the JSON of the same document, as far as that is read, each
 * member on the line where its element begins, and read so. Expat parses it; a document type, and with it any entity, is refused. */
#include <expat.h>
#include <string.h>

#include "inspect/sbom.h"
#include "inspect/sbom_rewrite.h"

#define NAMESPACE "http://cyclonedx.org/schema/bom/"
#define SEPARATOR '|' /* between a namespace and a name, as Expat gives them */
#define DEPTH_MAX 128u

/* What an element becomes. */
enum role {
	OBJECT, /* a member that is an object */
	LIST,   /* a member that is an array, of the objects that its elements are */
	ITEM,   /* an object of such an array */
	TEXT,   /* a member that is a string */
	NUMBER, /* a member that is a part of one */
};

/* `child` within `parent`. An item's own text becomes its member `text`; what it holds is within a member `wrap`. */
struct element {
	const char *parent, *child;
	enum role role;
	const char *text, *wrap;
};

static const struct element elements[] = {
	{ "", "bom", OBJECT, NULL, NULL },
	{ "bom", "metadata", OBJECT, NULL, NULL },
	{ "bom", "components", LIST, NULL, NULL },
	{ "bom", "vulnerabilities", LIST, NULL, NULL },
	{ "metadata", "timestamp", TEXT, NULL, NULL },
	{ "metadata", "component", OBJECT, NULL, NULL },
	{ "metadata", "supplier", OBJECT, NULL, NULL },
	{ "metadata", "manufacture", OBJECT, NULL, NULL },
	{ "metadata", "manufacturer", OBJECT, NULL, NULL },
	{ "supplier", "name", TEXT, NULL, NULL },
	{ "manufacture", "name", TEXT, NULL, NULL },
	{ "manufacturer", "name", TEXT, NULL, NULL },
	{ "components", "component", ITEM, NULL, NULL },
	{ "component", "supplier", OBJECT, NULL, NULL },
	{ "component", "publisher", TEXT, NULL, NULL },
	{ "component", "group", TEXT, NULL, NULL },
	{ "component", "name", TEXT, NULL, NULL },
	{ "component", "version", TEXT, NULL, NULL },
	{ "component", "scope", TEXT, NULL, NULL },
	{ "component", "cpe", TEXT, NULL, NULL },
	{ "component", "purl", TEXT, NULL, NULL },
	{ "component", "hashes", LIST, NULL, NULL },
	{ "component", "licenses", LIST, NULL, NULL },
	{ "component", "properties", LIST, NULL, NULL },
	{ "component", "evidence", OBJECT, NULL, NULL },
	{ "component", "pedigree", OBJECT, NULL, NULL },
	{ "component", "components", LIST, NULL, NULL },
	{ "hashes", "hash", ITEM, "content", NULL },
	{ "licenses", "license", ITEM, NULL, "license" },
	{ "licenses", "expression", ITEM, "expression", NULL },
	{ "license", "id", TEXT, NULL, NULL },
	{ "license", "name", TEXT, NULL, NULL },
	{ "properties", "property", ITEM, "value", NULL },
	{ "evidence", "identity", OBJECT, NULL, NULL },
	{ "identity", "confidence", NUMBER, NULL, NULL },
	{ "pedigree", "patches", LIST, NULL, NULL },
	{ "patches", "patch", ITEM, NULL, NULL },
	{ "patch", "resolves", LIST, NULL, NULL },
	{ "resolves", "issue", ITEM, NULL, NULL },
	{ "issue", "id", TEXT, NULL, NULL },
	{ "issue", "name", TEXT, NULL, NULL },
	{ "vulnerabilities", "vulnerability", ITEM, NULL, NULL },
	{ "vulnerability", "id", TEXT, NULL, NULL },
	{ "vulnerability", "analysis", OBJECT, NULL, NULL },
	{ "vulnerability", "affects", LIST, NULL, NULL },
	{ "analysis", "state", TEXT, NULL, NULL },
	{ "analysis", "justification", TEXT, NULL, NULL },
	{ "analysis", "detail", TEXT, NULL, NULL },
	{ "analysis", "firstIssued", TEXT, NULL, NULL },
	{ "analysis", "lastUpdated", TEXT, NULL, NULL },
	{ "affects", "target", ITEM, NULL, NULL },
	{ "target", "ref", TEXT, NULL, NULL },
	{ "target", "versions", LIST, NULL, NULL },
	{ "versions", "version", ITEM, NULL, NULL },
	{ "version", "version", TEXT, NULL, NULL },
	{ "version", "range", TEXT, NULL, NULL },
	{ "version", "status", TEXT, NULL, NULL },
};

static const char *const attributes[] = { "type", "bom-ref", "alg", "name", "serialNumber" };

struct open_element {
	const struct element *is;
	bool has_members, has_identity;
};

struct conversion {
	XML_Parser parser;
	struct sbom_rewrite out;
	struct buf text; /* of the element that is open */
	struct open_element open[DEPTH_MAX];
	unsigned depth, passed_over; /* elements that are open; those of them that are not read */
	bool is_bill;
};

/* Before a member or an item of what is open: the comma, and the line of the XML. */
static void put_place(struct conversion *x)
{
	struct open_element *o = x->depth ? &x->open[x->depth - 1] : NULL;
	if (o && o->has_members)
		rewrite_put(&x->out, ",", 1);
	if (o)
		o->has_members = true;
	rewrite_line(&x->out, XML_GetCurrentLineNumber(x->parser));
}

static void put_key(struct conversion *x, const char *key)
{
	put_place(x);
	rewrite_string(&x->out, key, strlen(key));
	rewrite_put(&x->out, ":", 1);
}

static void put_attributes(struct conversion *x, const char **pairs)
{
	for (; pairs[0]; pairs += 2)
		for (size_t i = 0; i < sizeof attributes / sizeof attributes[0]; i++)
			if (strcmp(pairs[0], attributes[i]) == 0) {
				put_key(x, pairs[0]);
				rewrite_string(&x->out, pairs[1], strlen(pairs[1]));
			}
}

/* The element of that name within the one that is open; NULL: it is not read. */
static const struct element *element_find(const struct conversion *x, const char *name)
{
	const struct element *within = x->depth ? x->open[x->depth - 1].is : NULL;
	const char *parent = within ? within->child : "";
	if (within && (within->role == TEXT || within->role == NUMBER))
		return NULL;
	for (size_t i = 0; i < sizeof elements / sizeof elements[0]; i++)
		if (strcmp(elements[i].parent, parent) == 0 && strcmp(elements[i].child, name) == 0)
			return &elements[i];
	return NULL;
}

/* "1.6" of the namespace's end. */
static void put_version(struct conversion *x, const char *qualified)
{
	const char *version = qualified + sizeof NAMESPACE - 1;
	x->is_bill = true;
	put_key(x, "specVersion");
	rewrite_string(&x->out, version, (size_t)(strchr(version, SEPARATOR) - version));
}

static void open_one(struct conversion *x, const struct element *e, const char *qualified, const char **pairs)
{
	if (e->role == TEXT || e->role == NUMBER || e->role == LIST || (e->role == OBJECT && x->depth))
		put_key(x, e->child);
	else
		put_place(x);
	x->open[x->depth++] = (struct open_element){ .is = e };
	x->text.n = 0;
	if (e->role == TEXT || e->role == NUMBER)
		return;
	rewrite_put(&x->out, e->role == LIST ? "[" : "{", 1);
	if (e->wrap) {
		rewrite_string(&x->out, e->wrap, strlen(e->wrap));
		rewrite_put(&x->out, ":{", 2);
	}
	if (x->depth == 1)
		put_version(x, qualified);
	if (e->role != LIST)
		put_attributes(x, pairs);
}

static void XMLCALL start(void *context, const char *qualified, const char **pairs)
{
	struct conversion *x = context;
	const char *name = strchr(qualified, SEPARATOR);
	bool ours = name && strncmp(qualified, NAMESPACE, sizeof NAMESPACE - 1) == 0;
	const struct element *e = ours && !x->passed_over && x->depth < DEPTH_MAX ? element_find(x, name + 1) : NULL;
	/* Of several identities the first counts, as in JSON. */
	bool again = e && strcmp(e->child, "identity") == 0 && x->open[x->depth - 1].has_identity;
	if (!e || again) {
		x->passed_over++;
		return;
	}
	if (strcmp(e->child, "identity") == 0)
		x->open[x->depth - 1].has_identity = true;
	open_one(x, e, qualified, pairs);
}

static void XMLCALL characters(void *context, const char *s, int n)
{
	struct conversion *x = context;
	if (!x->passed_over && !x->out.failed && x->text.n < SBOM_TEXT_MAX)
		x->out.failed = buf_add(&x->text, s, (size_t)n);
}

static struct text trimmed(const struct buf *b)
{
	struct text t = text_of((const char *)b->p, b->n);
	while (t.n && strchr(" \t\r\n", t.p[0]))
		t = text_of(t.p + 1, t.n - 1);
	while (t.n && strchr(" \t\r\n", t.p[t.n - 1]))
		t.n--;
	return t;
}

/* A part of one, as JSON has it: "0", "0.75", "1.0". */
static void put_number(struct conversion *x, struct text t)
{
	bool number = t.n && t.n < 32 && (t.p[0] == '0' || t.p[0] == '1') && (t.n == 1 || (t.n > 2 && t.p[1] == '.'));
	for (size_t i = 2; number && i < t.n; i++)
		number = t.p[i] >= '0' && t.p[i] <= '9';
	rewrite_put(&x->out, number ? t.p : "null", number ? t.n : 4);
}

static void close_one(struct conversion *x)
{
	const struct element *e = x->open[x->depth - 1].is;
	struct text t = trimmed(&x->text);
	if (e->role == TEXT)
		rewrite_string(&x->out, t.p, t.n);
	else if (e->role == NUMBER)
		put_number(x, t);
	else if (e->text && t.n) {
		put_key(x, e->text);
		rewrite_string(&x->out, t.p, t.n);
	}
	if (e->role == LIST)
		rewrite_put(&x->out, "]", 1);
	else if (e->role != TEXT && e->role != NUMBER)
		rewrite_put(&x->out, e->wrap ? "}}" : "}", e->wrap ? 2 : 1);
	x->depth--;
	x->text.n = 0;
}

static void XMLCALL end(void *context, const char *qualified)
{
	struct conversion *x = context;
	(void)qualified;
	if (x->passed_over)
		x->passed_over--;
	else
		close_one(x);
	if (x->out.failed)
		XML_StopParser(x->parser, XML_FALSE);
}

static void XMLCALL doctype(void *context, const char *name, const char *system, const char *public, int internal)
{
	struct conversion *x = context;
	(void)name, (void)system, (void)public, (void)internal;
	XML_StopParser(x->parser, XML_FALSE);
}

/* What the document says before an error in it is read, too. */
static struct error convert(struct conversion *x, struct span xml)
{
	struct error e = error_none();
	XML_SetUserData(x->parser, x);
	XML_SetElementHandler(x->parser, start, end);
	XML_SetCharacterDataHandler(x->parser, characters);
	XML_SetStartDoctypeDeclHandler(x->parser, doctype);
	if (XML_Parse(x->parser, (const char *)xml.p, (int)xml.n, 1) != XML_STATUS_OK && !x->out.failed) {
		enum XML_Error why = XML_GetErrorCode(x->parser);
		e = error_at(ERR_CORRUPT, (uint64_t)XML_GetCurrentByteIndex(x->parser), "line %lu of the XML: %s",
		             (unsigned long)XML_GetCurrentLineNumber(x->parser),
		             why == XML_ERROR_ABORTED ? "a document type, which no bill of materials has" : XML_ErrorString(why));
	}
	while (x->depth)
		close_one(x);
	return x->out.failed ? error_at(x->out.failed, 0, "no memory for what the XML says, or more than %u MiB of it", SBOM_BYTES_MAX >> 20) : e;
}

void sbom_read_cyclonedx_xml(struct sbom_reader *r)
{
	struct conversion *x = ARENA_NEW(r->arena, struct conversion);
	struct error e = error_at(ERR_MEMORY, 0, "no memory to read the document");
	struct span xml = r->bytes;
	if (x && (x->parser = XML_ParserCreateNS(NULL, SEPARATOR))) {
		*x = (struct conversion){ .parser = x->parser, .out = { .json = buf_with_limit(SBOM_BYTES_MAX), .line = 1 } };
		e = convert(x, xml);
		XML_ParserFree(x->parser);
		r->bytes = buf_span(&x->out.json);
		if (x->is_bill)
			sbom_read_cyclonedx(r);
		r->bytes = xml;
		buf_free(&x->out.json);
		buf_free(&x->text);
	}
	if (error_is(&e) && (!x || x->is_bill || e.code == ERR_MEMORY))
		emit_error(r->sink, &e);
}

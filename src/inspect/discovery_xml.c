/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The two XML documents that describe services: Avahi's and UPnP's.
 *
 * Specification: avahi.service(5) and avahi-service.dtd; UPnP Device Architecture 1.1, chapter 2. Only elements without
 * elements in them are read, which is all that both need.
 */
#include "inspect/discovery.h"

#define TXT_MAX 8u

/* One thing of a document: a tag, or the text before the next one. */
struct xml_token {
	bool opens, closes;
	struct text name;       /* of the tag */
	struct text attributes; /* behind the name */
	struct text before;     /* what stands between the tag before and this one */
	int64_t line;
};

struct xml_reader {
	struct text source;
	size_t at;
	int64_t line;
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Behind the end of a comment; the end of the document when it has none. */
static size_t skip_comment(struct text s, size_t at)
{
	while (at + 2 < s.n && memcmp(s.p + at, "-->", 3) != 0)
		at++;
	return at + 2 < s.n ? at + 3 : s.n;
}

static bool next_tag(struct xml_reader *r, struct xml_token *t)
{
	struct text s = r->source;
	size_t from = r->at;
	*t = (struct xml_token){ 0 };
	while (r->at < s.n) {
		if (s.p[r->at] != '<') {
			r->line += s.p[r->at++] == '\n';
			continue;
		}
		if (s.n - r->at >= 4 && memcmp(s.p + r->at, "<!--", 4) == 0) {
			size_t end = skip_comment(s, r->at + 4);
			for (; r->at < end; r->at++)
				r->line += s.p[r->at] == '\n';
			from = r->at;
			continue;
		}
		break;
	}
	if (r->at >= s.n)
		return false;
	t->before = text_trim(text_of(s.p + from, r->at - from), " \t\r\n");
	t->line = r->line;
	size_t name = r->at + 1, end = name;
	t->closes = name < s.n && s.p[name] == '/';
	name += t->closes;
	while (end < s.n && s.p[end] != '>')
		r->line += s.p[end++] == '\n';
	size_t behind = name;
	while (behind < end && !is_blank(s.p[behind]) && s.p[behind] != '/')
		behind++;
	t->name = text_of(s.p + (name < end ? name : end), behind > name ? behind - name : 0);
	t->attributes = text_of(s.p + behind, behind < end ? end - behind : 0);
	t->opens = !t->closes;
	r->at = end < s.n ? end + 1 : s.n;
	return true;
}

struct avahi_service {
	struct text type, txt[TXT_MAX];
	int64_t port, line;
	unsigned ntxt;
};

static void emit_avahi(struct discovery_run *run, const struct avahi_service *s, struct text name)
{
	char *detail = NULL;
	for (unsigned i = 0; i < s->ntxt; i++)
		detail = arena_printf(run->subject->arena, "%s%s%.*s", detail ? detail : "", detail ? "; " : "",
							  (int)s->txt[i].n, s->txt[i].p);
	discovery_emit(run, &(struct fact_advertisement){ .line = s->line,
													  .protocol = TEXT_LIT("mdns"),
													  .type = s->type,
													  .name = name,
													  .port = s->port,
													  .detail = text_c(detail) });
}

void discovery_read_avahi(struct discovery_run *run, struct text text)
{
	struct xml_reader r = { .source = text, .line = 1 };
	struct xml_token t;
	struct text name = TEXT_NONE;
	struct avahi_service service = { .port = FACT_NULL };
	while (next_tag(&r, &t)) {
		if (t.opens && text_is(t.name, "service"))
			service = (struct avahi_service){ .port = FACT_NULL, .line = t.line };
		if (!t.closes)
			continue;
		if (text_is(t.name, "name"))
			name = t.before;
		else if (text_is(t.name, "type"))
			service.type = t.before;
		else if (text_is(t.name, "port"))
			service.port = discovery_port(t.before);
		else if (text_is(t.name, "txt-record") && service.ntxt < TXT_MAX)
			service.txt[service.ntxt++] = t.before;
		else if (text_is(t.name, "service") && service.type.n)
			emit_avahi(run, &service, name);
	}
}

struct upnp_device {
	struct text type, name, maker, model, number;
	int64_t line;
};

static void emit_upnp(struct discovery_run *run, struct upnp_device *d)
{
	struct arena *arena = run->subject->arena;
	char *detail = NULL;
	if (d->maker.n)
		detail = arena_printf(arena, "manufacturer=%.*s", (int)d->maker.n, d->maker.p);
	if (d->model.n)
		detail = arena_printf(arena, "%s%smodel=%.*s", detail ? detail : "", detail ? "; " : "", (int)d->model.n,
							  d->model.p);
	if (d->number.n)
		detail = arena_printf(arena, "%s%snumber=%.*s", detail ? detail : "", detail ? "; " : "", (int)d->number.n,
							  d->number.p);
	if (d->type.n)
		discovery_emit(run, &(struct fact_advertisement){ .line = d->line,
														  .protocol = TEXT_LIT("ssdp"),
														  .type = d->type,
														  .name = d->name,
														  .port = FACT_NULL,
														  .detail = text_c(detail) });
	d->type = TEXT_NONE;
}

void discovery_read_upnp(struct discovery_run *run, struct text text)
{
	struct xml_reader r = { .source = text, .line = 1 };
	struct xml_token t;
	struct upnp_device device = { 0 };
	while (next_tag(&r, &t)) {
		/* A device may hold services and others: what is known of it by then stands before them. */
		if (text_is(t.name, "device") || text_is(t.name, "serviceList") || text_is(t.name, "deviceList"))
			emit_upnp(run, &device);
		if (text_is(t.name, "device"))
			device = (struct upnp_device){ 0 };
		if (!t.closes)
			continue;
		if (text_is(t.name, "deviceType")) {
			device.type = t.before;
			device.line = t.line;
		} else if (text_is(t.name, "friendlyName")) {
			device.name = t.before;
		} else if (text_is(t.name, "manufacturer")) {
			device.maker = t.before;
		} else if (text_is(t.name, "modelName")) {
			device.model = t.before;
		} else if (text_is(t.name, "modelNumber")) {
			device.number = t.before;
		} else if (text_is(t.name, "serviceType")) {
			discovery_emit(run, &(struct fact_advertisement){ .line = t.line,
															  .protocol = TEXT_LIT("ssdp"),
															  .type = t.before,
															  .name = device.name,
															  .port = FACT_NULL });
		}
	}
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Radios: the stacks that drive them, in programs, kernel modules, firmware for radio chips and programs for
 * microcontrollers, and their settings that bear on security. What hostapd and its like are told is in `setting`. */
#include "inspect/radios.h"
#include "inspect/place.h"

#define SETTINGS_FILE_MAX ((size_t)1 << 20)
#define VERSION_MAX 96u

/* In the order of `enum`, then the banners. */
enum { PATTERN_TC_KEY, PATTERN_HOSTAPD, PATTERN_SUPPLICANT, PATTERN_APN, PATTERN_VARIABLE, PATTERN_BANNERS };
static const struct pattern radios_patterns[] = {
	PATTERN("ZigBeeAlliance09", PATTERN_LITERAL),
	PATTERN("hostapd v", PATTERN_LITERAL),
	PATTERN("wpa_supplicant v", PATTERN_LITERAL),
	PATTERN("AT+CGDCONT=", PATTERN_LITERAL),
	PATTERN("ZIGBEE2MQTT_", PATTERN_LITERAL),
	PATTERN("OPENTHREAD/", PATTERN_LITERAL),
	PATTERN("NimBLE", PATTERN_LITERAL),
	PATTERN("nimble_host", PATTERN_LITERAL),
	PATTERN("Bluedroid", PATTERN_LITERAL),
	PATTERN("bt_hci_core", PATTERN_LITERAL),
	PATTERN("BTstack", PATTERN_LITERAL),
	PATTERN("EmberZNet", PATTERN_LITERAL),
	PATTERN("Z-Stack", PATTERN_LITERAL),
	PATTERN("ZBOSS", PATTERN_LITERAL),
	PATTERN("LoRaMac", PATTERN_LITERAL),
	PATTERN_END,
};

static bool is_named(struct text name, const char *pattern)
{
	size_t n = strlen(pattern), star = strcspn(pattern, "*");
	if (star == n)
		return text_is(name, pattern);
	size_t rest = n - star - 1;
	return name.n >= star + rest && memcmp(name.p, pattern, star) == 0 &&
		   memcmp(name.p + name.n - rest, pattern + star + 1, rest) == 0;
}

static const struct radio_name *find_name(const struct radio_name *table, struct text name)
{
	for (; name.n && table->name; table++)
		if (is_named(name, table->name))
			return table;
	return NULL;
}

/* NAME.ko, and NAME.ko as it is within NAME.ko.xz and the like; '-' and '_' are one. */
static const struct radio_name *find_module(struct text base)
{
	char name[64];
	if (!text_ends(base, ".ko") || base.n - 3 >= sizeof name)
		return NULL;
	for (size_t i = 0; i < base.n - 3; i++)
		name[i] = base.p[i] == '-' ? '_' : base.p[i];
	return find_name(radio_modules, text_of(name, base.n - 3));
}

static const struct radio_name *find_firmware(struct text path)
{
	static const char folder[] = "/firmware/";
	if (path.n < sizeof folder)
		return NULL;
	const char *at = memmem(path.p, path.n, folder, sizeof folder - 1);
	if (!at)
		return NULL;
	size_t from = (size_t)(at - path.p) + sizeof folder - 1;
	return find_name(radio_firmware, text_of(path.p + from, path.n - from));
}

/* What is linked by name tells a stack even when its name is a link's or the program's own: only contents count, of a file
 * or of what it holds compressed. */
static const struct radio_name *by_name(const struct subject *s)
{
	if ((s->kind != ENTRY_FILE && s->kind != ENTRY_STREAM) || s->bytes.n == 0)
		return NULL;
	if (strcmp(s->format, "elf") == 0) {
		const struct radio_name *module = find_module(text_base(s->path));
		return module ? module : find_name(radio_programs, text_base(s->path));
	}
	return subject_is_text(s) ? NULL : find_firmware(s->path);
}

static bool radios_wants(const struct subject *s)
{
	return s->nhits > 0 || radio_settings_of(s) || by_name(s);
}

static bool is_version_byte(uint8_t c)
{
	return c > ' ' && c < 0x7f && c != ';' && c != ',' && c != '"' && c != '%' && c != '\\';
}

static struct text word_at(struct span bytes, uint64_t at)
{
	struct span s = span_clip(bytes, at, VERSION_MAX);
	size_t n = 0;
	while (n < s.n && is_version_byte(s.p[n]))
		n++;
	return n && n < s.n ? text_of((const char *)s.p, n) : TEXT_NONE;
}

static struct text version_of(struct text word)
{
	return word.n && word.p[0] >= '0' && word.p[0] <= '9' ? word : TEXT_NONE;
}

/* What a module says of itself, and what Broadcom's firmware does. */
static struct text version_by_label(const struct subject *s, const char *label, size_t n)
{
	if (s->bytes.n < n || s->bytes.n > ((size_t)16 << 20))
		return TEXT_NONE;
	const uint8_t *at = memmem(s->bytes.p, s->bytes.n, label, n);
	return at ? version_of(word_at(s->bytes, (uint64_t)(at - s->bytes.p) + n)) : TEXT_NONE;
}

static struct text version_by_hit(const struct subject *s, const char *stack)
{
	for (size_t i = 0; i < s->nhits; i++)
		if ((s->hits[i].pattern == PATTERN_HOSTAPD && strstr(stack, "hostapd")) ||
			(s->hits[i].pattern == PATTERN_SUPPLICANT && strcmp(stack, "wpa_supplicant") == 0)) {
			struct text version = version_of(word_at(s->bytes, s->hits[i].to));
			if (version.n)
				return version;
		}
	for (size_t i = 0; i < s->nhits; i++)
		if (s->hits[i].pattern == PATTERN_BANNERS && strstr(stack, "OpenThread"))
			return word_at(s->bytes, s->hits[i].to);
	return TEXT_NONE;
}

static void emit_row(struct sink *sink, const char *technology, const char *stack, struct text key, struct text value)
{
	struct fact_radio row = {
		.line = FACT_NULL,
		.technology = text_c(technology),
		.stack = text_c(stack),
		.key = key,
		.value = value,
	};
	emit_radio(sink, &row);
}

static void read_name(const struct subject *s, const struct radio_name *name, struct sink *sink)
{
	bool elf = strcmp(s->format, "elf") == 0, module = elf && text_ends(s->path, ".ko");
	struct text version = module ? version_by_label(s, "\0version=", 9)
						  : elf  ? version_by_hit(s, name->stack)
								 : version_by_label(s, "Version: ", 9);
	char *stack = elf ? NULL : arena_printf(s->arena, "firmware for %s", name->stack);
	emit_row(sink, name->technology, stack ? stack : name->stack, TEXT_LIT(""), version);
}

/* A program for a microcontroller is a piece of flash, or a file that is called like one: there a banner is of what is linked
 * into it, while a file of magic numbers, or a debugger's data, only speaks of it. */
static bool is_microcontroller(const struct subject *s)
{
	static const char *const ends[] = { ".bin", ".img", ".fw",  ".ota", ".zigbee",
										".gbl", ".ebl", ".s37", ".rom", ".uimg" };
	if (strcmp(s->format, "elf") == 0 || subject_is_text(s))
		return false;
	bool is = s->kind != ENTRY_FILE;
	for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++)
		is |= text_ends(s->path, ends[i]);
	return is;
}

static void read_banners(const struct subject *s, struct sink *sink)
{
	uint64_t told = 0;
	if (!is_microcontroller(s))
		return;
	for (size_t i = 0; i < s->nhits; i++) {
		uint32_t k = s->hits[i].pattern;
		if (k < PATTERN_BANNERS)
			continue;
		const struct radio_banner *b = &radio_banners[k - PATTERN_BANNERS];
		uint64_t same = 0; /* a stack may have several banners */
		for (size_t other = 0; radio_banners[other].text; other++)
			if (strcmp(radio_banners[other].stack, b->stack) == 0)
				same |= (uint64_t)1 << other;
		if (told & same)
			continue;
		told |= same;
		emit_row(sink, b->technology, b->stack, TEXT_LIT(""),
				 b->versioned ? word_at(s->bytes, s->hits[i].to) : TEXT_NONE);
	}
}

/* A parameter of an AT command between quotes, which chat scripts escape; what follows it is a comma or the end. */
static struct text quoted_parameter(struct span s, size_t *at)
{
	size_t n = 0;
	*at += *at < s.n && s.p[*at] == '\\';
	if (*at >= s.n || s.p[*at] != '"')
		return TEXT_NONE;
	size_t from = ++*at;
	while (from + n < s.n && s.p[from + n] > ' ' && s.p[from + n] < 0x7f && !strchr("\"\\,'%$<>{}[]()", s.p[from + n]))
		n++;
	*at = from + n;
	*at += *at < s.n && s.p[*at] == '\\';
	bool closed = *at < s.n && s.p[*at] == '"';
	*at += closed;
	return closed && n ? text_of((const char *)s.p + from, n) : TEXT_NONE;
}

/* AT+CGDCONT=1,"IP","internet" (3GPP TS 27.007, 10.1.1): the third parameter, where all of them are as they should be. */
static struct text access_point(struct span s)
{
	size_t at = 0;
	while (at < s.n && s.p[at] >= '0' && s.p[at] <= '9')
		at++;
	if (at == 0 || at >= s.n || s.p[at++] != ',')
		return TEXT_NONE;
	struct text type = quoted_parameter(s, &at);
	if (!text_starts(type, "IP") && !text_is(type, "PPP"))
		return TEXT_NONE;
	return at < s.n && s.p[at++] == ',' ? quoted_parameter(s, &at) : TEXT_NONE;
}

/* What the environment tells zigbee2mqtt goes before its file, and may name another one. */
static bool is_assignment(struct span s)
{
	static const char *const names[] = { "CONFIG_PERMIT_JOIN=", "CONFIG_FRONTEND", "DATA=", NULL };
	for (size_t i = 0; names[i]; i++)
		if (span_starts(s, names[i], strlen(names[i])))
			return true;
	return false;
}

/* The variable's name, without what it is set to: that may be a token. */
static struct text variable_at(struct span bytes, uint64_t at)
{
	struct span s = span_clip(bytes, at, VERSION_MAX);
	size_t n = 0;
	while (n < s.n && ((s.p[n] >= 'A' && s.p[n] <= 'Z') || s.p[n] == '_'))
		n++;
	return text_of((const char *)s.p, n);
}

static void read_hits(const struct subject *s, struct sink *sink)
{
	bool key = false;
	struct text last = TEXT_NONE;
	for (size_t i = 0; i < s->nhits; i++) {
		const struct hit *h = &s->hits[i];
		if (h->pattern == PATTERN_TC_KEY && !key && !subject_is_text(s)) {
			key = true;
			emit_row(sink, "zigbee", "", TEXT_LIT("trust centre link key"), TEXT_LIT("ZigBeeAlliance09"));
		}
		if (h->pattern == PATTERN_VARIABLE && subject_is_text(s) && is_assignment(span_from(s->bytes, h->to)))
			emit_row(sink, "zigbee", "zigbee2mqtt", TEXT_LIT("environment"), variable_at(s->bytes, h->to));
		struct text apn = h->pattern == PATTERN_APN ? access_point(span_clip(s->bytes, h->to, 128)) : TEXT_NONE;
		if (apn.n && !text_eq(apn, last))
			emit_row(sink, "cellular", "AT commands", TEXT_LIT("apn"), apn);
		last = apn.n ? apn : last;
	}
}

static void radios_run(const struct subject *s, struct sink *sink)
{
	const struct radio_settings *settings = radio_settings_of(s);
	const struct radio_name *name = by_name(s);
	if (path_is_documentation(s->path))
		return;
	if (name)
		read_name(s, name, sink);
	if (settings && s->bytes.n <= SETTINGS_FILE_MAX)
		radio_settings_read(settings, s, sink);
	read_banners(s, sink);
	read_hits(s, sink);
}

const struct inspector radios_inspector = {
	.name = "radios",
	.title = "radio stacks and their settings",
	.spec = "BlueZ main.conf, zigbee2mqtt configuration, Semtech packet forwarder, 3GPP TS 27.007",
	.patterns = radios_patterns,
	.wants = radios_wants,
	.run = radios_run,
};

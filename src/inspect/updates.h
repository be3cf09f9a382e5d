/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of the inspector "updates" share. */
#ifndef ASSAY_INSPECT_UPDATES_H
#define ASSAY_INSPECT_UPDATES_H

#include "inspect/inspect.h"

/* A blob gives at most so many rows; evidence is cut to so many bytes. */
#define UPDATES_ROWS 1000u
#define UPDATES_EVIDENCE 400u

/* Larger files are no configuration that anybody wrote; scripts may carry what they unpack. */
#define UPDATES_CONFIG_MAX ((size_t)1 << 20)
#define UPDATES_SCRIPT_MAX ((size_t)1 << 20)

/* One run over one blob. */
struct updates {
	const struct subject *subject;
	struct sink *sink;
	struct text mechanism;
	unsigned nrows;
	int64_t reached;       /* of the command whose row comes next: whether a run of its script comes to it */
	struct text condition; /* ... and what that depends on */
	size_t counted; /* bytes up to which lines are counted ... */
	int64_t line;   /* ... and the number of the line there */
};

/* Words of `aspect`. */
#define UPDATES_PRESENT "present"
#define UPDATES_FETCH "fetch"
#define UPDATES_TRANSPORT "transport"
#define UPDATES_VERIFICATION "verification"
#define UPDATES_KEY "key"
#define UPDATES_AUTHORITY "authority"
#define UPDATES_TRIGGER "trigger"
#define UPDATES_CONSENT "consent"
#define UPDATES_ROLLBACK "rollback"
#define UPDATES_FALLBACK "fallback"
#define UPDATES_SLOTS "slots"
#define UPDATES_INSTALL "install"
#define UPDATES_FORMATS "formats"
#define UPDATES_COMMAND "command"

/* Words of `value` that several readers use. */
#define UPDATES_SIGNATURE "signature"
#define UPDATES_CHECKSUM "checksum"
#define UPDATES_OFF "off"
#define UPDATES_NONE "none"
#define UPDATES_AUTOMATIC "automatic"
#define UPDATES_ON_DEMAND "on demand"
#define UPDATES_NOT_ASKED "not asked"
#define UPDATES_UNCHECKED "certificate not checked"

/* A row whose evidence is a text of the blob with a line number. */
void updates_emit(struct updates *u, const char *aspect, struct text value, struct text evidence);
/* The same for a place in a binary, for what a path alone shows (offset FACT_NULL), and for texts that are not in the blob. */
void updates_emit_at(struct updates *u, int64_t offset, int64_t line, const char *aspect, struct text value,
					 struct text evidence);

/* The line that holds the text, trimmed and cut. */
struct text updates_line_of(const struct updates *u, struct text inside);

/* The scheme of an address: "https" for https://host/; TEXT_NONE when there is none. */
struct text updates_scheme(struct text address);

/* updates_is_yes(), updates_is_no(): the words that configurations switch with (1, true, yes, on, enable, enabled and
 * their opposites), in any case. Neither holds for other words. */
bool updates_is_yes(struct text value);
bool updates_is_no(struct text value);

/* Reads the blob's text as the configuration of an updater when its path says that it is one. */
bool updates_is_config(const struct subject *s);
void updates_config(struct updates *u);

/* What links to boot's and timers' targets, names of programs and keys tell. */
bool updates_is_named(const struct subject *s);
void updates_named(struct updates *u);

/* Switches of other programs' settings: a hit of the pattern for them ends at `to`. */
bool updates_may_have_switches(const struct subject *s);
void updates_switch(struct updates *u, uint64_t to);

/* Shell scripts and cron tables. */
bool updates_is_cron(struct text path);
void updates_cron(struct updates *u);
void updates_script(struct updates *u);
void updates_unit(struct updates *u);

/* Programs in Lua, PHP, Python or Perl. False: it is none. */
bool updates_code(struct updates *u);

/* Programs: command lines in their strings, what they import. */
void updates_program(struct updates *u);

/* Words that name an updater, its service or its timer: updates_names.c. */
struct updates_name {
	const char *name, *mechanism;
};
const struct updates_name *updates_find_program(struct text name);
const struct updates_name *updates_find_service(struct text name);

/* What a command does to an update. */
enum updates_deed {
	DEED_UNKNOWN,  /* nothing is known of the program */
	DEED_HARMLESS, /* neither of the others */
	DEED_FETCH,
	DEED_SIGNATURE,
	DEED_CHECKSUM,
	DEED_FLASH,  /* writes what it is given */
	DEED_UPDATE, /* an updater that verifies, or does not, by its own rules */
};

struct updates_command {
	enum updates_deed deed;
	struct text value; /* for DEED_FETCH the scheme, where known; otherwise the program with its subcommand */
	bool unchecked;    /* DEED_FETCH: the server's certificate is not checked */
	struct text file;  /* DEED_FETCH: where it is put, as given; "-" for standard output; p == NULL: not known */
};

/* argv[0] is the program; words with p == NULL are not known. `source` is the command as written. */
struct updates_command updates_judge(const struct text *argv, unsigned argc, struct text source);

/* The key that swupdate is told to verify with, and what it is told of the server that it polls; p == NULL: neither is known. */
struct text updates_swupdate_key(const struct text *argv, unsigned argc);
struct text updates_swupdate_server(const struct text *argv, unsigned argc);

/* Functions whose import shows that signatures of something other than a TLS peer are verified. */
bool updates_verifies(struct text import);

/* Texts that only such a client carries, and the mechanism. */
#define UPDATES_MARKS(M)                                                                                               \
	M("/jobs/notify-next", "aws-iot-jobs")                                                                             \
	M("dtmi:azure:iot:deviceUpdate", "azure-device-update")                                                            \
	M("/controller/v1/", "hawkbit")                                                                                    \
	M("tuya_iot_upgrade", "tuya")                                                                                      \
	M("tuya_ipc_upgrade", "tuya")                                                                                      \
	M("esp_https_ota", "esp-ota")                                                                                      \
	M("esp_ota_ops", "esp-ota")                                                                                        \
	M("ESP8266-http-Update", "esp-http-update")                                                                        \
	M("ESP32-http-Update", "esp-http-update")

/* The patterns: first those marks, then the switches of settings, then words of commands. */
#define UPDATES_MARK_COUNT 9u
#define UPDATES_PATTERN_SWITCH UPDATES_MARK_COUNT
#define UPDATES_PATTERN_COMMAND (UPDATES_MARK_COUNT + 1)
extern const char *const updates_mark_mechanisms[UPDATES_MARK_COUNT];

#endif

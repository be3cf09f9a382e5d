/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is known of the kernel's options, and the readers that the kernel and boot inspectors share. */
#ifndef ASSAY_INSPECT_KERNEL_H
#define ASSAY_INSPECT_KERNEL_H

#include "inspect/inspect.h"

struct kernel_knob {
	const char *name;
	const char *recommended; /* NULL: nobody has an opinion */
	const char *by;
	const char *topic;
};

/* Ended by a row without a name. Names of options are without CONFIG_. */
extern const struct kernel_knob kernel_options[];
extern const struct kernel_knob kernel_parameters[];
extern const struct kernel_knob kernel_sysctls[];

/* A function that is only there when the option is. */
struct kernel_symbol {
	const char *symbol;
	const char *option;
	bool absence; /* it has had that name since long ago: where it is not, the option is off */
};
extern const struct kernel_symbol kernel_symbols[];
extern const size_t kernel_nsymbols;

/* The row of the table (ended by a name of NULL) that this sysctl or parameter of the command line matches; NULL:
 * none. */
const struct kernel_knob *kernel_knob(const struct kernel_knob *knobs, struct text name);

/* The build configuration of a kernel, as its build writes it. */
bool kernel_config_is(struct span text);
void kernel_config_read(struct span text, struct sink *sink);

/* A file of sysctl.conf(5). */
bool kernel_sysctl_is(struct text path);
void kernel_sysctl_read(struct span text, struct sink *sink);
/* "sysctl -w a=b" and "echo b > /proc/sys/a" in a script, from the line on that holds the hit. */
void kernel_sysctl_script(const struct subject *s, struct sink *sink);

/* The parameters of a kernel's command line that matter, one row each. */
void kernel_command_line(struct text line, int64_t number, struct sink *sink);

/* The options that the names of a kernel's functions show. `digits` is where the digits of the token table were found.
 * False when there is no symbol table that can be read. */
bool kernel_symbols_read(const struct subject *s, struct text version, uint64_t digits, struct sink *sink);
/* Of a kernel without one: the names that it exports to modules. */
void kernel_exports_read(const struct subject *s, struct text version, struct sink *sink);

#endif

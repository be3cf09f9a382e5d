/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The configuration files of boot loaders, each by its own grammar.
 *
 * Specification: GNU GRUB manual, "Writing full configuration files directly" and "Security"; syslinux doc/syslinux.txt;
 * UAPI.1 Boot Loader Specification and loader.conf(5); U-Boot tools/env/fw_env.config; Raspberry Pi documentation,
 * config.txt.
 */
#include "base/holes.h"
#include "base/words.h"
#include "inspect/boot.h"
#include "inspect/place.h"
#include "inspect/shell.h"

#include <strings.h>

#define LINE_MAX 8192u
#define FILE_MAX ((size_t)1 << 20)
#define HEAD 4096u

/* The next word, as a shell's: with its quotes removed where it stands in them as a whole. */
static struct text next_word(struct text *line)
{
	*line = shell_trim(*line);
	size_t n = 0;
	char quote = 0;
	for (; n < line->n && (quote || !shell_blank(line->p[n])); n++) {
		if (quote ? line->p[n] == quote : line->p[n] == '"' || line->p[n] == '\'')
			quote = quote ? 0 : line->p[n];
	}
	struct text word = text_of(line->p, n);
	*line = shell_trim(text_of(line->p + n, line->n - n));
	if (word.n >= 2 && (word.p[0] == '"' || word.p[0] == '\'') && word.p[word.n - 1] == word.p[0])
		word = text_of(word.p + 1, word.n - 2);
	return word;
}

static bool assignment(struct text line, struct text *name, struct text *value)
{
	const char *equals = line.n ? memchr(line.p, '=', line.n) : NULL;
	if (!equals)
		return false;
	*name = shell_trim(text_of(line.p, (size_t)(equals - line.p)));
	*value = shell_unquoted(shell_trim(text_of(equals + 1, line.n - (size_t)(equals + 1 - line.p))));
	return name->n > 0;
}

static bool holds(struct span s, const char *word)
{
	return holes_memmem(s, word, strlen(word)) != NULL;
}

static bool in_boot(struct text path, struct text name)
{
	struct text dir = text_of(path.p, path.n - name.n);
	return text_is(dir, "/") || text_is(dir, "") || text_ends(dir, "/boot/") || text_ends(dir, "/firmware/");
}

enum boot_file boot_file_of(const struct subject *s)
{
	static const char *const syslinux[] = { "extlinux.conf", "syslinux.cfg", "isolinux.cfg", "txt.cfg" };
	struct text path = s->path, name = text_base(path);
	struct span head = span_clip(s->bytes, 0, HEAD);
	if (!subject_is_text(s) || !s->bytes.n || path_is_documentation(path))
		return BOOT_FILE_NONE;
	if (s->kind == ENTRY_REGION && text_is(path, "variables"))
		return BOOT_FILE_ENVIRONMENT;
	if (text_is(name, "grub.cfg") || text_ends(path, "/grub/menu.lst") || text_ends(path, "/grub/grub.conf"))
		return BOOT_FILE_GRUB;
	if (text_is(path, "/etc/default/grub"))
		return BOOT_FILE_GRUB_DEFAULT;
	if (TEXT_IS_ANY_OF_NOCASE(name, syslinux) || text_ends(path, "/pxelinux.cfg/default"))
		return BOOT_FILE_EXTLINUX;
	if (text_ends(path, "/loader/loader.conf"))
		return BOOT_FILE_LOADER;
	if (text_ends(text_of(path.p, path.n - name.n), "/loader/entries/"))
		return BOOT_FILE_ENTRY;
	if (text_is(path, "/etc/fw_env.config"))
		return BOOT_FILE_FW_ENV;
	if (text_is(name, "config.txt") && in_boot(path, name) &&
		(holds(head, "dtparam=") || holds(head, "gpu_mem") || holds(head, "enable_uart") || holds(head, "arm_64bit")))
		return BOOT_FILE_RPI_CONFIG;
	if (text_is(name, "cmdline.txt") && in_boot(path, name) && (holds(head, "root=") || holds(head, "console=")))
		return BOOT_FILE_CMDLINE;
	if (text_is(path, "/etc/kernel/cmdline"))
		return BOOT_FILE_CMDLINE;
	if (text_is(name, "uEnv.txt") && in_boot(path, name))
		return BOOT_FILE_ENVIRONMENT;
	if ((text_is(name, "boot.cmd") || text_is(name, "boot.scr") || s->kind == ENTRY_REGION) && holds(head, "setenv ") &&
		(holds(head, "bootm") || holds(head, "booti") || holds(head, "bootz") || holds(head, "load ")))
		return BOOT_FILE_SCRIPT;
	return BOOT_FILE_NONE;
}

static void kernel_line(const char *loader, struct text arguments, int64_t number, struct sink *sink)
{
	if (!arguments.n)
		return;
	boot_emit(sink, FACT_NULL, loader, TEXT_LIT("bootargs"), arguments, "file");
	kernel_command_line(arguments, number, sink);
}

/* Both generations: "set timeout=5" and "timeout 5"; "linux" and "kernel". */
static void grub_line(struct text line, int64_t number, struct sink *sink)
{
	static const char *const loads[] = { "linux", "linux16", "linuxefi", "kernel" };
	static const char *const sets[] = { "timeout", "timeout_style", "superusers", "check_signatures", "default" };
	static const char *const plain[] = { "timeout", "default",        "hiddenmenu",
										 "serial",  "terminal_input", "terminal_output" };
	struct text word = next_word(&line), name, value;
	if (TEXT_IS_ANY_OF_NOCASE(word, loads)) {
		(void)next_word(&line);
		kernel_line("grub", line, number, sink);
	} else if (text_is(word, "set")) {
		if (assignment(line, &name, &value) && TEXT_IS_ANY_OF_NOCASE(name, sets) && !memchr(value.p, '$', value.n))
			boot_emit(sink, FACT_NULL, "grub", name, value, "file");
	} else if (text_is(word, "password_pbkdf2") || text_is(word, "password")) {
		boot_emit(sink, FACT_NULL, "grub", word, next_word(&line), "file"); /* the user, or --md5: no secret */
	} else if (TEXT_IS_ANY_OF_NOCASE(word, plain)) {
		boot_emit(sink, FACT_NULL, "grub", word, line, "file");
	}
}

static void grub_default_line(struct text line, int64_t number, struct sink *sink)
{
	static const char *const names[] = { "GRUB_TIMEOUT", "GRUB_TIMEOUT_STYLE", "GRUB_TERMINAL", "GRUB_DISABLE_RECOVERY",
										 "GRUB_SERIAL_COMMAND" };
	struct text name, value;
	if (!assignment(line, &name, &value))
		return;
	if (text_is(name, "GRUB_CMDLINE_LINUX") || text_is(name, "GRUB_CMDLINE_LINUX_DEFAULT"))
		kernel_line("grub", value, number, sink);
	else if (TEXT_IS_ANY_OF_NOCASE(name, names))
		boot_emit(sink, FACT_NULL, "grub", name, value, "file");
}

static void extlinux_line(struct text line, int64_t number, struct sink *sink)
{
	static const char *const names[] = { "timeout", "prompt", "noescape", "allowoptions", "default", "serial" };
	struct text word = next_word(&line);
	static const char *const append[] = { "append" }, *const menu[] = { "menu" }, *const master[] = { "master" };
	if (TEXT_IS_ANY_OF_NOCASE(word, append))
		kernel_line("syslinux", line, number, sink);
	else if (TEXT_IS_ANY_OF_NOCASE(word, names))
		boot_emit(sink, FACT_NULL, "syslinux", word, line, "file");
	else if (TEXT_IS_ANY_OF_NOCASE(word, menu) && (word = next_word(&line), TEXT_IS_ANY_OF_NOCASE(word, master)))
		boot_emit(sink, FACT_NULL, "syslinux", TEXT_LIT("menu master passwd"), TEXT_LIT("set"), "file");
}

static void loader_line(enum boot_file kind, struct text line, int64_t number, struct sink *sink)
{
	static const char *const names[] = { "timeout",      "editor",       "default", "secure-boot-enroll",
										 "auto-entries", "auto-firmware" };
	struct text word = next_word(&line);
	if (kind == BOOT_FILE_ENTRY && text_is(word, "options"))
		kernel_line("systemd-boot", line, number, sink);
	else if (kind == BOOT_FILE_LOADER && TEXT_IS_ANY_OF_NOCASE(word, names))
		boot_emit(sink, FACT_NULL, "systemd-boot", word, line, "file");
}

static void rpi_line(struct text line, struct sink *sink)
{
	static const char *const names[] = { "enable_uart",    "uart_2ndstage", "kernel",           "cmdline",
										 "initramfs",      "boot_delay",    "enable_jtag_gpio", "boot_ramdisk",
										 "disable_splash", "os_prefix",     "device_tree",      "armstub",
										 "enable_gdb" };
	struct text name, value;
	if (assignment(line, &name, &value) && TEXT_IS_ANY_OF_NOCASE(name, names))
		boot_emit(sink, FACT_NULL, "raspberry-pi", name, value, "file");
}

static void script_line(struct text line, struct sink *sink)
{
	struct text whole = line, word = next_word(&line);
	if (text_is(word, "setenv") || text_is(word, "env")) {
		if (text_is(word, "env") && !text_is(next_word(&line), "set"))
			return;
		word = next_word(&line);
		boot_variable(word, shell_unquoted(shell_trim(line)), FACT_NULL, "file", sink);
	} else if (text_starts(word, "boot")) { /* bootm, booti, bootz: what it starts */
		boot_emit(sink, FACT_NULL, "u-boot", TEXT_LIT("boot"), whole, "file");
	}
}

static void environment_line(const struct subject *s, struct text line, struct sink *sink)
{
	const char *equals = memchr(line.p, '=', line.n);
	if (equals)
		boot_variable(text_of(line.p, (size_t)(equals - line.p)),
					  text_of(equals + 1, line.n - (size_t)(equals + 1 - line.p)), FACT_NULL,
					  s->kind == ENTRY_REGION ? "environment" : "file", sink);
}

void boot_file_read(enum boot_file kind, const struct subject *s, struct sink *sink)
{
	struct text rest = text_from_span(span_clip(s->bytes, 0, FILE_MAX));
	struct text line;
	if (s->bytes.n > FILE_MAX)
		emit_damage_at(sink, ERR_BUDGET, FILE_MAX, "only the beginning of the boot loader's file was read");
	for (int64_t number = 1; shell_line(&rest, &line); number++) {
		line = shell_trim(text_of(line.p, line.n < LINE_MAX ? line.n : LINE_MAX));
		if (!line.n || line.p[0] == '#')
			continue;
		if (kind == BOOT_FILE_GRUB)
			grub_line(line, number, sink);
		else if (kind == BOOT_FILE_GRUB_DEFAULT)
			grub_default_line(line, number, sink);
		else if (kind == BOOT_FILE_EXTLINUX)
			extlinux_line(line, number, sink);
		else if (kind == BOOT_FILE_LOADER || kind == BOOT_FILE_ENTRY)
			loader_line(kind, line, number, sink);
		else if (kind == BOOT_FILE_FW_ENV)
			boot_emit(sink, FACT_NULL, "u-boot", TEXT_LIT("environment device"), line, "file");
		else if (kind == BOOT_FILE_RPI_CONFIG)
			rpi_line(line, sink);
		else if (kind == BOOT_FILE_CMDLINE)
			kernel_line(text_is(s->path, "/etc/kernel/cmdline") ? "kernel" : "raspberry-pi", line, number, sink);
		else if (kind == BOOT_FILE_SCRIPT)
			script_line(line, sink);
		else
			environment_line(s, line, sink);
	}
}

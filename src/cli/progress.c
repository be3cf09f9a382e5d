/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/progress.h"

#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/escape.h"

#define SHOW_AFTER_MS 700
#define NOTE_EVERY_MS 100

void progress_start(struct progress *p, bool quiet)
{
	*p = (struct progress){ .on = !quiet && isatty(STDERR_FILENO), .started_ms = clock_ms() };
}

static unsigned columns(void)
{
	struct winsize w;
	return ioctl(STDERR_FILENO, TIOCGWINSZ, &w) == 0 && w.ws_col >= 40 ? w.ws_col : 80;
}

/* The path that some lane is at; copied first, since the worker writes it meanwhile and may be hostile. */
static void current_path(const struct probe_status *status, char path[STATUS_PATH_MAX])
{
	path[0] = '\0';
	for (unsigned i = 0; i < SCHEDULE_MAX_LANES; i++)
		if (atomic_load(&status->lanes[i].key)) {
			memcpy(path, status->lanes[i].path, STATUS_PATH_MAX);
			break;
		}
	path[STATUS_PATH_MAX - 1] = '\0';
}

static void show_line(struct progress *p, const char *head, const char *where)
{
	char path[STATUS_PATH_MAX];
	unsigned used = (unsigned)strlen(head), left = columns() - 1 > used ? columns() - 1 - used : 1;
	escape_terminal(text_c(where), path, sizeof path < left + 1 ? sizeof path : left + 1);
	fprintf(stderr, "\r\033[K%s%s", head, path);
	fflush(stderr);
	p->shown = true;
}

void progress_show(struct progress *p, const struct probe_status *status)
{
	uint64_t elapsed = clock_ms() - p->started_ms;
	if (!p->on || elapsed < SHOW_AFTER_MS)
		return;
	char head[128], label[32], path[STATUS_PATH_MAX];
	escape_terminal(text_c(p->label ? p->label : ""), label, sizeof label);
	snprintf(head, sizeof head, "%s%s%4llu s  %6.1f MB unpacked  %6.1f MB scanned  %6llu blobs  ", label, p->label ? "  " : "",
	         (unsigned long long)elapsed / 1000,
	         (double)atomic_load(&status->bytes) / 1e6, (double)atomic_load(&status->scanned) / 1e6,
	         (unsigned long long)atomic_load(&status->blobs));
	current_path(status, path);
	show_line(p, head, path);
}

/* Whether it is time for another line; notes when. */
static bool is_due(struct progress *p)
{
	uint64_t now = p->on ? clock_ms() : 0;
	if (!p->on || now - p->started_ms < SHOW_AFTER_MS || now - p->shown_ms < NOTE_EVERY_MS)
		return false;
	p->shown_ms = now;
	return true;
}

void progress_note(struct progress *p, uint64_t bytes, const char *where)
{
	if (!is_due(p))
		return;
	char head[80];
	snprintf(head, sizeof head, "%4llu s  %6.1f MB read  ", (unsigned long long)(p->shown_ms - p->started_ms) / 1000,
	         (double)bytes / 1e6);
	show_line(p, head, where);
}

void progress_count(void *progress, size_t done, size_t all)
{
	struct progress *p = progress;
	if (!is_due(p))
		return;
	char head[96];
	snprintf(head, sizeof head, "%s %zu of %zu", p->label ? p->label : "", done, all);
	show_line(p, head, "");
}

void progress_end(struct progress *p)
{
	if (p->shown)
		fputs("\r\033[K", stderr);
	p->shown = false;
}

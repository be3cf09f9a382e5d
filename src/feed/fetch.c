/* SPDX-License-Identifier: GPL-3.0-or-later */
/* HTTP semantics: RFC 9110 (conditional requests, ranges, Retry-After). */
#include "feed/fetch.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "feed/curl_library.h"

#define DEFAULT_MAX ((uint64_t)4 << 30)
#define RETRY_AFTER_MAX 300 /* seconds; a server that asks for more is left for another day */

struct fetch {
	struct fetch_options options;
	const struct curl_library *l;
	CURL *curl;

	/* Of the current attempt. */
	FILE *file;
	const char *url;
	uint64_t at; /* bytes in the file */
	char tag_path[4210], part_etag[256];
	bool checked; /* the status was looked at before the first byte */
	bool too_large, write_failed;
	bool page;                   /* it begins as HTML */
	bool conditional;            /* the server was told what one has */
	bool wrong_range;            /* the part is not the one that was asked for */
	int64_t range;               /* where the part begins; -1: not said */
	long retry_after;            /* seconds; -1: not said */
	char words[CURL_ERROR_SIZE]; /* of libcurl, which say more than its code does */
	struct fetch_result *result;
};

struct fetch *fetch_open(const struct fetch_options *options, struct error *error)
{
	const struct curl_library *l = curl_load(error);
	if (!l)
		return NULL;
	struct fetch *f = calloc(1, sizeof *f);
	if (f) {
		f->options = *options;
		if (!f->options.max_bytes)
			f->options.max_bytes = DEFAULT_MAX;
		f->l = l;
		f->curl = l->curl_easy_init();
	}
	if (f && f->curl)
		return f;
	*error = error_at(ERR_MEMORY, 0, "out of memory");
	fetch_close(f);
	return NULL;
}

void fetch_close(struct fetch *f)
{
	if (!f)
		return;
	if (f->curl)
		f->l->curl_easy_cleanup(f->curl);
	free(f);
}

static void begin_again(struct fetch *f)
{
	f->write_failed = fflush(f->file) != 0 || ftruncate(fileno(f->file), 0) != 0 || fseek(f->file, 0, SEEK_SET) != 0;
	f->at = 0;
}

/* Keeps of which version the part is: only that version may be gone on with. Weak tags do not serve (RFC 9110, 13.1.5). */
static void remember_part(struct fetch *f)
{
	FILE *tag = fopen(f->tag_path, "wb");
	snprintf(f->part_etag, sizeof f->part_etag, "%s", f->result->etag[0] == '"' ? f->result->etag : "");
	if (tag) {
		fputs(f->part_etag, tag);
		fclose(tag);
	}
}

/* What there is of the file from before, when it is known of which version. */
static void find_part(struct fetch *f, bool resume)
{
	struct stat st;
	FILE *tag = resume ? fopen(f->tag_path, "rb") : NULL;
	f->part_etag[0] = '\0';
	if (tag && !fgets(f->part_etag, sizeof f->part_etag, tag))
		f->part_etag[0] = '\0';
	if (tag)
		fclose(tag);
	f->at = fstat(fileno(f->file), &st) == 0 ? (uint64_t)st.st_size : 0;
	if (f->at && f->part_etag[0] != '"')
		begin_again(f);
}

/* The server may send the whole file although a part was asked for. */
static void check_status(struct fetch *f)
{
	long status = 0;
	if (f->checked)
		return;
	f->checked = true;
	f->l->curl_easy_getinfo(f->curl, CURLINFO_RESPONSE_CODE, &status);
	if (status == 200 && f->at)
		begin_again(f);
	if (status == 200)
		remember_part(f);
	f->wrong_range = status == 206 && f->range != (int64_t)f->at;
}

static size_t on_bytes(char *bytes, size_t size, size_t n, void *context)
{
	struct fetch *f = context;
	long status = 0;
	n *= size;
	f->l->curl_easy_getinfo(f->curl, CURLINFO_RESPONSE_CODE, &status);
	if (status != 200 && status != 206) /* what an error says is not kept */
		return n;
	check_status(f);
	f->page |= f->at == 0 && fetch_is_page(bytes, n);
	if (f->page || f->wrong_range)
		return 0;
	if (n > f->options.max_bytes - (f->at < f->options.max_bytes ? f->at : f->options.max_bytes)) {
		f->too_large = true;
		return 0;
	}
	if (f->write_failed || fwrite(bytes, 1, n, f->file) != n) {
		f->write_failed = true;
		return 0;
	}
	f->at += n;
	return n;
}

/* The value of a header line when it is that header; copied without the white space around it. */
static bool header_value(const char *line, size_t n, const char *name, char *out, size_t size)
{
	size_t length = strlen(name);
	if (n <= length || strncasecmp(line, name, length) != 0 || line[length] != ':')
		return false;
	line += length + 1;
	n -= length + 1;
	while (n && strchr(" \t", *line)) {
		line++;
		n--;
	}
	while (n && strchr("\r\n \t", line[n - 1]))
		n--;
	if (n >= size)
		return false;
	memcpy(out, line, n);
	out[n] = '\0';
	return true;
}

static size_t on_header(char *line, size_t size, size_t n, void *context)
{
	struct fetch *f = context;
	char value[64];
	n *= size;
	if (n > 5 && strncmp(line, "HTTP/", 5) == 0) { /* after a redirect these are another answer's */
		f->result->etag[0] = f->result->modified[0] = '\0';
		f->retry_after = -1;
		f->range = -1;
	}
	(void)header_value(line, n, "ETag", f->result->etag, sizeof f->result->etag);
	(void)header_value(line, n, "Last-Modified", f->result->modified, sizeof f->result->modified);
	if (header_value(line, n, "Content-Range", value, sizeof value) && strncasecmp(value, "bytes ", 6) == 0 &&
		value[6] >= '0' && value[6] <= '9')
		f->range = strtoll(value + 6, NULL, 10);
	if (header_value(line, n, "Retry-After", value, sizeof value) && value[0] >= '0' && value[0] <= '9')
		f->retry_after = strtol(value, NULL, 10);
	return n;
}

static int on_progress(void *context, curl_off_t total, curl_off_t now, curl_off_t up_total, curl_off_t up)
{
	struct fetch *f = context;
	(void)total;
	(void)now;
	(void)up_total;
	(void)up;
	return f->options.progress && !f->options.progress(f->options.context, f->url, f->at);
}

static struct curl_slist *headers_for(struct fetch *f, const struct fetch_request *r)
{
	char line[400];
	struct curl_slist *list = NULL;
	f->conditional = false;
	if (r->header)
		list = f->l->curl_slist_append(list, r->header);
	if (f->at) {
		snprintf(line, sizeof line, "If-Range: %s", f->part_etag);
		return f->l->curl_slist_append(list, line);
	}
	if (r->etag && r->etag[0]) {
		snprintf(line, sizeof line, "If-None-Match: %s", r->etag);
		list = f->l->curl_slist_append(list, line);
	} else if (r->modified && r->modified[0]) {
		snprintf(line, sizeof line, "If-Modified-Since: %s", r->modified);
		list = f->l->curl_slist_append(list, line);
	}
	f->conditional = (r->etag && r->etag[0]) || (r->modified && r->modified[0]);
	return list;
}

/* What began over HTTPS stays there: an address on http:// may be allowed, but a server does not choose it. */
static void set_protocols(struct fetch *f, const struct fetch_request *r)
{
	bool http = f->options.insecure_http && !r->secure, led = http && strncasecmp(r->url, "https:", 6) != 0;
	const struct curl_library *l = f->l;
	l->curl_easy_setopt(f->curl, CURLOPT_PROTOCOLS_STR, http ? "http,https" : "https");
	l->curl_easy_setopt(f->curl, CURLOPT_REDIR_PROTOCOLS_STR, led ? "http,https" : "https");
	l->curl_easy_setopt(f->curl, CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2);
	if (f->options.ca_file) {
		l->curl_easy_setopt(f->curl, CURLOPT_CAINFO, f->options.ca_file);
		l->curl_easy_setopt(f->curl, CURLOPT_CAPATH, NULL);
	}
}

static void set_options(struct fetch *f, const struct fetch_request *r, struct curl_slist *headers)
{
	const struct curl_library *l = f->l;
	CURL *c = f->curl;
	l->curl_easy_reset(c);
	l->curl_easy_setopt(c, CURLOPT_URL, r->url);
	set_protocols(f, r);
	f->words[0] = '\0';
	l->curl_easy_setopt(c, CURLOPT_ERRORBUFFER, f->words);
	/* A header with a key would go along to wherever a redirect leads: then none is followed. */
	l->curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, r->header ? 0L : 1L);
	l->curl_easy_setopt(c, CURLOPT_MAXREDIRS, 5L);
	l->curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	l->curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT, 30L);
	l->curl_easy_setopt(c, CURLOPT_LOW_SPEED_LIMIT, 200L);
	l->curl_easy_setopt(c, CURLOPT_LOW_SPEED_TIME, f->options.stall ? (long)f->options.stall : 60L);
	if (!r->resume) /* what may be gone on with is kept as it comes: parts of what is packed are not parts of the file */
		l->curl_easy_setopt(c, CURLOPT_ACCEPT_ENCODING, "");
	l->curl_easy_setopt(c, CURLOPT_USERAGENT, "assay/" ASSAY_VERSION);
	l->curl_easy_setopt(c, CURLOPT_HTTPHEADER, headers);
	l->curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, on_bytes);
	l->curl_easy_setopt(c, CURLOPT_WRITEDATA, f);
	l->curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, on_header);
	l->curl_easy_setopt(c, CURLOPT_HEADERDATA, f);
	l->curl_easy_setopt(c, CURLOPT_XFERINFOFUNCTION, on_progress);
	l->curl_easy_setopt(c, CURLOPT_XFERINFODATA, f);
	l->curl_easy_setopt(c, CURLOPT_NOPROGRESS, 0L);
	if (f->at) {
		char range[32];
		snprintf(range, sizeof range, "%llu-", (unsigned long long)f->at);
		l->curl_easy_setopt(c, CURLOPT_RANGE, range);
	}
}

enum attempt { DONE, AGAIN, FAILED };

/* What no other attempt would mend. */
static bool is_final(struct fetch *f, CURLcode code, struct error *e)
{
	char *to = NULL;
	f->l->curl_easy_getinfo(f->curl, CURLINFO_EFFECTIVE_URL, &to);
	size_t n = strlen(f->url);
	bool asked = to && strncmp(to, f->url, n) == 0 &&
				 (!to[n] || strcmp(to + n, "/") == 0); /* "ftp://host" becomes "ftp://host/" */
	if (f->page)
		*e = error_at(ERR_CORRUPT, 0,
					  "the server sends a web page in place of the file; does the network ask for a login?");
	else if (f->too_large)
		*e =
			error_at(ERR_BUDGET, f->at, "the file is larger than %llu bytes", (unsigned long long)f->options.max_bytes);
	else if (f->write_failed)
		*e = error_at(ERR_IO, f->at, "the file can not be written: %s", strerror(errno));
	else if (code == CURLE_UNSUPPORTED_PROTOCOL && to && !asked)
		*e = error_at(ERR_USAGE, 0, "the server leads to %.60s, which is not https://", to);
	else if (code == CURLE_UNSUPPORTED_PROTOCOL)
		*e = error_at(ERR_USAGE, 0,
					  "only https:// is allowed (--insecure-http allows http:// for a mirror of one's own)");
	else if (code == CURLE_ABORTED_BY_CALLBACK)
		*e = error_at(ERR_IO, 0, "interrupted");
	else
		return false;
	return true;
}

static enum attempt judge(struct fetch *f, CURLcode code, long status, struct error *e)
{
	if (is_final(f, code, e))
		return FAILED;
	bool answers =
		status == 200 || status == 206 || (status == 304 && f->conditional) || status == 404 || status == 410;
	if (code == CURLE_OK && answers && !(status == 206 && !f->checked))
		return DONE;
	if (f->wrong_range || (code == CURLE_OK && status == 416)) /* the part does not fit what the server has now */
		begin_again(f);
	if (f->wrong_range)
		*e = error_at(ERR_IO, f->at, "the server sends another part of the file than was asked for");
	else if (code != CURLE_OK)
		*e = error_at(ERR_IO, f->at, "%s", f->words[0] ? f->words : f->l->curl_easy_strerror(code));
	else if (status == 304)
		*e = error_at(ERR_IO, 0, "the server says that nothing has changed (304), although it was not asked");
	else if (f->retry_after > RETRY_AFTER_MAX)
		*e = error_at(ERR_IO, 0, "the server answers with status %ld and asks to come again in %ld seconds", status,
					  f->retry_after);
	else
		*e = error_at(ERR_IO, 0, "the server answers with status %ld", status);
	bool busy = code != CURLE_OK || status == 304 || status == 403 || status == 408 || status == 416 || status == 429 ||
				status >= 500;
	bool hopeless = code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CACERT_BADFILE ||
					code == CURLE_SSL_INVALIDCERTSTATUS || code == CURLE_URL_MALFORMAT ||
					code == CURLE_TOO_MANY_REDIRECTS || f->retry_after > RETRY_AFTER_MAX;
	return busy && !hopeless ? AGAIN : FAILED;
}

/* Retry-After as a date (RFC 9110, 10.2.3), which libcurl reads. */
static void read_retry_date(struct fetch *f)
{
	curl_off_t seconds = 0;
	if (f->retry_after < 0 && f->l->curl_easy_getinfo(f->curl, CURLINFO_RETRY_AFTER, &seconds) == CURLE_OK &&
		seconds > 0)
		f->retry_after = seconds > 1000000000 ? 1000000000 : (long)seconds;
}

static enum attempt attempt(struct fetch *f, const struct fetch_request *r, struct error *e)
{
	struct curl_slist *headers = headers_for(f, r);
	long status = 0;
	f->checked = f->too_large = f->write_failed = f->page = f->wrong_range = false;
	f->retry_after = f->range = -1;
	set_options(f, r, headers);
	CURLcode code = f->l->curl_easy_perform(f->curl);
	f->l->curl_easy_getinfo(f->curl, CURLINFO_RESPONSE_CODE, &status);
	f->l->curl_slist_free_all(headers);
	read_retry_date(f);
	f->result->unchanged = code == CURLE_OK && status == 304;
	f->result->missing = code == CURLE_OK && (status == 404 || status == 410);
	return judge(f, code, status, e);
}

void fetch_wait(struct fetch *f, double seconds)
{
	const long step = 200; /* milliseconds; the progress function is asked so often */
	for (long left = (long)(seconds * 1000); left > 0; left -= step) {
		struct timespec t = { 0, (left < step ? left : step) * 1000000 };
		nanosleep(&t, NULL);
		if (f->options.progress && !f->options.progress(f->options.context, "", 0))
			return;
	}
}

static struct error attempts(struct fetch *f, const struct fetch_request *r)
{
	double wait = f->options.retry_seconds;
	for (unsigned i = 0;; i++, wait *= 2) {
		struct error e = error_none();
		enum attempt a = attempt(f, r, &e);
		if (a == DONE)
			return error_none();
		if (a == FAILED || i >= f->options.retries)
			return e;
		if (f->at && f->part_etag[0] != '"')
			begin_again(f);
		fflush(f->file);
		fetch_wait(f, f->retry_after >= 0 ? (double)f->retry_after : wait);
	}
}

struct error fetch_file(struct fetch *f, const struct fetch_request *r, struct fetch_result *result)
{
	char part[4200];
	*result = (struct fetch_result){ 0 };
	if ((size_t)snprintf(part, sizeof part, "%s.part", r->path) >= sizeof part)
		return error_at(ERR_USAGE, 0, "the path of the download is too long");
	f->url = r->url;
	f->result = result;
	f->file = fopen(part, r->resume ? "ab" : "wb");
	if (!f->file)
		return error_at(ERR_IO, 0, "%s: %s", part, strerror(errno));
	snprintf(f->tag_path, sizeof f->tag_path, "%s.tag", part);
	find_part(f, r->resume);
	struct error e = attempts(f, r);
	bool written = fclose(f->file) == 0;
	f->file = NULL;
	result->bytes = f->at;
	if (e.code == ERR_CORRUPT)
		unlink(part);
	if (!error_is(&e) || e.code == ERR_CORRUPT)
		unlink(f->tag_path);
	if (error_is(&e))
		return e;
	if (result->unchanged || result->missing) {
		unlink(part);
		return e;
	}
	if (!written || rename(part, r->path))
		return error_at(ERR_IO, 0, "%s: %s", r->path, strerror(errno));
	return e;
}

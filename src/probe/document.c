/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "probe/document.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "document/document.h"
#include "document/pdf.h"
#include "fact/batch.h"
#include "fact/excerpt.h"

struct document_probe {
	const struct probe_input *input;
	struct document_options options;
	struct error no_pdf; /* why there is no poppler */
	struct lane_status *lane;
};

/* Rows of one batch. */
struct rows {
	struct sink sink; /* first */
	struct buf buf;
	bool incomplete;
	struct fact_document document; /* kept until the end: only then is known how far it was read */
	char *held[3];
	char reason[200]; /* the first damage */
};

/* A title is for a person; a longer one is cut. */
#define TITLE_MAX 1000u

static void on_stage(void *context, const char *name)
{
	struct document_probe *p = context;
	if (p->lane)
		snprintf(p->lane->stage, sizeof p->lane->stage, "%s", name);
}

struct document_probe *document_probe_new(const struct probe_input *input, const char *role, const char *language,
										  struct error *error)
{
	struct document_probe *p = calloc(1, sizeof *p);
	*error = p ? error_none() : error_at(ERR_MEMORY, 0, "no memory for the document");
	if (!p)
		return NULL;
	p->input = input;
	p->options = (struct document_options){
		.name = input->name, .role = role, .language = language, .stage = on_stage, .context = p
	};
	if (document_is_pdf(input->bytes))
		p->options.pdf = pdf_load(&p->no_pdf);
	return p;
}

/* A copy, of at most so many bytes and without half a character at the end; none when there is no memory. */
static struct text hold(char **held, struct text t, size_t max)
{
	size_t n = t.n < max ? t.n : max;
	while (n < t.n && n > 0 && ((unsigned char)t.p[n] & 0xC0) == 0x80)
		n--;
	free(*held);
	*held = t.n ? strndup(t.p, n) : NULL;
	return text_c(*held);
}

static void hold_document(struct rows *r, const struct fact_document *row)
{
	r->document = *row;
	r->document.title = hold(&r->held[0], row->title, TITLE_MAX);
	r->document.language = hold(&r->held[1], row->language, 32);
	r->document.formula = hold(&r->held[2], row->formula, 100);
}

static void on_row(struct sink *sink, enum fact_type type, const void *row)
{
	struct rows *r = (struct rows *)sink;
	const struct fact_damage *damage = row;
	if (type == FACT_document) {
		hold_document(r, row);
		return;
	}
	if (type == FACT_damage && !r->reason[0])
		snprintf(r->reason, sizeof r->reason, "%.*s", (int)(damage->what.n < 199 ? damage->what.n : 199), damage->what.p ? damage->what.p : "");
	if (batch_add(&r->buf, type, row))
		r->incomplete = true;
}

static void begin(struct document_probe *p, struct probe_status *status)
{
	p->lane = &status->lanes[0];
	p->lane->size = p->input->bytes.n;
	snprintf(p->lane->path, sizeof p->lane->path, "%.*s", (int)(p->input->name.n < 500 ? p->input->name.n : 500),
			 p->input->name.p);
	atomic_store(&p->lane->parent, BATCH_NO_PARENT);
	atomic_store(&p->lane->started_ms, clock_ms());
	atomic_store(&p->lane->key, BATCH_ROOT_KEY);
}

/* Every document has its row: what could not be read is a document still, and says why. */
static void add_document(struct rows *r, const char *format)
{
	struct fact_document *d = &r->document;
	const char *reason = r->reason[0] ? r->reason : NULL;
	if (d->format.n && (d->words > 0 || !reason)) {
		d->state = reason ? TEXT_LIT("partial") : TEXT_LIT("read");
		d->reason = text_c(reason);
	} else {
		*d = document_unread(reason);
	}
	d->format = text_c(format);
	if (batch_add(&r->buf, FACT_document, d))
		r->incomplete = true;
	for (size_t i = 0; i < sizeof r->held / sizeof r->held[0]; i++)
		free(r->held[i]);
}

/* The places of a PDF are in its pages, not in its bytes. */
static void add_excerpts(struct document_probe *p, struct rows *rows)
{
	struct buf excerpts = { 0 };
	if (!document_is_pdf(p->input->bytes))
		excerpts_add(buf_span(&rows->buf), p->input->bytes, true, &excerpts);
	size_t n = rows->buf.n;
	if (buf_add(&rows->buf, excerpts.p, excerpts.n))
		rows->buf.n = n;
	buf_free(&excerpts);
}

bool probe_document(struct document_probe *p, struct probe_status *status, struct probe_output *output)
{
	struct rows rows = { .sink = { on_row }, .buf = { .limit = BATCH_MAX_BYTES - 65536 } };
	const char *format = NULL;
	begin(p, status);
	p->options.format = &format;
	if (error_is(&p->no_pdf))
		emit_error(&rows.sink, &p->no_pdf);
	struct error e = document_examine(p->input->bytes, &p->options, &rows.sink);
	rows.buf.limit = BATCH_MAX_BYTES;
	if (error_is(&e))
		emit_error(&rows.sink, &e);
	if (rows.incomplete)
		emit_damage_at(&rows.sink, ERR_BUDGET, UINT64_MAX, "more facts than a document may have; the rest is not kept");
	add_document(&rows, format);
	add_excerpts(p, &rows);
	struct fact_blob blob = {
		.path = p->input->name,
		.kind = TEXT_LIT("input"),
		.format = text_c(format),
		.offset = 0,
		.size = (int64_t)p->input->bytes.n,
		.mode = FACT_NULL,
		.uid = FACT_NULL,
		.gid = FACT_NULL,
		.mtime = FACT_NULL,
		.device = FACT_NULL,
	};
	struct batch_header header = { BATCH_ROOT_KEY, BATCH_NO_PARENT, 0, 0 };
	struct buf batch = { 0 };
	bool ok = !batch_begin(&batch) && !batch_add(&batch, FACT_blob, &blob) &&
			  !buf_add(&batch, rows.buf.p, rows.buf.n) && !batch_finish(&batch, &header) &&
			  output->batch(output, buf_span(&batch));
	buf_free(&batch);
	buf_free(&rows.buf);
	atomic_store(&p->lane->key, 0);
	atomic_fetch_add(&status->blobs, 1);
	return ok;
}

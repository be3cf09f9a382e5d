/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FIRST, Exploit Prediction Scoring System: the daily CSV (www.first.org/epss/data_stats): a comment with the day of the
 * scores, a line of titles, then "CVE-2000-0973,0.18076,0.96941". */

#include "feed/field.h"
#include "feed/lines.h"

static bool recognise(struct span s)
{
	struct span head = span_clip(s, 0, 400);
	return (span_starts(head, "#model_version:", 15) && memmem(head.p, head.n, "cve,epss,percentile", 19)) ||
		   span_starts(head, "cve,epss,percentile", 19);
}

/* A number from 0 to 1, in plain decimal or with an exponent; no locale. */
static bool share(struct text t, double *value)
{
	double v = 0, scale = 1;
	size_t i = 0;
	for (; i < t.n && t.p[i] >= '0' && t.p[i] <= '9'; i++)
		v = v * 10 + (t.p[i] - '0');
	if (i == 0 || i > 3)
		return false;
	if (i < t.n && t.p[i] == '.')
		for (i++; i < t.n && t.p[i] >= '0' && t.p[i] <= '9' && i < 20; i++)
			v += (scale /= 10) * (t.p[i] - '0');
	if (i + 2 < t.n && (t.p[i] | 32) == 'e' && t.p[i + 1] == '-') {
		int exponent = 0;
		for (i += 2; i < t.n && t.p[i] >= '0' && t.p[i] <= '9' && exponent < 1000; i++)
			exponent = exponent * 10 + (t.p[i] - '0');
		while (exponent-- > 0)
			v /= 10;
	}
	*value = v;
	return i == t.n && v <= 1;
}

static void begin(struct feed_run *run, struct text comment)
{
	char time[24];
	const char *at = comment.n ? memmem(comment.p, comment.n, "score_date:", 11) : NULL;
	struct text day = at ? text_of(at + 11, comment.n - (size_t)(at + 11 - comment.p)) : TEXT_NONE;
	run->begun = true;
	if (day.p && feed_time(line_field(&day, ','), time))
		memcpy(run->day, time, 10);
	EMIT(run, SOURCE, .name = TEXT_LIT("epss"), .kind = TEXT_LIT("epss"),
		 .newest = run->day[0] ? text_c(run->day) : TEXT_NONE, .whole = 1);
}

static void line(struct feed_run *run, struct text line, uint64_t number)
{
	struct feed_epss row = { .day = run->day[0] ? text_c(run->day) : TEXT_NONE };
	if (!run->begun)
		begin(run, line);
	if (!line.n || line.p[0] == '#' || text_starts(line, "cve,epss"))
		return;
	struct text id = line_field(&line, ','), score = line_field(&line, ','), percentile = line_field(&line, ',');
	if (!feed_is_cve(id))
		line_fault(run, number, "expected a CVE id in the first column");
	else if (!share(score, &row.score) ||
			 !share(percentile, &row.percentile)) /* columns behind them are newer than this */
		line_fault(run, number, "expected a score and a percentile between 0 and 1");
	EMIT(run, VULNERABILITY, .name = id);
	feed_emit(run, FEED_EPSS, &row);
	run->records++;
}

const struct feed_importer feed_epss = {
	.name = "epss",
	.title = "FIRST EPSS scores (CSV)",
	.recognise_lines = recognise,
	.line = line,
};

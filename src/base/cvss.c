/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Vectors of all versions, and the formulas of v2 and v3. */
#include "base/cvss.h"

#include <math.h>

#define METRICS_MAX 40u

/* The metrics that a version knows, each with its values by one letter; `needed`: a vector has it. Values of more
 * letters (POC, Clear) are told by their first letters, where these are unique, else spelled out in `long_values`. */
struct metric {
	const char *name, *values; /* "N A L": separated by spaces */
	bool needed;
};

static const struct metric metrics_2[] = {
	{ "AV", "L A N", true },        { "AC", "H M L", true },
	{ "Au", "M S N", true },        { "C", "N P C", true },
	{ "I", "N P C", true },         { "A", "N P C", true },
	{ "E", "U POC F H ND", false }, { "RL", "OF TF W U ND", false },
	{ "RC", "UC UR C ND", false },  { "CDP", "N L LM MH H ND", false },
	{ "TD", "N L M H ND", false },  { "CR", "L M H ND", false },
	{ "IR", "L M H ND", false },    { "AR", "L M H ND", false },
	{ NULL, NULL, false },
};
static const struct metric metrics_3[] = {
	{ "AV", "N A L P", true },    { "AC", "L H", true },       { "PR", "N L H", true },
	{ "UI", "N R", true },        { "S", "U C", true },        { "C", "H L N", true },
	{ "I", "H L N", true },       { "A", "H L N", true },      { "E", "X H F P U", false },
	{ "RL", "X U W T O", false }, { "RC", "X C R U", false },  { "CR", "X H M L", false },
	{ "IR", "X H M L", false },   { "AR", "X H M L", false },  { "MAV", "X N A L P", false },
	{ "MAC", "X L H", false },    { "MPR", "X N L H", false }, { "MUI", "X N R", false },
	{ "MS", "X U C", false },     { "MC", "X H L N", false },  { "MI", "X H L N", false },
	{ "MA", "X H L N", false },   { NULL, NULL, false },
};
static const struct metric metrics_4[] = {
	{ "AV", "N A L P", true },     { "AC", "L H", true },
	{ "AT", "N P", true },         { "PR", "N L H", true },
	{ "UI", "N P A", true },       { "VC", "H L N", true },
	{ "VI", "H L N", true },       { "VA", "H L N", true },
	{ "SC", "H L N", true },       { "SI", "H L N", true },
	{ "SA", "H L N", true },       { "E", "X A P U", false },
	{ "CR", "X H M L", false },    { "IR", "X H M L", false },
	{ "AR", "X H M L", false },    { "MAV", "X N A L P", false },
	{ "MAC", "X L H", false },     { "MAT", "X N P", false },
	{ "MPR", "X N L H", false },   { "MUI", "X N P A", false },
	{ "MVC", "X H L N", false },   { "MVI", "X H L N", false },
	{ "MVA", "X H L N", false },   { "MSC", "X H L N", false },
	{ "MSI", "X S H L N", false }, { "MSA", "X S H L N", false },
	{ "S", "X N P", false },       { "AU", "X N Y", false },
	{ "R", "X A U I", false },     { "V", "X D C", false },
	{ "RE", "X L M H", false },    { "U", "X Clear Green Amber Red", false },
	{ NULL, NULL, false },
};

struct vector {
	const struct metric *known;
	struct text values[METRICS_MAX]; /* in the order of `known`; absent: p is NULL */
};

static bool value_known(const char *values, struct text v)
{
	for (const char *p = values; v.n && *p;) {
		size_t n = strcspn(p, " ");
		if (n == v.n && memcmp(p, v.p, n) == 0)
			return true;
		p += n + (p[n] == ' ');
	}
	return false;
}

static bool take_metric(struct vector *v, struct text item)
{
	const char *colon = item.n ? memchr(item.p, ':', item.n) : NULL;
	if (!colon)
		return false;
	struct text name = text_of(item.p, (size_t)(colon - item.p)), value = text_of(colon + 1, item.n - name.n - 1);
	for (size_t i = 0; v->known[i].name; i++)
		if (text_is(name, v->known[i].name)) {
			if (v->values[i].p || !value_known(v->known[i].values, value))
				return false;
			v->values[i] = value;
			return true;
		}
	return false;
}

static bool read_vector(struct text t, const struct metric *known, struct vector *v)
{
	*v = (struct vector){ .known = known };
	while (t.n) {
		const char *slash = memchr(t.p, '/', t.n);
		struct text item = text_of(t.p, slash ? (size_t)(slash - t.p) : t.n);
		if (!take_metric(v, item))
			return false;
		t = slash ? text_of(slash + 1, t.n - item.n - 1) : TEXT_NONE;
		if (slash && !t.n)
			return false;
	}
	for (size_t i = 0; known[i].name; i++)
		if (known[i].needed && !v->values[i].p)
			return false;
	return true;
}

static struct text value_of(const struct vector *v, const char *name)
{
	for (size_t i = 0; v->known[i].name; i++)
		if (strcmp(v->known[i].name, name) == 0)
			return v->values[i];
	return TEXT_NONE;
}

struct weight {
	const char *value;
	double number;
};

/* The number of the metric's value; 1 for one that is absent or not defined. */
static double weigh(const struct vector *v, const char *name, const struct weight *weights)
{
	struct text value = value_of(v, name);
	for (; weights->value; weights++)
		if (value.p && text_is(value, weights->value))
			return weights->number;
	return 1;
}

#define WEIGHTS(...) ((const struct weight[]){ __VA_ARGS__, { NULL, 0 } })

/* To one decimal, as tenths. */
static int tenths(double x)
{
	return (int)floor(x * 10 + 0.5 + 1e-9);
}

static void compute_2(const struct vector *v, struct cvss *out)
{
	const struct weight *cia = WEIGHTS({ "N", 0 }, { "P", 0.275 }, { "C", 0.660 });
	double impact = 10.41 * (1 - (1 - weigh(v, "C", cia)) * (1 - weigh(v, "I", cia)) * (1 - weigh(v, "A", cia)));
	double exploitability = 20 * weigh(v, "AV", WEIGHTS({ "L", 0.395 }, { "A", 0.646 }, { "N", 1.0 })) *
							weigh(v, "AC", WEIGHTS({ "H", 0.35 }, { "M", 0.61 }, { "L", 0.71 })) *
							weigh(v, "Au", WEIGHTS({ "M", 0.45 }, { "S", 0.56 }, { "N", 0.704 }));
	double base = (0.6 * impact + 0.4 * exploitability - 1.5) * (impact > 0 ? 1.176 : 0);
	out->base = tenths(base);
	double temporal = weigh(v, "E", WEIGHTS({ "U", 0.85 }, { "POC", 0.9 }, { "F", 0.95 }, { "H", 1.0 })) *
					  weigh(v, "RL", WEIGHTS({ "OF", 0.87 }, { "TF", 0.90 }, { "W", 0.95 }, { "U", 1.0 })) *
					  weigh(v, "RC", WEIGHTS({ "UC", 0.90 }, { "UR", 0.95 }, { "C", 1.0 }));
	out->score = tenths(out->base / 10.0 * temporal);
}

/* v3.0, section 8.1 ("round up to 1 decimal place"), and v3.1, appendix A, which tells how without the noise of binary
 * fractions. */
static int round_up(double x, enum cvss_version version)
{
	if (version == CVSS_30)
		return (int)ceil(x * 10 - 1e-9);
	long n = lround(x * 100000);
	return (int)(n % 10000 == 0 ? n / 10000 : n / 10000 + 1);
}

static void compute_3(const struct vector *v, enum cvss_version version, struct cvss *out)
{
	const struct weight *cia = WEIGHTS({ "H", 0.56 }, { "L", 0.22 }, { "N", 0 });
	bool changed = text_is(value_of(v, "S"), "C");
	double iss = 1 - (1 - weigh(v, "C", cia)) * (1 - weigh(v, "I", cia)) * (1 - weigh(v, "A", cia));
	double impact = changed ? 7.52 * (iss - 0.029) - 3.25 * pow(iss - 0.02, 15) : 6.42 * iss;
	const struct weight *privileges = changed ? WEIGHTS({ "N", 0.85 }, { "L", 0.68 }, { "H", 0.5 })
											  : WEIGHTS({ "N", 0.85 }, { "L", 0.62 }, { "H", 0.27 });
	double exploitability = 8.22 * weigh(v, "AV", WEIGHTS({ "N", 0.85 }, { "A", 0.62 }, { "L", 0.55 }, { "P", 0.2 })) *
							weigh(v, "AC", WEIGHTS({ "L", 0.77 }, { "H", 0.44 })) * weigh(v, "PR", privileges) *
							weigh(v, "UI", WEIGHTS({ "N", 0.85 }, { "R", 0.62 }));
	double sum = (changed ? 1.08 : 1.0) * (impact + exploitability);
	out->base = impact <= 0 ? 0 : round_up(fmin(sum, 10), version);
	double temporal = weigh(v, "E", WEIGHTS({ "H", 1.0 }, { "F", 0.97 }, { "P", 0.94 }, { "U", 0.91 })) *
					  weigh(v, "RL", WEIGHTS({ "U", 1.0 }, { "W", 0.97 }, { "T", 0.96 }, { "O", 0.95 })) *
					  weigh(v, "RC", WEIGHTS({ "C", 1.0 }, { "R", 0.96 }, { "U", 0.92 }));
	out->score = round_up(out->base / 10.0 * temporal, version);
}

/* The value in effect: the modified one where there is one; what is not defined counts as the worst. */
static char effective_4(const void *context, const char *name)
{
	const struct vector *v = context;
	char modified[8] = "M";
	strncat(modified, name, 5);
	struct text value = value_of(v, modified);
	if (!value.p || text_is(value, "X"))
		value = value_of(v, name);
	if (value.n && !text_is(value, "X"))
		return value.p[0];
	return strcmp(name, "E") == 0 ? 'A' : 'H'; /* E, CR, IR, AR */
}

static char base_4(const void *context, const char *name)
{
	struct text value = value_of(context, name);
	bool optional =
		strcmp(name, "E") == 0 || strcmp(name, "CR") == 0 || strcmp(name, "IR") == 0 || strcmp(name, "AR") == 0;
	return !optional ? value.p[0] : strcmp(name, "E") == 0 ? 'A' : 'H';
}

bool cvss_compute(struct text t, struct cvss *out)
{
	static const struct {
		const char *prefix;
		enum cvss_version version;
		const struct metric *known;
	} versions[] = {
		{ "CVSS:4.0/", CVSS_40, metrics_4 },
		{ "CVSS:3.1/", CVSS_31, metrics_3 },
		{ "CVSS:3.0/", CVSS_30, metrics_3 },
		{ "", CVSS_2, metrics_2 },
	};
	*out = (struct cvss){ CVSS_NONE, 0, 0 };
	if (t.n >= 2 && t.p[0] == '(' && t.p[t.n - 1] == ')')
		t = text_of(t.p + 1, t.n - 2);
	for (size_t i = 0; i < sizeof versions / sizeof versions[0]; i++) {
		size_t n = strlen(versions[i].prefix);
		struct vector v;
		if (!text_starts(t, versions[i].prefix))
			continue;
		if (!read_vector(text_of(t.p + n, t.n - n), versions[i].known, &v))
			return false;
		out->version = versions[i].version;
		if (out->version == CVSS_2) {
			compute_2(&v, out);
		} else if (out->version == CVSS_40) {
			out->base = cvss4_score(base_4, &v);
			out->score = cvss4_score(effective_4, &v);
		} else {
			compute_3(&v, out->version, out);
		}
		return true;
	}
	return false;
}

const char *cvss_version_name(enum cvss_version version)
{
	static const char *const names[] = { "", "2.0", "3.0", "3.1", "4.0" };
	return names[version];
}

const char *cvss_severity(enum cvss_version version, int score)
{
	if (version == CVSS_2)
		return score < 40 ? "low" : score < 70 ? "medium" : "high";
	return score == 0 ? "none" : score < 40 ? "low" : score < 70 ? "medium" : score < 90 ? "high" : "critical";
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>

#include "base/escape.h"
#include "combos/write_rows.h"

/* The plot lies within a drawing of 640 x 420. */
#define LEFT 64.0
#define TOP 52.0
#define WIDTH 440.0
#define HEIGHT 300.0

static const char style[] =
	"<style>\n"
	"  text { font: 13px system-ui, sans-serif; fill: #333; }\n"
	"  .title { font-size: 16px; font-weight: 600; }\n"
	"  .grid { stroke: #ddd; } .axis { stroke: #333; } .curve { fill: none; stroke-width: 2; }\n"
	"  .page { fill: #fff; }\n"
	"  .c1 { stroke: #0b6e99; } .c2 { stroke: #b3541e; } .c3 { stroke: #2e7d32; } .c4 { stroke: #8e24aa; }"
	" .c5 { stroke: #c2185b; } .c6 { stroke: #6d6100; }\n"
	"  @media (prefers-color-scheme: dark) {\n"
	"    text { fill: #ddd; } .grid { stroke: #444; } .axis { stroke: #ddd; } .page { fill: #1b1b1b; }\n"
	"    .c1 { stroke: #5cc0ee; } .c2 { stroke: #f0a070; } .c3 { stroke: #81c784; } .c4 { stroke: #ce93d8; }"
	" .c5 { stroke: #f48fb1; } .c6 { stroke: #e6d85c; }\n"
	"  }\n"
	"</style>\n";

static void write_grid(FILE *out)
{
	for (int i = 0; i <= 10; i += 2) {
		double x = LEFT + WIDTH * i / 10, y = TOP + HEIGHT - HEIGHT * i / 10;
		fprintf(out, "<line class=\"grid\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>\n", x, TOP, x,
				TOP + HEIGHT);
		fprintf(out, "<line class=\"grid\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>\n", LEFT, y, LEFT + WIDTH,
				y);
		fprintf(out, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">%d %%</text>\n", x, TOP + HEIGHT + 18, i * 10);
		fprintf(out, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"end\">%d %%</text>\n", LEFT - 8, y + 4, i * 10);
	}
	fprintf(out, "<path class=\"axis\" fill=\"none\" d=\"M%.1f %.1fV%.1fH%.1f\"/>\n", LEFT, TOP, TOP + HEIGHT,
			LEFT + WIDTH);
	fprintf(out, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">combinations of parameters</text>\n",
			LEFT + WIDTH / 2, TOP + HEIGHT + 42);
	fprintf(
		out,
		"<text transform=\"translate(16 %.1f) rotate(-90)\" text-anchor=\"middle\">at least so much covered</text>\n",
		TOP + HEIGHT / 2);
}

static void write_curve(FILE *out, const struct combos_coverage *c, uint32_t strength)
{
	fprintf(out, "<path class=\"curve c%u\" d=\"M", strength);
	for (uint32_t i = 0; i < COMBOS_CURVE; i++) {
		double x = LEFT + WIDTH * (double)c->at_least[i] / (double)(c->combinations ? c->combinations : 1);
		fprintf(out, "%s%.1f %.1f", i ? "L" : "", x, TOP + HEIGHT - HEIGHT * i / 100);
	}
	fputs("\"/>\n", out);
}

void combos_write_svg(FILE *out, const struct combos_coverage *coverage, uint32_t n, const char *title)
{
	char *safe = escape_html(text_c(title));
	fputs("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 640 420\" role=\"img\">\n", out);
	fprintf(out, "<title>%s: combinatorial coverage</title>\n%s<rect class=\"page\" width=\"640\" height=\"420\"/>\n",
			safe ? safe : "", style);
	fprintf(out, "<text class=\"title\" x=\"%.1f\" y=\"28\">%s: combinatorial coverage</text>\n", LEFT,
			safe ? safe : "");
	write_grid(out);
	double y = TOP + 8;
	for (uint32_t t = 1; t <= n; t++) {
		const struct combos_coverage *c = &coverage[t - 1];
		if (!c->counted)
			continue;
		write_curve(out, c, t);
		fprintf(out, "<path class=\"curve c%u\" d=\"M%.1f %.1fh20\"/>\n", t, LEFT + WIDTH + 12, y);
		fprintf(out, "<text x=\"%.1f\" y=\"%.1f\">%u-way %.1f %%</text>\n", LEFT + WIDTH + 38, y + 4, t,
				c->tuples ? 100.0 * (double)c->covered / (double)c->tuples : 100.0);
		y += 22;
	}
	fputs("</svg>\n", out);
	free(safe);
}

/* What the halves of printf share: a place for output, and one conversion of the format. */
#ifndef OUTPUT_H
#define OUTPUT_H

#include <stdbool.h>
#include <stddef.h>

struct output {
	void (*put)(struct output *o, const char *s, size_t n);
	size_t total;		/* bytes so far */
	int error;		/* an errno: stop */
};

struct spec {
	bool left, plus, space, alt, zero;
	int width;
	int prec;		/* -1: none given */
	char conv;		/* the letter */
};

void	output_put(struct output *o, const char *s, size_t n);
/* PREFIX and the padding before a body of N bytes ... */
void	output_begin(struct output *o, const struct spec *s, const char *prefix, int n);
/* ... and behind it. */
void	output_end(struct output *o, const struct spec *s, const char *prefix, int n);

void	output_double(struct output *o, struct spec *s, double value);
void	output_long_double(struct output *o, struct spec *s, long double value);

#endif

/* Formatted input: scanf and its family. C11 7.21.6.2. */
#include <ctype.h>
#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TOKEN_MAX	64	/* the longest number */

/* What is read: a string or a stream, with one byte looked at in advance. */
struct input {
	const char *s;		/* NULL: f */
	FILE *f;
	int taken;		/* bytes */
};

static int
peek(struct input *in)
{
	int c;

	if (in->s)
		return *in->s ? (unsigned char)*in->s : EOF;
	c = fgetc(in->f);
	if (c != EOF)
		ungetc(c, in->f);
	return c;
}

static void
advance(struct input *in)
{
	in->taken++;
	if (in->s)
		in->s++;
	else
		fgetc(in->f);
}

static void
skip_blanks(struct input *in)
{
	while (isspace(peek(in)))
		advance(in);
}

struct scan {
	struct input in;
	const char *fmt;	/* behind the '%' */
	bool suppress;
	int width;		/* 0: none given */
	char length;		/* h H(hh) l q(ll) j z t, or 0 */
	char conv;
	void *to;
};

static void
parse_spec(struct scan *sc)
{
	const char *f = sc->fmt;

	sc->suppress = *f == '*';
	f += sc->suppress;
	for (sc->width = 0; isdigit((unsigned char)*f); f++)
		if (sc->width < INT_MAX / 10 - 9)
			sc->width = sc->width * 10 + (*f - '0');
	sc->length = 0;
	if (*f && strchr("hljztL", *f)) {
		sc->length = *f++;
		if (sc->length == *f && *f == 'h')
			sc->length = 'H', f++;
		else if (sc->length == *f && *f == 'l')
			sc->length = 'q', f++;
	}
	sc->conv = *f;
	sc->fmt = *f ? f + 1 : f;
}

static void
store_int(struct scan *sc, uintmax_t n)
{
	if (sc->suppress)
		return;
	switch (sc->length) {
	case 'H':
		*(char *)sc->to = (char)n;
		break;
	case 'h':
		*(short *)sc->to = (short)n;
		break;
	case 'l':
		*(long *)sc->to = (long)n;
		break;
	case 'q':
	case 'j':
	case 'L':
		*(long long *)sc->to = (long long)n;
		break;
	case 'z':
	case 't':
		*(size_t *)sc->to = (size_t)n;
		break;
	default:
		*(int *)sc->to = (int)n;
	}
}

/* Gathers bytes of the set ALLOWED; the grammar is left to strto*. */
static void
gather(struct scan *sc, char *token, const char *allowed)
{
	int max = sc->width && sc->width < TOKEN_MAX ? sc->width : TOKEN_MAX - 1, n = 0, c;

	while (n < max && (c = peek(&sc->in)) != EOF && c && strchr(allowed, c)) {
		bool sign = c == '-' || c == '+';

		if (sign && n && (token[n - 1] | 32) != 'e')
			break;
		token[n++] = (char)c;
		advance(&sc->in);
	}
	token[n] = '\0';
}

static bool
scan_int(struct scan *sc, int base)
{
	static const char decimal[] = "+-0123456789", any[] = "+-0123456789abcdefABCDEFxX";
	char token[TOKEN_MAX], *end;
	uintmax_t n;

	gather(sc, token, base == 10 ? decimal : any);
	if (base == 10 || *token == '-')
		n = (uintmax_t)strtoll(token, &end, base);
	else
		n = strtoull(token, &end, base);
	if (end == token)
		return false;
	store_int(sc, n);
	return true;
}

static bool
scan_float(struct scan *sc)
{
	char token[TOKEN_MAX], *end;
	double v;

	gather(sc, token, "+-.0123456789eEinfatyINFATY");
	v = strtod(token, &end);
	if (end == token)
		return false;
	if (sc->suppress)
		return true;
	if (sc->length == 'l')
		*(double *)sc->to = v;
	else
		*(float *)sc->to = (float)v;
	return true;
}

/* Is C in the set that begins at S, behind its '['? */
static bool
in_set(const char *s, int c)
{
	bool negate = *s == '^', found = false;
	const char *first;

	s += negate;
	for (first = s; *s && (*s != ']' || s == first); s++) {
		unsigned char lo = (unsigned char)*s, hi = lo;

		if (s[1] == '-' && s[2] && s[2] != ']') {
			hi = (unsigned char)s[2];
			s += 2;
		}
		found |= c >= lo && c <= hi;
	}
	return found != negate;
}

static const char *
set_end(const char *s)
{
	s += *s == '^';
	s += *s == ']';
	s = strchrnul(s, ']');
	return *s ? s + 1 : s;
}

static bool
scan_chars(struct scan *sc)
{
	const char *set = sc->fmt;
	char *to = sc->to;
	int n = 0, c, max = sc->width ? sc->width : sc->conv == 'c' ? 1 : INT_MAX;

	if (sc->conv == '[')
		sc->fmt = set_end(set);
	while (n < max && (c = peek(&sc->in)) != EOF) {
		if ((sc->conv == 's' && isspace(c)) || (sc->conv == '[' && !in_set(set, c)))
			break;
		if (!sc->suppress)
			to[n] = (char)c;
		n++;
		advance(&sc->in);
	}
	if (sc->conv == 'c')
		return n == max;
	if (n && !sc->suppress)
		to[n] = '\0';
	return n > 0;
}

static bool
scan_one(struct scan *sc)
{
	switch (sc->conv) {
	case 'd':
	case 'u':
		return scan_int(sc, 10);
	case 'i':
		return scan_int(sc, 0);
	case 'o':
		return scan_int(sc, 8);
	case 'x':
	case 'X':
		return scan_int(sc, 16);
	case 'p':
		sc->length = 'z';
		return scan_int(sc, 16);
	case 'e':
	case 'E':
	case 'f':
	case 'F':
	case 'g':
	case 'G':
		return scan_float(sc);
	case 's':
	case 'c':
	case '[':
		return scan_chars(sc);
	}
	return false;
}

/* An ordinary byte of the format: must be there, after blanks when it is one itself. */
static bool
match_literal(struct scan *sc, char c)
{
	if (isspace((unsigned char)c)) {
		skip_blanks(&sc->in);
		return true;
	}
	if (peek(&sc->in) != (unsigned char)c)
		return false;
	advance(&sc->in);
	return true;
}

static int
scan(struct scan *sc, const char *fmt, va_list args)
{
	int stored = 0;
	va_list ap;

	va_copy(ap, args);
	for (sc->fmt = fmt; *sc->fmt;) {
		char c = *sc->fmt++;

		if (c != '%' || *sc->fmt == '%') {
			if (c == '%')
				sc->fmt++, skip_blanks(&sc->in);
			if (!match_literal(sc, c))
				break;
			continue;
		}
		parse_spec(sc);
		if (!sc->suppress)
			sc->to = va_arg(ap, void *);
		if (sc->conv == 'n') {
			store_int(sc, (uintmax_t)sc->in.taken);
			continue;
		}
		if (sc->conv != 'c' && sc->conv != '[')
			skip_blanks(&sc->in);
		if (peek(&sc->in) == EOF) {
			stored = stored ? stored : EOF;
			break;
		}
		if (!scan_one(sc))
			break;
		stored += !sc->suppress;
	}
	va_end(ap);
	return stored;
}

int
vfscanf(FILE *restrict f, const char *restrict fmt, va_list ap)
{
	struct scan sc = { .in = { .f = f } };

	return scan(&sc, fmt, ap);
}

int
vsscanf(const char *restrict s, const char *restrict fmt, va_list ap)
{
	struct scan sc = { .in = { .s = s } };

	return scan(&sc, fmt, ap);
}

#define FORWARD(call)			\
	do {				\
		va_list ap;		\
		int r;			\
					\
		va_start(ap, fmt);	\
		r = call;		\
		va_end(ap);		\
		return r;		\
	} while (0)

int
scanf(const char *restrict fmt, ...)
{
	FORWARD(vfscanf(stdin, fmt, ap));
}

int
fscanf(FILE *restrict f, const char *restrict fmt, ...)
{
	FORWARD(vfscanf(f, fmt, ap));
}

int
sscanf(const char *restrict s, const char *restrict fmt, ...)
{
	FORWARD(vsscanf(s, fmt, ap));
}

/* %f %e %g. */
#include <float.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "decimal.h"
#include "output.h"

/* How the digits of D are to be written. */
struct layout {
	const struct decimal *d;
	bool exponential;
	int exponent;		/* of ten, of the first digit; 0 for a plain number */
	int before, after;	/* digits on each side of the point */
	bool point;
};

/* Power of ten of D's first digit; 0 for zero. */
static int
leading_power(const struct decimal *d)
{
	return d->nwords ? decimal_digits(d) - 1 - d->scale : 0;
}

static void
plan_fixed(struct layout *l, struct decimal *d, int prec)
{
	int lead;

	decimal_round(d, d->scale - prec);
	lead = leading_power(d);
	*l = (struct layout){ .d = d, .before = lead > 0 ? lead + 1 : 1, .after = prec };
}

static void
plan_exponential(struct layout *l, struct decimal *d, int prec)
{
	decimal_round(d, decimal_digits(d) - 1 - prec);
	*l = (struct layout){ .d = d, .exponential = true, .exponent = leading_power(d),
		.before = 1, .after = prec };
}

/* The digit of the I-th place before (0: just before) or behind (-1) the point. */
static int
digit(const struct layout *l, int i)
{
	return decimal_digit(l->d, i + l->exponent + l->d->scale);
}

static void
plan_general(struct layout *l, struct decimal *d, int prec, bool keep_zeroes)
{
	if (prec == 0)
		prec = 1;
	plan_exponential(l, d, prec - 1);
	if (l->exponent < prec && l->exponent >= -4)
		plan_fixed(l, d, prec - 1 - l->exponent);
	while (!keep_zeroes && l->after && digit(l, -l->after) == 0)
		l->after--;
}

static int
exponent_text(char *buf, int e, char conv)
{
	int n = 0;

	buf[n++] = conv >= 'a' ? 'e' : 'E';
	buf[n++] = e < 0 ? '-' : '+';
	e = abs(e);
	if (e >= 100)
		buf[n++] = (char)('0' + e / 100);
	buf[n++] = (char)('0' + e / 10 % 10);
	buf[n++] = (char)('0' + e % 10);
	return n;
}

static void
put_layout(struct output *o, const struct spec *s, const char *sign, const struct layout *l)
{
	char text[8];
	int elen = l->exponential ? exponent_text(text, l->exponent, s->conv) : 0;
	int n = l->before + l->point + l->after + elen;

	output_begin(o, s, sign, n);
	for (int i = l->before - 1; i >= -l->after; i--) {
		char c = (char)('0' + digit(l, i));

		output_put(o, &c, 1);
		if (i == 0 && l->point)
			output_put(o, ".", 1);
	}
	output_put(o, text, (size_t)elen);
	output_end(o, s, sign, n);
}

void
output_double(struct output *o, struct spec *s, double value)
{
	bool lower = s->conv >= 'a', negative = __builtin_signbit(value);
	const char *sign = negative ? "-" : s->plus ? "+" : s->space ? " " : "";
	int prec = s->prec < 0 ? 6 : s->prec;
	struct decimal d;
	struct layout l;

	if (__builtin_isnan(value) || __builtin_isinf(value)) {
		const char *text = __builtin_isnan(value) ? "nan" : "inf";
		const char *upper = __builtin_isnan(value) ? "NAN" : "INF";

		s->zero = false;
		output_begin(o, s, sign, 3);
		output_put(o, lower ? text : upper, 3);
		output_end(o, s, sign, 3);
		return;
	}
	decimal_set(&d, value);
	switch (s->conv | 32) {
	case 'f':
		plan_fixed(&l, &d, prec);
		break;
	case 'e':
		plan_exponential(&l, &d, prec);
		break;
	default:
		plan_general(&l, &d, prec, s->alt);
	}
	l.point = l.after || s->alt;
	put_layout(o, s, sign, &l);
}

/* A long double is shown with a double's precision: its own arithmetic would need a library. */
static double
narrow(long double value)
{
#if LDBL_MANT_DIG == 113
	uint64_t w[2], sign, mantissa;
	int e;
	double r;

	memcpy(w, &value, sizeof(w));
	sign = w[1] >> 63 << 63;
	e = (int)(w[1] >> 48 & 0x7fff);
	mantissa = (w[1] << 4 | w[0] >> 60) & ((1ull << 52) - 1);
	if (e == 0x7fff) {
		e = 0x7ff;
		mantissa |= (w[0] << 4) != 0;
	} else {
		e += 1023 - 16383;
		if (e >= 0x7ff)
			e = 0x7ff, mantissa = 0;
		else if (e <= 0)
			e = 0, mantissa = 0;
	}
	sign |= (uint64_t)e << 52 | mantissa;
	memcpy(&r, &sign, sizeof(r));
	return r;
#else
	return (double)value;
#endif
}

void
output_long_double(struct output *o, struct spec *s, long double value)
{
	output_double(o, s, narrow(value));
}

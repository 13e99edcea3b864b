/* Decimal text to double. */
#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <strings.h>

/* v * 10^e. Right to the last bit for |e| <= 22, where the power is exact; each step rounds. */
static double
scale_by_power10(double v, int e)
{
	bool down = e < 0;
	double p = 1;
	int n = abs(e);

	for (; n >= 22; n -= 22)
		v = down ? v / 1e22 : v * 1e22;
	while (n--)
		p *= 10;
	return down ? v / p : v * p;
}

/* Digits with a point: the first 19 make *M, the others only count in *E, a power of ten. */
static const char *
parse_digits(const char *s, uint64_t *m, int *e)
{
	bool point = false, any = false;
	int kept = 0;

	for (;; s++) {
		if (*s == '.' && !point) {
			point = true;
			continue;
		}
		if (!isdigit((unsigned char)*s))
			return any ? s : NULL;
		any = true;
		if (kept < 19) {
			*m = *m * 10 + (uint64_t)(*s - '0');
			kept += *m != 0;
			*e -= point;
		} else {
			*e += !point;
		}
	}
}

static const char *
parse_exponent(const char *s, int *e)
{
	const char *p = s + 1;
	bool negative = *p == '-';
	int n = 0;

	if ((*s | 32) != 'e')
		return s;
	if (*p == '-' || *p == '+')
		p++;
	if (!isdigit((unsigned char)*p))
		return s;
	for (; isdigit((unsigned char)*p); p++)
		if (n < 100000)
			n = n * 10 + (*p - '0');
	*e += negative ? -n : n;
	return p;
}

double
strtod(const char *s, char **end)
{
	const char *p = s, *q;
	uint64_t m = 0;
	bool negative;
	double v;
	int e = 0;

	if (end)
		*end = (char *)s;
	while (isspace((unsigned char)*p))
		p++;
	negative = *p == '-';
	if (*p == '-' || *p == '+')
		p++;
	if (strncasecmp(p, "inf", 3) == 0) {
		v = __builtin_inf();
		q = p + (strncasecmp(p, "infinity", 8) == 0 ? 8 : 3);
	} else if (strncasecmp(p, "nan", 3) == 0) {
		v = __builtin_nan("");
		q = p + 3;
	} else {
		q = parse_digits(p, &m, &e);
		if (!q)
			return 0;
		q = parse_exponent(q, &e);
		v = scale_by_power10((double)m, e < -400 ? -400 : e > 400 ? 400 : e);
		if (__builtin_isinf(v) || (v == 0 && m))
			errno = ERANGE;
	}
	if (end)
		*end = (char *)q;
	return negative ? -v : v;
}

double
atof(const char *s)
{
	return strtod(s, NULL);
}

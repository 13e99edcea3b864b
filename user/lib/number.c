/* Text to integers, and small arithmetic. */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>

static int
digit_value(int c)
{
	if (isdigit(c))
		return c - '0';
	if (isalpha(c))
		return tolower(c) - 'a' + 10;
	return INT_MAX;
}

/* Digits, without blanks and sign: the value, or MAX and *OVERFLOW. Without any *END stays. */
static unsigned long long
magnitude(const char *s, const char **end, int base, unsigned long long max, bool *overflow)
{
	unsigned long long n = 0, digit;

	if ((base == 0 || base == 16) && s[0] == '0' && (s[1] | 32) == 'x' &&
	    isxdigit((unsigned char)s[2])) {
		s += 2;
		base = 16;
	} else if (base == 0) {
		base = s[0] == '0' ? 8 : 10;
	}
	for (; (digit = (unsigned)digit_value((unsigned char)*s)) < (unsigned)base; *end = ++s) {
		if (n > (max - digit) / (unsigned)base)
			*overflow = true;
		else
			n = n * (unsigned)base + digit;
	}
	return *overflow ? max : n;
}

/*
 * All the strto functions: numbers from -(MAX + 1) or, when !IS_SIGNED, from -MAX (which is
 * then negated in unsigned arithmetic) up to MAX.
 */
static unsigned long long
convert(const char *s, char **end, int base, unsigned long long max, bool is_signed)
{
	const char *p = s, *last = s;
	unsigned long long n;
	bool negative, overflow = false;

	if (end)
		*end = (char *)s;
	if (base < 0 || base == 1 || base > 36) {
		errno = EINVAL;
		return 0;
	}
	while (isspace((unsigned char)*p))
		p++;
	negative = *p == '-';
	if (*p == '-' || *p == '+')
		p++;
	if (is_signed && negative)
		max++;
	n = magnitude(p, &last, base, max, &overflow);
	if (end)
		*end = (char *)last;
	if (overflow)
		errno = ERANGE;
	return negative && !(overflow && !is_signed) ? -n : n;
}

long
strtol(const char *s, char **end, int base)
{
	return (long)convert(s, end, base, LONG_MAX, true);
}

unsigned long
strtoul(const char *s, char **end, int base)
{
	return (unsigned long)convert(s, end, base, ULONG_MAX, false);
}

long long
strtoll(const char *s, char **end, int base)
{
	return (long long)convert(s, end, base, LLONG_MAX, true);
}

unsigned long long
strtoull(const char *s, char **end, int base)
{
	return convert(s, end, base, ULLONG_MAX, false);
}

intmax_t
strtoimax(const char *s, char **end, int base)
{
	return strtoll(s, end, base);
}

uintmax_t
strtoumax(const char *s, char **end, int base)
{
	return strtoull(s, end, base);
}

int
atoi(const char *s)
{
	return (int)strtol(s, NULL, 10);
}

long
atol(const char *s)
{
	return strtol(s, NULL, 10);
}

long long
atoll(const char *s)
{
	return strtoll(s, NULL, 10);
}

int
abs(int n)
{
	return n < 0 ? -n : n;
}

long
labs(long n)
{
	return n < 0 ? -n : n;
}

long long
llabs(long long n)
{
	return n < 0 ? -n : n;
}

div_t
div(int n, int d)
{
	return (div_t){ n / d, n % d };
}

ldiv_t
ldiv(long n, long d)
{
	return (ldiv_t){ n / d, n % d };
}

/* A linear congruential generator of 64 bits, of which the upper ones are good (Knuth's MMIX). */
static uint64_t rand_state = 1;

static int
rand_next(uint64_t *state)
{
	*state = *state * 6364136223846793005ull + 1442695040888963407ull;
	return (int)(*state >> 33);
}

int
rand(void)
{
	return rand_next(&rand_state);
}

void
srand(unsigned seed)
{
	rand_state = seed;
}

int
rand_r(unsigned *seed)
{
	uint64_t state = *seed;
	int r = rand_next(&state);

	*seed = (unsigned)(state >> 32);
	return r;
}

/* Division of 64-bit numbers, which compilers take for granted. */
#include "lib/util.h"

uint64_t __udivmoddi4(uint64_t n, uint64_t d, uint64_t *rest);
int64_t	__divmoddi4(int64_t n, int64_t d, int64_t *rest);
uint64_t __udivdi3(uint64_t n, uint64_t d);
uint64_t __umoddi3(uint64_t n, uint64_t d);
int64_t	__divdi3(int64_t n, int64_t d);
int64_t	__moddi3(int64_t n, int64_t d);

/* The machine divides 64 bits by 32 when the result has 32: digit by digit. */
static uint64_t
divide_short(uint64_t n, uint32_t d, uint64_t *rest)
{
	uint32_t high = (uint32_t)(n >> 32), q_high = high / d, q_low, r = high % d;

	__asm__("divl %4" : "=a"(q_low), "=d"(r) : "0"((uint32_t)n), "1"(r), "r"(d));
	*rest = r;
	return (uint64_t)q_high << 32 | q_low;
}

/*
 * D has more than 32 bits, so the result has fewer. Dividing by D's highest 32
 * bits, with N shifted as far, gives it or one more.
 */
uint64_t
__udivmoddi4(uint64_t n, uint64_t d, uint64_t *rest)
{
	uint64_t q, ignored;
	unsigned shift;

	if (d >> 32 == 0) {
		q = divide_short(n, (uint32_t)d, &ignored);
		if (rest != NULL)
			*rest = ignored;
		return q;
	}
	shift = 32 - (unsigned)__builtin_clz((uint32_t)(d >> 32));
	q = divide_short(n >> 1, (uint32_t)(d >> shift), &ignored) >> (shift - 1);
	if (q > 0)
		q--;			/* now it, or one less */
	n -= q * d;
	if (n >= d) {
		n -= d;
		q++;
	}
	if (rest != NULL)
		*rest = n;
	return q;
}

uint64_t
__udivdi3(uint64_t n, uint64_t d)
{
	return __udivmoddi4(n, d, NULL);
}

uint64_t
__umoddi3(uint64_t n, uint64_t d)
{
	uint64_t rest;

	__udivmoddi4(n, d, &rest);
	return rest;
}

static uint64_t
magnitude(int64_t v)
{
	return v < 0 ? -(uint64_t)v : (uint64_t)v;
}

/* Towards zero; the rest has the sign of N. */
int64_t
__divmoddi4(int64_t n, int64_t d, int64_t *rest)
{
	uint64_t r, q = __udivmoddi4(magnitude(n), magnitude(d), &r);

	if (rest != NULL)
		*rest = (int64_t)(n < 0 ? -r : r);
	return (int64_t)((n < 0) != (d < 0) ? -q : q);
}

int64_t
__divdi3(int64_t n, int64_t d)
{
	return __divmoddi4(n, d, NULL);
}

int64_t
__moddi3(int64_t n, int64_t d)
{
	int64_t rest;

	__divmoddi4(n, d, &rest);
	return rest;
}

/*
 * A double is m * 2^e. For e >= 0 that is a whole number; otherwise m / 2^k is
 * m * 5^k / 10^k: a whole number again, with the point k digits from the right.
 */
#include "decimal.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define BASE	1000000000u

static void
multiply(struct decimal *d, unsigned by)
{
	uint64_t carry = 0;

	for (int i = 0; i < d->nwords; i++) {
		carry += (uint64_t)d->word[i] * by;
		d->word[i] = (unsigned)(carry % BASE);
		carry /= BASE;
	}
	if (carry)
		d->word[d->nwords++] = (unsigned)carry;
}

/* by BASIS^n, in steps of BASIS^step, which is below BASE. */
static void
multiply_power(struct decimal *d, unsigned basis, int step, int n)
{
	for (; n > 0; n -= step) {
		unsigned by = 1;

		for (int i = 0; i < step && i < n; i++)
			by *= basis;
		multiply(d, by);
	}
}

void
decimal_set(struct decimal *d, double value)
{
	uint64_t bits, m;
	int e;

	memcpy(&bits, &value, sizeof(bits));
	m = bits & ((1ull << 52) - 1);
	e = (int)(bits >> 52 & 0x7ff);
	if (e)
		m |= 1ull << 52;
	else
		e = 1;
	e -= 1075;
	d->nwords = d->scale = 0;
	if (!m)
		return;
	while (!(m & 1)) {
		m >>= 1;
		e++;
	}
	for (; m; m /= BASE)
		d->word[d->nwords++] = (unsigned)(m % BASE);
	if (e >= 0) {
		multiply_power(d, 2, 29, e);
	} else {
		multiply_power(d, 5, 12, -e);
		d->scale = -e;
	}
}

static const unsigned power10[] = {
	1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000,
};

int
decimal_digits(const struct decimal *d)
{
	int n = (d->nwords - 1) * 9;

	if (!d->nwords)
		return 0;
	for (unsigned top = d->word[d->nwords - 1]; top; top /= 10)
		n++;
	return n;
}

int
decimal_digit(const struct decimal *d, int i)
{
	if (i < 0 || i / 9 >= d->nwords)
		return 0;
	return (int)(d->word[i / 9] / power10[i % 9] % 10);
}

/* Are all digits worth less than 10^i zero? */
static bool
zero_below(const struct decimal *d, int i)
{
	for (int w = 0; w < i / 9 && w < d->nwords; w++)
		if (d->word[w])
			return false;
	return i / 9 >= d->nwords || d->word[i / 9] % power10[i % 9] == 0;
}

static void
clear_below(struct decimal *d, int i)
{
	for (int w = 0; w < i / 9 && w < d->nwords; w++)
		d->word[w] = 0;
	if (i / 9 < d->nwords)
		d->word[i / 9] -= d->word[i / 9] % power10[i % 9];
}

/* Adds 10^i. */
static void
add_power(struct decimal *d, int i)
{
	unsigned carry = power10[i % 9];

	for (int w = i / 9; carry; w++) {
		while (d->nwords <= w)
			d->word[d->nwords++] = 0;
		d->word[w] += carry;
		carry = d->word[w] >= BASE;
		if (carry)
			d->word[w] -= BASE;
	}
}

static void
drop_leading_zeroes(struct decimal *d)
{
	while (d->nwords && !d->word[d->nwords - 1])
		d->nwords--;
}

void
decimal_round(struct decimal *d, int i)
{
	int half;
	bool up;

	if (i <= 0)
		return;
	if (i > decimal_digits(d) + 1) {	/* less than a twentieth of the last digit kept */
		d->nwords = 0;
		return;
	}
	half = decimal_digit(d, i - 1);
	up = half > 5 || (half == 5 && (!zero_below(d, i - 1) || decimal_digit(d, i) % 2));
	clear_below(d, i);
	if (up)
		add_power(d, i);
	drop_leading_zeroes(d);
}

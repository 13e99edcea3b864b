/* Exact decimal digits of floating-point numbers. */
#ifndef DECIMAL_H
#define DECIMAL_H

#define DECIMAL_WORDS	90		/* of 9 digits: 5^1074 * 2^53 has 768 */

/* A number >= 0 as sum of word[i] * 10^(9 * i), divided by 10^scale. */
struct decimal {
	int nwords;			/* 0: the number is 0 */
	int scale;
	unsigned word[DECIMAL_WORDS];
};

void	decimal_set(struct decimal *d, double value);	/* VALUE finite; its sign is ignored */
int	decimal_digits(const struct decimal *d);	/* how many, without leading zeroes */
int	decimal_digit(const struct decimal *d, int i);	/* the one worth 10^i before scaling */
/* Rounds half to even so that the digits worth less than 10^i are 0. */
void	decimal_round(struct decimal *d, int i);

#endif

/* See lib/sum64.h. */
#include "lib/sum64.h"

#define FACTOR	0x9e3779b97f4a7c15u	/* odd: 2^64 divided by the golden ratio */

static inline uint64_t
mix(uint64_t sum, uint64_t word)
{
	sum = (sum ^ word) * FACTOR;
	return sum ^ sum >> 32;
}

uint64_t
sum64(uint64_t sum, const void *data, size_t n)
{
	const uint64_t *p = data, *end = p + n / 8;

	for (; end - p >= 4; p += 4)
		sum = mix(mix(mix(mix(sum, p[0]), p[1]), p[2]), p[3]);
	for (; p < end; p++)
		sum = mix(sum, *p);
	return sum;
}

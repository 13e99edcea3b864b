/* What compilers call for operations that a machine has no instruction for. */
#include <stdint.h>

int	__clzdi2(uint64_t n);
int	__ctzdi2(uint64_t n);
int	__clzsi2(uint32_t n);
int	__ctzsi2(uint32_t n);
int	__ffsdi2(uint64_t n);
int	__ffssi2(uint32_t n);
int	__popcountdi2(uint64_t n);
int	__popcountsi2(uint32_t n);

/* Leading zeroes; of 0: all. */
int
__clzsi2(uint32_t n)
{
	int zeroes = 0;

	for (int half = 16; half; half /= 2)
		if (!(n >> (32 - half))) {
			zeroes += half;
			n <<= half;
		}
	return zeroes + !n;
}

int
__clzdi2(uint64_t n)
{
	return n >> 32 ? __clzsi2((uint32_t)(n >> 32)) : 32 + __clzsi2((uint32_t)n);
}

/* Trailing zeroes: the lowest bit set alone has as many below it. */
int
__ctzsi2(uint32_t n)
{
	return n ? 31 - __clzsi2(n & -n) : 32;
}

int
__ctzdi2(uint64_t n)
{
	return (uint32_t)n ? __ctzsi2((uint32_t)n) : 32 + __ctzsi2((uint32_t)(n >> 32));
}

int
__ffssi2(uint32_t n)
{
	return n ? __ctzsi2(n) + 1 : 0;
}

int
__ffsdi2(uint64_t n)
{
	return n ? __ctzdi2(n) + 1 : 0;
}

int
__popcountsi2(uint32_t n)
{
	int bits = 0;

	for (; n; n &= n - 1)
		bits++;
	return bits;
}

int
__popcountdi2(uint64_t n)
{
	return __popcountsi2((uint32_t)n) + __popcountsi2((uint32_t)(n >> 32));
}

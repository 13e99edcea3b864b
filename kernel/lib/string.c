/*
 * See lib/string.h. Whole words where both sides are aligned alike. A port that has
 * something faster than these loops brings its own memcpy and memset: weak here.
 */
#include "lib/string.h"

#include "lib/util.h"

typedef unsigned long __attribute__((may_alias)) word_t;

#define WORD	    sizeof(word_t)
#define MISALIGN(p) ((uintptr_t)(p) % WORD)

/* From low to high addresses: right also for overlapping ranges with dst < src. */
static void
copy_up(char *d, const char *s, size_t n)
{
	if (MISALIGN(d) == MISALIGN(s)) {
		for (; n > 0 && MISALIGN(d) != 0; n--)
			*d++ = *s++;
		for (; n >= 8 * WORD; n -= 8 * WORD, d += 8 * WORD, s += 8 * WORD) {
			const word_t *from = (const word_t *)s;
			word_t a = from[0], b = from[1], c = from[2], e = from[3];
			word_t f = from[4], g = from[5], h = from[6], i = from[7];
			word_t *to = (word_t *)d;

			to[0] = a, to[1] = b, to[2] = c, to[3] = e;
			to[4] = f, to[5] = g, to[6] = h, to[7] = i;
		}
		for (; n >= WORD; n -= WORD, d += WORD, s += WORD)
			*(word_t *)d = *(const word_t *)s;
	}
	while (n-- > 0)
		*d++ = *s++;
}

__attribute__((weak)) void *
memcpy(void *restrict dst, const void *restrict src, size_t n)
{
	copy_up(dst, src, n);
	return dst;
}

void *
memmove(void *dst, const void *src, size_t n)
{
	char *d = dst;
	const char *s = src;

	if (d <= s || d >= s + n) {
		copy_up(d, s, n);
		return dst;
	}
	d += n;
	s += n;
	if (MISALIGN(d) == MISALIGN(s)) {
		for (; n > 0 && MISALIGN(d) != 0; n--)
			*--d = *--s;
		for (; n >= WORD; n -= WORD) {
			d -= WORD;
			s -= WORD;
			*(word_t *)d = *(const word_t *)s;
		}
	}
	while (n-- > 0)
		*--d = *--s;
	return dst;
}

__attribute__((weak)) void *
memset(void *dst, int c, size_t n)
{
	char *d = dst;
	word_t w = (word_t)-1 / 0xff * (unsigned char)c;

	for (; n > 0 && MISALIGN(d) != 0; n--)
		*d++ = (char)c;
	for (; n >= 8 * WORD; n -= 8 * WORD, d += 8 * WORD) {
		word_t *to = (word_t *)d;

		to[0] = w, to[1] = w, to[2] = w, to[3] = w;
		to[4] = w, to[5] = w, to[6] = w, to[7] = w;
	}
	for (; n >= WORD; n -= WORD, d += WORD)
		*(word_t *)d = w;
	while (n-- > 0)
		*d++ = (char)c;
	return dst;
}

int
memcmp(const void *a, const void *b, size_t n)
{
	const unsigned char *x = a, *y = b;

	for (; n > 0; n--, x++, y++)
		if (*x != *y)
			return *x - *y;
	return 0;
}

size_t
strlen(const char *s)
{
	const char *p = s;

	while (*p != '\0')
		p++;
	return (size_t)(p - s);
}

size_t
strnlen(const char *s, size_t max)
{
	size_t n = 0;

	while (n < max && s[n] != '\0')
		n++;
	return n;
}

int
strcmp(const char *a, const char *b)
{
	while (*a != '\0' && *a == *b)
		a++, b++;
	return (unsigned char)*a - (unsigned char)*b;
}

int
strncmp(const char *a, const char *b, size_t n)
{
	for (; n > 0; n--, a++, b++)
		if (*a != *b || *a == '\0')
			return (unsigned char)*a - (unsigned char)*b;
	return 0;
}

char *
strchr(const char *s, int c)
{
	for (;; s++) {
		if (*s == (char)c)
			return (char *)(uintptr_t)s;
		if (*s == '\0')
			return NULL;
	}
}

size_t
str_copy(char *dst, const char *src, size_t size)
{
	size_t n = strlen(src);

	if (size > 0) {
		size_t k = MIN(n, size - 1);

		memcpy(dst, src, k);
		dst[k] = '\0';
	}
	return n;
}

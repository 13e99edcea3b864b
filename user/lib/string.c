/* Bytes and strings. */
#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

typedef unsigned long __attribute__((may_alias)) word_t;
#define WORD	sizeof(word_t)

static int
aligned_alike(const void *a, const void *b)
{
	return (((uintptr_t)a ^ (uintptr_t)b) & (WORD - 1)) == 0;
}

void *
memcpy(void *restrict dst, const void *restrict src, size_t n)
{
	unsigned char *d = dst;
	const unsigned char *s = src;

	if (n >= 2 * WORD && aligned_alike(d, s)) {
		for (; (uintptr_t)d & (WORD - 1); n--)
			*d++ = *s++;
		for (; n >= 8 * WORD; n -= 8 * WORD, d += 8 * WORD, s += 8 * WORD) {
			word_t *to = (word_t *)d;
			const word_t *from = (const word_t *)s;
			word_t a = from[0], b = from[1], c = from[2], e = from[3];
			word_t f = from[4], g = from[5], h = from[6], i = from[7];

			to[0] = a, to[1] = b, to[2] = c, to[3] = e;
			to[4] = f, to[5] = g, to[6] = h, to[7] = i;
		}
		for (; n >= WORD; n -= WORD, d += WORD, s += WORD)
			*(word_t *)d = *(const word_t *)s;
	}
	while (n--)
		*d++ = *s++;
	return dst;
}

void *
memmove(void *dst, const void *src, size_t n)
{
	unsigned char *d = dst;
	const unsigned char *s = src;

	/* Forwards is right unless DST lies inside SRC; memcpy above goes forwards. */
	if ((uintptr_t)d - (uintptr_t)s >= n)
		return memcpy(dst, src, n);
	d += n;
	s += n;
	if (aligned_alike(d, s)) {
		for (; n && ((uintptr_t)d & (WORD - 1)); n--)
			*--d = *--s;
		for (; n >= WORD; n -= WORD) {
			d -= WORD;
			s -= WORD;
			*(word_t *)d = *(const word_t *)s;
		}
	}
	while (n--)
		*--d = *--s;
	return dst;
}

void *
memset(void *p, int c, size_t n)
{
	unsigned char *d = p;

	if (n >= 2 * WORD) {
		word_t w = (unsigned char)c * (~0ul / 255);

		for (; (uintptr_t)d & (WORD - 1); n--)
			*d++ = (unsigned char)c;
		for (; n >= 8 * WORD; n -= 8 * WORD, d += 8 * WORD) {
			word_t *to = (word_t *)d;

			to[0] = w, to[1] = w, to[2] = w, to[3] = w;
			to[4] = w, to[5] = w, to[6] = w, to[7] = w;
		}
		for (; n >= WORD; n -= WORD, d += WORD)
			*(word_t *)d = w;
	}
	while (n--)
		*d++ = (unsigned char)c;
	return p;
}

int
memcmp(const void *a, const void *b, size_t n)
{
	const unsigned char *p = a, *q = b;

	if (aligned_alike(p, q)) {
		for (; n && ((uintptr_t)p & (WORD - 1)) && *p == *q; n--, p++, q++)
			;
		if (!((uintptr_t)p & (WORD - 1)))
			for (; n >= WORD && *(const word_t *)p == *(const word_t *)q; n -= WORD) {
				p += WORD;
				q += WORD;
			}
	}
	for (; n; n--, p++, q++)
		if (*p != *q)
			return *p - *q;
	return 0;
}

void *
memchr(const void *p, int c, size_t n)
{
	for (const unsigned char *s = p; n--; s++)
		if (*s == (unsigned char)c)
			return (void *)s;
	return NULL;
}

size_t
strlen(const char *s)
{
	const char *e = s;

	while (*e)
		e++;
	return (size_t)(e - s);
}

size_t
strnlen(const char *s, size_t n)
{
	size_t len = 0;

	while (len < n && s[len])
		len++;
	return len;
}

char *
stpcpy(char *restrict dst, const char *restrict src)
{
	while ((*dst = *src++))
		dst++;
	return dst;
}

char *
strcpy(char *restrict dst, const char *restrict src)
{
	stpcpy(dst, src);
	return dst;
}

char *
strcat(char *restrict dst, const char *restrict src)
{
	stpcpy(dst + strlen(dst), src);
	return dst;
}

char *
strncpy(char *restrict dst, const char *restrict src, size_t n)
{
	size_t i = 0;

	for (; i < n && src[i]; i++)
		dst[i] = src[i];
	for (; i < n; i++)
		dst[i] = '\0';
	return dst;
}

char *
strncat(char *restrict dst, const char *restrict src, size_t n)
{
	char *d = dst + strlen(dst);
	size_t len = strnlen(src, n);

	memcpy(d, src, len);
	d[len] = '\0';
	return dst;
}

size_t
strlcpy(char *restrict dst, const char *restrict src, size_t n)
{
	size_t len = strlen(src);

	if (n) {
		size_t fits = len < n ? len : n - 1;

		memcpy(dst, src, fits);
		dst[fits] = '\0';
	}
	return len;
}

size_t
strlcat(char *restrict dst, const char *restrict src, size_t n)
{
	size_t len = strnlen(dst, n);

	return len + strlcpy(dst + len, src, n - len);
}

int
strcmp(const char *a, const char *b)
{
	for (; *a && *a == *b; a++, b++)
		;
	return (unsigned char)*a - (unsigned char)*b;
}

int
strncmp(const char *a, const char *b, size_t n)
{
	for (; n && *a && *a == *b; n--, a++, b++)
		;
	return n ? (unsigned char)*a - (unsigned char)*b : 0;
}

int
strcoll(const char *a, const char *b)
{
	return strcmp(a, b);
}

int
strncasecmp(const char *a, const char *b, size_t n)
{
	for (; n; n--, a++, b++) {
		int x = tolower((unsigned char)*a), y = tolower((unsigned char)*b);

		if (x != y || !x)
			return x - y;
	}
	return 0;
}

int
strcasecmp(const char *a, const char *b)
{
	return strncasecmp(a, b, SIZE_MAX);
}

char *
strchrnul(const char *s, int c)
{
	while (*s && *s != (char)c)
		s++;
	return (char *)s;
}

char *
strchr(const char *s, int c)
{
	s = strchrnul(s, c);
	return *s == (char)c ? (char *)s : NULL;
}

char *
strrchr(const char *s, int c)
{
	const char *found = NULL;

	do {
		if (*s == (char)c)
			found = s;
	} while (*s++);
	return (char *)found;
}

size_t
strspn(const char *s, const char *accept)
{
	size_t n = 0;

	while (s[n] && strchr(accept, s[n]))
		n++;
	return n;
}

size_t
strcspn(const char *s, const char *reject)
{
	size_t n = 0;

	while (s[n] && !strchr(reject, s[n]))
		n++;
	return n;
}

char *
strpbrk(const char *s, const char *accept)
{
	s += strcspn(s, accept);
	return *s ? (char *)s : NULL;
}

char *
strstr(const char *s, const char *part)
{
	size_t n = strlen(part);

	if (!n)
		return (char *)s;
	for (; (s = strchr(s, *part)); s++)
		if (strncmp(s, part, n) == 0)
			return (char *)s;
	return NULL;
}

char *
strtok_r(char *restrict s, const char *restrict sep, char **restrict save)
{
	if (!s)
		s = *save;
	s += strspn(s, sep);
	if (!*s) {
		*save = s;
		return NULL;
	}
	*save = s + strcspn(s, sep);
	if (**save)
		*(*save)++ = '\0';
	return s;
}

char *
strtok(char *restrict s, const char *restrict sep)
{
	static char *save;

	return strtok_r(s, sep, &save);
}

char *
strndup(const char *s, size_t n)
{
	size_t len = strnlen(s, n);
	char *d = malloc(len + 1);

	if (d) {
		memcpy(d, s, len);
		d[len] = '\0';
	}
	return d;
}

char *
strdup(const char *s)
{
	return strndup(s, SIZE_MAX);
}

int
ffs(int n)
{
	return __builtin_ffs(n);
}

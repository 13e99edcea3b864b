/* Strings and bytes. */
#include "family.h"

WEAK char *
strcpy(char *to, const char *from)
{
	uint i = 0;

	do
		to[i] = from[i];
	while (from[i++] != '\0');
	return to;
}

WEAK int
strcmp(const char *a, const char *b)
{
	uint i = 0;

	while (a[i] == b[i])
		if (a[i++] == '\0')
			return 0;
	return (uchar)a[i] - (uchar)b[i];
}

WEAK uint
strlen(const char *s)
{
	const char *end = s;

	while (*end != '\0')
		end++;
	return (uint)(end - s);
}

/* Unlike C's, does not find the NUL. */
WEAK char *
strchr(const char *s, char c)
{
	while (*s != '\0' && *s != c)
		s++;
	return *s != '\0' ? (char *)s : NULL;
}

/* Digits only: no sign, no blanks before them. */
WEAK int
atoi(const char *s)
{
	uint n = 0;

	for (uint digit; (digit = (uint)*s - '0') <= 9; s++)
		n = n * 10 + digit;
	return (int)n;
}

WEAK void *
memset(void *to, int c, uint n)
{
	for (char *t = to; n > 0; n--)
		*t++ = (char)c;
	return to;
}

/* Begins at the end at which nothing is overwritten before it was copied. */
static void *
copy(void *to, const void *from, int n)
{
	const char *f = from;
	char *t = to;
	int step = f > t ? 1 : -1, at = f > t ? 0 : n - 1;

	for (int left = n; left > 0; left--, at += step)
		t[at] = f[at];
	return to;
}

WEAK void *
memmove(void *to, const void *from, int n)
{
	return copy(to, from, n);
}

/* For compilers too, which call it by themselves. */
WEAK void *
memcpy(void *to, const void *from, uint n)
{
	return copy(to, from, (int)n);
}

WEAK int
memcmp(const void *a, const void *b, uint n)
{
	const char *p = a, *q = b;
	uint i = 0;

	while (i < n && p[i] == q[i])
		i++;
	return i < n ? p[i] - q[i] : 0;
}

WEAK char *
gets(char *buf, int max)
{
	int n = 0;

	while (n + 1 < max && __sys_read(0, buf + n, 1) == 1) {
		n++;
		if (buf[n - 1] == '\n' || buf[n - 1] == '\r')
			break;
	}
	buf[n] = '\0';
	return buf;
}

/* Strings and bytes. */
#include "family.h"

WEAK char *
strcpy(char *to, const char *from)
{
	for (char *t = to; (*t = *from) != '\0'; t++, from++)
		;
	return to;
}

WEAK int
strcmp(const char *a, const char *b)
{
	while (*a != '\0' && *a == *b)
		a++, b++;
	return (uchar)*a - (uchar)*b;
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
	for (; *s != '\0'; s++)
		if (*s == c)
			return (char *)s;
	return NULL;
}

/* Digits only: no sign, no blanks before them. */
WEAK int
atoi(const char *s)
{
	uint n = 0;

	for (; *s >= '0' && *s <= '9'; s++)
		n = n * 10 + (uint)(*s - '0');
	return (int)n;
}

WEAK void *
memset(void *to, int c, uint n)
{
	for (char *t = to; n > 0; n--)
		*t++ = (char)c;
	return to;
}

static void *
copy(void *to, const void *from, int n)
{
	const char *f = from;
	char *t = to;

	if (f > t)
		while (n-- > 0)
			*t++ = *f++;
	else
		while (n-- > 0)
			t[n] = f[n];
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

	for (; n > 0; n--, p++, q++)
		if (*p != *q)
			return *p - *q;
	return 0;
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

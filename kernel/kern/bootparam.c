/* See kern/bootparam.h. */
#include "kern/bootparam.h"

#include "lib/string.h"

static const char *line = "";		/* c after boot */

void
bootparam_init(const char *cmdline)
{
	line = cmdline;
}

const char *
bootparam_line(void)
{
	return line;
}

static size_t
word_length(const char *s)
{
	size_t n = 0;

	while (s[n] != '\0' && s[n] != ' ')
		n++;
	return n;
}

/* The value of KEY and its length; NULL: not given. The last one counts. */
static const char *
find(const char *key, size_t *len)
{
	size_t n = strlen(key), word;
	const char *found = NULL;

	for (const char *s = line; *s != '\0'; s += word) {
		while (*s == ' ')
			s++;
		word = word_length(s);
		if (word < n || strncmp(s, key, n) != 0)
			continue;
		if (word == n || s[n] == '=') {
			found = s + MIN(word, n + 1);
			*len = word - (size_t)(found - s);
		}
	}
	return found;
}

bool
bootparam_get(const char *key, char *buf, size_t size)
{
	size_t len;
	const char *value = find(key, &len);

	if (value == NULL)
		return false;
	len = MIN(len, size - 1);
	memcpy(buf, value, len);
	buf[len] = '\0';
	return true;
}

bool
bootparam_is(const char *key, const char *value)
{
	size_t len;
	const char *found = find(key, &len);

	return found != NULL && len == strlen(value) && strncmp(found, value, len) == 0;
}

uint64_t
bootparam_number(const char *key, uint64_t otherwise)
{
	size_t len;
	const char *s = find(key, &len);
	uint64_t v = 0;

	if (s == NULL || len == 0)
		return otherwise;
	for (size_t i = 0; i < len; i++) {
		if (s[i] < '0' || s[i] > '9')
			return otherwise;
		v = v * 10 + (uint64_t)(s[i] - '0');
	}
	return v;
}

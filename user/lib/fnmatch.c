/* Shell patterns. */
#include <fnmatch.h>
#include <stdbool.h>
#include <stddef.h>

/*
 * Does C match the bracket expression at P, just behind its '['? Sets *END
 * behind the ']'; *END stays NULL when there is none: then '[' is an ordinary character.
 */
static bool
bracket(const char *p, unsigned char c, int flags, const char **end)
{
	bool negate = *p == '!' || *p == '^', found = false;
	const char *first;

	p += negate;
	for (first = p; *p && (*p != ']' || p == first); p++) {
		unsigned char lo, hi;

		if (*p == '\\' && p[1] && !(flags & FNM_NOESCAPE))
			p++;
		lo = hi = (unsigned char)*p;
		if (p[1] == '-' && p[2] && p[2] != ']') {
			p += 2;
			if (*p == '\\' && p[1] && !(flags & FNM_NOESCAPE))
				p++;
			hi = (unsigned char)*p;
		}
		if (c >= lo && c <= hi)
			found = true;
	}
	if (!*p)
		return false;
	*end = p + 1;
	return found != negate;
}

/* Matches one character of the pattern, not '*': moves *P behind it. */
static bool
match_one(const char **p, unsigned char c, int flags)
{
	const char *s = *p, *end = NULL;
	bool hit;

	if (*s == '?') {
		*p = s + 1;
		return c != '/' || !(flags & FNM_PATHNAME);
	}
	if (*s == '[') {
		hit = bracket(s + 1, c, flags, &end);
		if (end) {
			*p = end;
			return hit && (c != '/' || !(flags & FNM_PATHNAME));
		}
	}
	if (*s == '\\' && s[1] && !(flags & FNM_NOESCAPE))
		s++;
	*p = s + 1;
	return (unsigned char)*s == c;
}

/* Is S[0] a leading period, that only a period may match? */
static bool
leading_period(const char *s, const char *start, int flags)
{
	return (flags & FNM_PERIOD) && *s == '.' &&
	    (s == start || ((flags & FNM_PATHNAME) && s[-1] == '/'));
}

int
fnmatch(const char *p, const char *s, int flags)
{
	const char *start = s;
	/* Behind the last '*', and where it may take one character more. */
	const char *star = NULL, *retry = NULL;

	for (;;) {
		if (*p == '*') {
			if (leading_period(s, start, flags))
				return FNM_NOMATCH;
			star = ++p;
			retry = s;
			continue;
		}
		if (!*s && !*p)
			return 0;
		if (*s && *p) {
			bool special = *p == '?' || *p == '[';

			if (!(special && leading_period(s, start, flags)) &&
			    match_one(&p, (unsigned char)*s, flags)) {
				s++;
				continue;
			}
		}
		if (!star || !*retry || (*retry == '/' && (flags & FNM_PATHNAME)))
			return FNM_NOMATCH;
		p = star;
		s = ++retry;
	}
}

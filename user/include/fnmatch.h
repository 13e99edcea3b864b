/* Shell patterns. POSIX.1-2017, <fnmatch.h>; XCU 2.13. */
#ifndef _FNMATCH_H
#define _FNMATCH_H

#define FNM_NOMATCH	1
#define FNM_NOESCAPE	1	/* a backslash is an ordinary character */
#define FNM_PATHNAME	2	/* only a slash matches a slash */
#define FNM_PERIOD	4	/* a leading period must be matched by a period */

/* 0: STRING matches PATTERN (* ? [a-z] [!a-z] \c); FNM_NOMATCH: it does not. */
int	fnmatch(const char *pattern, const char *string, int flags);

#endif

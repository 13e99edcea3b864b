/* Bytes and strings. C11 7.24; POSIX.1-2017, <string.h>. */
#ifndef _STRING_H
#define _STRING_H

#include <stddef.h>

void	*memchr(const void *p, int c, size_t n);
int	memcmp(const void *a, const void *b, size_t n);
void	*memcpy(void *restrict dst, const void *restrict src, size_t n);
void	*memmove(void *dst, const void *src, size_t n);
void	*memset(void *p, int c, size_t n);
char	*stpcpy(char *restrict dst, const char *restrict src);
char	*strcat(char *restrict dst, const char *restrict src);
char	*strchr(const char *s, int c);
char	*strchrnul(const char *s, int c);	/* the end of S when C is not there */
int	strcmp(const char *a, const char *b);
int	strcoll(const char *a, const char *b);
char	*strcpy(char *restrict dst, const char *restrict src);
size_t	strcspn(const char *s, const char *reject);
char	*strdup(const char *s);			/* NULL with errno ENOMEM */
char	*strndup(const char *s, size_t n);
/* Static texts; an unknown number gives "Unknown error N", overwritten by the next such call. */
char	*strerror(int e);
char	*strsignal(int sig);
/* Copies at most N - 1 bytes and always ends with NUL; returns strlen(SRC). BSD. */
size_t	strlcpy(char *restrict dst, const char *restrict src, size_t n);
size_t	strlcat(char *restrict dst, const char *restrict src, size_t n);
size_t	strlen(const char *s);
char	*strncat(char *restrict dst, const char *restrict src, size_t n);
int	strncmp(const char *a, const char *b, size_t n);
char	*strncpy(char *restrict dst, const char *restrict src, size_t n);
size_t	strnlen(const char *s, size_t n);
char	*strpbrk(const char *s, const char *accept);
char	*strrchr(const char *s, int c);
size_t	strspn(const char *s, const char *accept);
char	*strstr(const char *s, const char *part);
char	*strtok(char *restrict s, const char *restrict sep);
char	*strtok_r(char *restrict s, const char *restrict sep, char **restrict save);
int	strcasecmp(const char *a, const char *b);
int	strncasecmp(const char *a, const char *b, size_t n);

#endif

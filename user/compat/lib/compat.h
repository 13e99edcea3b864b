/*
 * What the libraries of the xv6 families share. Every function a program may
 * know is WEAK: the program's own of the same name replaces it, and nothing in
 * here calls one. There is no state but malloc's: output leaves in
 * one write(), exit() has nothing to do.
 */
#ifndef COMPAT_H
#define COMPAT_H

#define XV6_LIBRARY

#include <abi/fcntl.h>
#include <abi/mman.h>
#include <abi/stat.h>
#include <raw.h>

#define WEAK	__attribute__((weak))

/* There in programs compiled with -DQUIRE_SBRK_EAGER (user.h); address 0 in others. */
extern const char __xv6_eager WEAK;

/* A system call's result as the families know it. */
static inline int
minus_one(long r)
{
	return r < 0 ? -1 : (int)r;
}

char	*__xv6_sbrk(long n, int how);
int	__xv6_open(const char *path, int flags);

/* ---- printing: text gathered for one write() (out.c) ---- */

struct out {
	int fd;
	unsigned n;			/* gathered bytes */
};

void	__xv6_put(struct out *o, char c);
void	__xv6_put_string(struct out *o, const char *s);
void	__xv6_put_number(struct out *o, uint64_t v, unsigned base);
void	__xv6_put_signed(struct out *o, int64_t v);
void	__xv6_flush(struct out *o);

#endif

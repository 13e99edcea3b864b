/* What the files of usertests share, beyond test.h. */
#ifndef UT_H
#define UT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PG		4096L
#define PAGES(n)	((long)(n) * PG)
#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

/* The first address that user space does not have (SPEC 2.1). */
#define USER_END	((uintptr_t)(sizeof(long) == 8 ? 0x3fffffe000ll : 0x80000000ll))

/* A page of its own with these rights, with nothing mapped before and behind it. */
char	*page_before_nothing(int prot);
/*
 * Address number K that no call may read (WRITTEN: may write); false when there are no more.
 * Number 0 is NULL.
 */
bool	bad_address(int k, bool written, long *va);

/* FN(number) in N processes, each of which must exit with 0. */
void	together(int n, int (*fn)(void *));
/* Waits for PID like waitpid, but kills it after MS milliseconds; its status. */
int	wait_or_kill(int pid, int ms);
long	milliseconds(void);	/* since boot */
bool	is_open(int fd);

#endif

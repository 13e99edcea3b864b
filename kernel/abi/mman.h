/*
 * Protections and flags of mmap(2), mprotect(2), msync(2), sbrkx(2).
 * POSIX.1-2017, <sys/mman.h>; values as in the generic Linux ABI.
 */
#ifndef ABI_MMAN_H
#define ABI_MMAN_H

#define PROT_NONE	0
#define PROT_READ	1
#define PROT_WRITE	2
#define PROT_EXEC	4

#define MAP_SHARED	0x01
#define MAP_PRIVATE	0x02
#define MAP_FIXED	0x10
#define MAP_ANONYMOUS	0x20

#define MS_ASYNC	1
#define MS_INVALIDATE	2
#define MS_SYNC		4

#define SBRK_EAGER	1	/* all pages now, or fail */
#define SBRK_LAZY	2	/* pages appear on first touch */

#endif

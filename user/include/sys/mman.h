/* Memory mappings. POSIX.1-2017, <sys/mman.h>; SPEC 2.2. Values in abi/mman.h. */
#ifndef _SYS_MMAN_H
#define _SYS_MMAN_H

#include <abi/mman.h>
#include <sys/types.h>

#define MAP_FAILED	((void *)-1)
#define MAP_ANON	MAP_ANONYMOUS

/*
 * Maps LEN bytes, rounded up to pages, of FD from OFF (a multiple of 4096) on, or of zeroes with
 * MAP_ANONYMOUS. Exactly one of MAP_SHARED and MAP_PRIVATE. ADDR is a hint unless MAP_FIXED.
 * MAP_FAILED with errno: EINVAL, EBADF, EACCES (fd not open for it), ENODEV (no regular file),
 * ENOMEM.
 */
void	*mmap(void *addr, size_t len, int prot, int flags, int fd, off_t off);
/* Any pages, mapped or not. EINVAL: addr unaligned, len 0, outside user space. */
int	munmap(void *addr, size_t len);
int	mprotect(void *addr, size_t len, int prot);	/* ENOMEM: a page is not mapped; EACCES */
/* FLAGS: MS_SYNC or MS_ASYNC. ENOMEM, EINVAL, EIO. */
int	msync(void *addr, size_t len, int flags);

#endif

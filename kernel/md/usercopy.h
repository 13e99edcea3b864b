/*
 * Copies between the kernel and the current process's memory, with the
 * user's rights (P6). Faults are served; they may sleep. Return 0 or -EFAULT,
 * after having copied some of it; a range that leaves user space is -EFAULT.
 */
#ifndef MD_USERCOPY_H
#define MD_USERCOPY_H

#include "md/types.h"

err_t	md_copyin(void *dst, vaddr_t src, size_t n) MUST_CHECK;
err_t	md_copyout(vaddr_t dst, const void *src, size_t n) MUST_CHECK;
/*
 * At most MAX bytes with the NUL: the length without it; -ENAMETOOLONG, MAX bytes were copied;
 * -EFAULT.
 */
long	md_copyinstr(char *dst, vaddr_t src, size_t max);

/* One page, page aligned, by the fastest loop the machine has. */
void	md_page_clear(void *page);
void	md_page_copy(void *dst, const void *src);

#endif

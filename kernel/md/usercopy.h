/*
 * Copies between the kernel and the current process's memory, with the
 * user's rights (P6). Faults are served; they may sleep. Return 0 or -EFAULT,
 * after having copied some of it; a range that leaves user space is -EFAULT.
 */
#ifndef MD_USERCOPY_H
#define MD_USERCOPY_H

#include "md/types.h"

static inline bool
user_range(vaddr_t va, size_t n)
{
	return va + n >= va && va + n <= USER_MAX;
}

/* What moves the bytes; one of the two is a range of user space. 0 or -EFAULT. */
int	md_usercopy(void *dst, const void *src, size_t n);

static inline err_t MUST_CHECK
md_copyin(void *dst, vaddr_t src, size_t n)
{
	if (unlikely(!user_range(src, n) || md_usercopy(dst, (const void *)src, n) != 0))
		return ERR(EFAULT);
	return OK;
}

static inline err_t MUST_CHECK
md_copyout(vaddr_t dst, const void *src, size_t n)
{
	if (unlikely(!user_range(dst, n) || md_usercopy((void *)dst, src, n) != 0))
		return ERR(EFAULT);
	return OK;
}

/* The same for a string: its length, MAX when that has no NUL, or -EFAULT. */
long	md_usercopy_str(char *dst, const char *src, size_t max);

/*
 * At most MAX bytes with the NUL: the length without it; -ENAMETOOLONG, MAX bytes were copied;
 * -EFAULT.
 */
static inline long
md_copyinstr(char *dst, vaddr_t src, size_t max)
{
	size_t limit = src < USER_MAX ? MIN(max, USER_MAX - src) : 0;
	long n = md_usercopy_str(dst, (const char *)src, limit);

	if (n < 0 || (size_t)n < limit)
		return n;
	return limit == max ? -ENAMETOOLONG : -EFAULT;
}

/* One page, page aligned, by the fastest loop the machine has. */
void	md_page_clear(void *page);
void	md_page_copy(void *dst, const void *src);

#endif

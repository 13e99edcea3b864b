/*
 * The other end of a read or write: memory of the current process, reached
 * with its rights and faults served, or of the kernel.
 */
#ifndef VM_IOBUF_H
#define VM_IOBUF_H

#include "kern/cpu.h"
#include "lib/string.h"
#include "md/usercopy.h"

struct iobuf {
	bool	 user;
	union {
		vaddr_t	 uva;
		char	*kva;
	};
};

static inline struct iobuf
iobuf_user(vaddr_t va)
{
	return (struct iobuf){ .user = true, .uva = va };
}

static inline struct iobuf
iobuf_kernel(void *p)
{
	return (struct iobuf){ .user = false, .kva = p };
}

/* N bytes from SRC to the buffer at OFF; from the buffer at OFF to DST. -EFAULT. */
static inline err_t MUST_CHECK
iobuf_put(const struct iobuf *b, size_t off, const void *src, size_t n)
{
	if (likely(b->user))
		return md_copyout(b->uva + off, src, n);
	memcpy(b->kva + off, src, n);
	return OK;
}

#define COPYOUT_NOW_MAX	256	/* a lock's holder copies no more at once */

/*
 * md_copyout of at most COPYOUT_NOW_MAX bytes for who holds a lock: no fault is served, so it does
 * not sleep (R1). false: it may have copied a part; do it again with no lock held.
 */
static inline bool
copyout_now(vaddr_t to, const void *src, size_t n)
{
	bool ok;

	if (unlikely(to > USER_MAX - n))
		return false;
	cpu_head()->no_faults = true;
	ok = md_usercopy((void *)to, src, n) == 0;
	cpu_head()->no_faults = false;
	return ok;
}

static inline err_t MUST_CHECK
iobuf_get(const struct iobuf *b, size_t off, void *dst, size_t n)
{
	if (likely(b->user))
		return md_copyin(dst, b->uva + off, n);
	memcpy(dst, b->kva + off, n);
	return OK;
}

#endif

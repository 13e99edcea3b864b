/*
 * The other end of a read or write: memory of the current process, reached
 * with its rights and faults served, or of the kernel.
 */
#ifndef VM_IOBUF_H
#define VM_IOBUF_H

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
err_t	iobuf_put(const struct iobuf *b, size_t off, const void *src, size_t n) MUST_CHECK;
err_t	iobuf_get(const struct iobuf *b, size_t off, void *dst, size_t n) MUST_CHECK;

#endif

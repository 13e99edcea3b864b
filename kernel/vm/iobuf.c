/* See vm/iobuf.h. */
#include "vm/iobuf.h"

#include "lib/string.h"

err_t
iobuf_put(const struct iobuf *b, size_t off, const void *src, size_t n)
{
	if (b->user)
		return md_copyout(b->uva + off, src, n);
	memcpy(b->kva + off, src, n);
	return OK;
}

err_t
iobuf_get(const struct iobuf *b, size_t off, void *dst, size_t n)
{
	if (b->user)
		return md_copyin(dst, b->uva + off, n);
	memcpy(dst, b->kva + off, n);
	return OK;
}

/* Error numbers: the kernel's (abi/errno.h) and those that only libraries give. */
#ifndef _ERRNO_H
#define _ERRNO_H

#include <abi/errno.h>

#define EILSEQ		84	/* C11 7.5 */
#define ENOTSUP		95
#define EOPNOTSUPP	ENOTSUP
#define EWOULDBLOCK	EAGAIN

/* Set by calls that fail, never reset by calls that don't. POSIX.1-2017, errno. */
#define errno		(*__errno_location())
int	*__errno_location(void) __attribute__((const));

#endif

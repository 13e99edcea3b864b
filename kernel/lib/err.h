/*
 * err_t: the outcome of a kernel function, 0 or the negative of an error
 * number. A check build (-DERR_OPAQUE) makes it a pointer to nothing, so
 * that code which mixes it up with an int does not compile.
 *
 * A function that has a count to return and may fail returns `long`: the
 * count, or err_code() of the failure.
 */
#ifndef LIB_ERR_H
#define LIB_ERR_H

#include "abi/errno.h"

#define MUST_CHECK __attribute__((warn_unused_result))

#ifdef ERR_OPAQUE
typedef struct err_opaque *err_t;
#define ERR(e)		((err_t)(long)-(e))	/* ERR(ENOMEM) */
#define err_code(err)	((int)(long)(err))
#else
typedef int err_t;
#define ERR(e)		(-(e))
#define err_code(err)	((int)(err))
#endif

#define OK		((err_t)0)

/* For the rare failure that nothing can or need be done about; say why at the call. */
static inline void
err_ignore(err_t err)
{
	(void)err;
}

/* The error in a long that is one (below 0). */
static inline err_t
err_from(long v)
{
	return v < 0 ? (err_t)v : OK;
}

#endif

/*
 * assert: our own bug, always compiled in. Never for user input, disk
 * contents or a full table. The failure function is supplied by kern/ in the
 * kernel and by the test harness or tool on the host.
 */
#ifndef LIB_ASSERT_H
#define LIB_ASSERT_H

#include "lib/util.h"

void	assert_failed(const char *expr, const char *file, int line) NORETURN;

#define assert(e) \
	(likely(e) ? (void)0 : assert_failed(#e, __FILE__, __LINE__))

#endif

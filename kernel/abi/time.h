/* Clocks of clock_gettime(2). POSIX.1-2017, <time.h>. */
#ifndef ABI_TIME_H
#define ABI_TIME_H

#define CLOCK_REALTIME	0	/* since the Epoch */
#define CLOCK_MONOTONIC	1	/* since boot */

#endif

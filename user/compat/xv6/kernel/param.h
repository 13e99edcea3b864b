/* xv6's limits, for programs that go by them: ours are higher, or end with memory. */
#ifndef XV6_PARAM_H
#define XV6_PARAM_H

#define NPROC		64
#define NCPU		8
#define NOFILE		16
#define NFILE		100
#define NINODE		50
#define NDEV		10
#define ROOTDEV		1
#define MAXARG		32	/* words of an exec, with the NULL */
#define MAXOPBLOCKS	10
#define LOGSIZE		(MAXOPBLOCKS * 3)
#define LOGBLOCKS	(MAXOPBLOCKS * 3)
#define NBUF		(MAXOPBLOCKS * 3)
#define FSSIZE		200000	/* blocks */
#define MAXPATH		128	/* bytes, with the NUL */
#define USERSTACK	1	/* pages */

#endif

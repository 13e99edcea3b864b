/* Limits that users see (SPEC 2, 3, 4 and 6). */
#ifndef ABI_LIMITS_H
#define ABI_LIMITS_H

#define QUIRE_PAGE_SIZE	4096
#define QUIRE_PATH_MAX	128	/* bytes of a path, with its NUL */
#define QUIRE_NAME_MAX	14	/* bytes of a file name, without NUL */
#define QUIRE_OPEN_MAX	1024	/* descriptors of a process */
#define QUIRE_ARG_MAX	131072	/* bytes of argv + envp strings and pointers for execve */
#define QUIRE_LINK_DEPTH 10	/* symbolic links in one path */
#define QUIRE_HZ	10	/* ticks of sleep(13) and uptime(14) a second */
#define QUIRE_MAXPROC	512	/* default of the boot parameter maxproc */
#define XV6_MAXARG	32	/* exec(7): at most 31 strings ... */
#define XV6_ARG_BYTES	4096	/* ... and so many bytes with the pointers */

#endif

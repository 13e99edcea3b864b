// What the headers define; fcntl.h and param.h before types.h.
#include "fcntl.h"
#include "param.h"
#include "types.h"
#include "stat.h"
#include "user.h"
#include "fs.h"
#include "syscall.h"
#include "traps.h"
#include "memlayout.h"

int
main(void)
{
	printf(1, "%d %d %d %d %d\n", BSIZE, DIRSIZ, NDIRECT, MAXFILE, (int)NINDIRECT);
	printf(1, "%d %d %d %d %d %d\n", NPROC, NOFILE, NFILE, NINODE, MAXARG, MAXOPBLOCKS);
	printf(1, "%d %d %d\n", MAXPATH, FSSIZE, PGSIZE);
	printf(1, "%x %x %x %x %x\n", O_RDONLY, O_WRONLY, O_RDWR, O_CREATE, O_TRUNC);
	printf(1, "%d %d %d %d\n", T_DIR, T_FILE, T_DEV, T_SYMLINK);
	printf(1, "%x %x %d %d\n", KERNBASE, PHYSTOP, T_SYSCALL, T_PGFLT);
	printf(1, "%d %d %d\n", SYS_fork, SYS_sbrk, SYS_close);
	printf(1, "%d %d\n", (int)sizeof(struct dirent), (int)sizeof(struct stat));
	printf(1, "%d %d %d\n", PGROUNDUP(4097), PGROUNDDOWN(4097), PGROUNDUP(4096));
	exit();
}

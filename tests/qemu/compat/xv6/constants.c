// What the headers define; param.h and fcntl.h before types.h.
#include "kernel/param.h"
#include "kernel/fcntl.h"
#include "kernel/types.h"
#include "kernel/stat.h"
#include "kernel/fs.h"
#include "kernel/spinlock.h"
#include "kernel/sleeplock.h"
#include "kernel/file.h"
#include "kernel/syscall.h"
#include "kernel/memlayout.h"
#include "kernel/riscv.h"
#include "user/user.h"

int
main(void)
{
	struct spinlock lk = { 0, "lock", 0 };

	printf("%d %d %d %d %d\n", BSIZE, DIRSIZ, NDIRECT, (int)MAXFILE, (int)NINDIRECT);
	printf(
	    "%d %d %d %d %d %d %d\n", NPROC, NOFILE, NFILE, NINODE, MAXARG, MAXOPBLOCKS, MAXPATH);
	printf("%d %d %d %d\n", USERSTACK, FSSIZE, PGSIZE, CONSOLE);
	printf("%x %x %x %x %x %x\n", O_RDONLY, O_WRONLY, O_RDWR, O_CREATE, O_TRUNC, O_NOFOLLOW);
	printf("%d %d %d %d\n", T_DIR, T_FILE, T_DEVICE, T_SYMLINK);
	printf("%x %x\n", (uint)KERNBASE, (uint)(PHYSTOP - KERNBASE));
	printf("%d %d %d %d\n", SYS_fork, SYS_sbrk, SYS_close, SYS_pause == SYS_sleep);
	printf("%d %d\n", (int)sizeof(struct dirent), (int)((struct dirent *)0)->name);
	printf("%d %d %d\n", PGROUNDUP(4097), PGROUNDDOWN(4097), PGROUNDUP(4096));
	printf("%d %d %d\n", PROT_READ | PROT_WRITE | PROT_EXEC, MAP_SHARED, MAP_PRIVATE);
	printf(
	    "%d %d\n", (int)sizeof(uint64), (int)(sizeof(uint8) + sizeof(uint16) + sizeof(uint32)));
	printf("%d %s\n", major(mkdev(3, 4)), lk.name);
	printf("%d\n", TRAMPOLINE - TRAPFRAME == PGSIZE && MAXVA > 0 && SBRK_ERROR == (char *)-1);
	return 0;
}

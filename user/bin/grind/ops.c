/*
 * The operations. Those on names work in a folder that all workers share, under few names, so that
 * they race; nearly every failure is in order there. Those on things of a worker's own check what
 * they find.
 */
#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <quire.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "grind.h"

#define PG		4096
#define KEPT		12	/* descriptors and mappings that a worker keeps for a while */
#define FILE_BYTES	40000
#define HEAP_PAGES	64

static int kept_fd[KEPT];		/* -1: none */
static struct {
	char *at;			/* NULL: none */
	size_t len;
} kept_map[KEPT];
static unsigned long left;		/* operations */
static char buf[9000];

#define MUST(cond)	\
	((cond) ? (void)0 : errx(1, "%s:%d: %s (errno %d)", __FILE__, __LINE__, #cond, errno))

/* What no operation here may meet: a disk or a kernel that is in disorder. */
static void
failure_in_order(long r)
{
	if (r < 0)
		MUST(errno != EIO && errno != EROFS && errno != ENOSYS && errno != EFAULT);
}

/* A name out of a few, perhaps below folders that may be there. */
static const char *
name(void)
{
	static char text[2][40];
	static unsigned turn;
	static const char *const folders[] = { "", "", "", "d0/", "d1/", "d0/d2/", "../",
		"./d1/../" };
	char *p = text[turn++ % 2];

	snprintf(p, sizeof(text[0]), "%s%c%u", folders[random_below(8)], "fffdl"[random_below(5)],
	    (unsigned)random_below(3));
	/* Not out of the shared folder. */
	return strncmp(p, "../", 3) == 0 ? p + 3 : p;
}

/* ---- names ---- */

static void
op_open(void)
{
	static const int flags[] = { O_RDONLY, O_RDWR, O_RDWR | O_CREAT, O_RDWR | O_CREAT | O_TRUNC,
		O_RDWR | O_CREAT | O_EXCL, O_WRONLY | O_APPEND, O_RDONLY | O_DIRECTORY, O_NOFOLLOW,
		O_RDWR | O_CREAT | O_CLOEXEC };
	int slot = (int)random_below(KEPT);

	if (kept_fd[slot] >= 0)
		MUST(close(kept_fd[slot]) == 0);
	kept_fd[slot] = open(name(), flags[random_below(9)], 0666);
	failure_in_order(kept_fd[slot]);
}

static void
op_unlink(void)
{
	failure_in_order(random_below(4) ? unlink(name()) : rmdir(name()));
}

static void
op_link(void)
{
	failure_in_order(random_below(2) ? link(name(), name()) : symlink(name(), name()));
}

static void
op_rename(void)
{
	failure_in_order(rename(name(), name()));
}

static void
op_mkdir(void)
{
	failure_in_order(mkdir(name(), 0777));
}

static void
op_chdir(void)
{
	char where[300];

	if (!getcwd(where, sizeof(where)))
		MUST(errno == ENOENT || errno == ERANGE);
	failure_in_order(chdir(name()));
}

static void
op_look(void)
{
	struct stat st;
	char target[128];
	struct dirent *e;
	DIR *d;

	failure_in_order(stat(name(), &st));
	failure_in_order(lstat(name(), &st));
	failure_in_order(readlink(name(), target, sizeof(target)));
	failure_in_order(access(name(), R_OK));
	d = opendir(random_below(2) ? "." : name());
	while (d && (e = readdir(d)))
		MUST(e->d_name[0]);
	if (d)
		closedir(d);
}

static void
op_sync(void)
{
	if (random_below(8) == 0)
		sync();
}

/* ---- descriptors ---- */

static int
some_fd(void)
{
	return kept_fd[random_below(KEPT)];
}

static void
op_read(void)
{
	failure_in_order(read(some_fd(), buf, random_below(sizeof(buf))));
}

static void
op_write(void)
{
	int fd = some_fd();
	off_t at = lseek(fd, 0, SEEK_CUR);

	if (at >= 0 && at < FILE_BYTES)
		failure_in_order(write(fd, buf, random_below(sizeof(buf))));
}

static void
op_seek(void)
{
	int fd = some_fd();

	failure_in_order(lseek(fd, random_below(FILE_BYTES), SEEK_SET));
	if (random_below(4) == 0)
		failure_in_order(ftruncate(fd, random_below(FILE_BYTES)));
	if (random_below(16) == 0)
		failure_in_order(fsync(fd));
}

static void
op_dup(void)
{
	int slot = (int)random_below(KEPT), fd = dup(some_fd());

	if (fd < 0)
		return;
	if (kept_fd[slot] >= 0)
		MUST(close(kept_fd[slot]) == 0);
	kept_fd[slot] = fd;
}

static void
op_pipe(void)
{
	unsigned n = 1 + random_below(500), seed = random_below(256);
	char in[500], out[500];
	int fd[2];

	if (pipe(fd) < 0) {
		failure_in_order(-1);
		return;
	}
	memset(in, (int)seed, n);
	MUST(write(fd[1], in, n) == (ssize_t)n);
	MUST(read(fd[0], out, sizeof(out)) == (ssize_t)n && memcmp(in, out, n) == 0);
	MUST(close(fd[0]) == 0 && close(fd[1]) == 0);
}

/* ---- memory ---- */

static void
op_heap(void)
{
	intptr_t n = (intptr_t)random_below(HEAP_PAGES * PG);
	char *p = sbrk(n);

	if (p == (void *)-1) {
		MUST(errno == ENOMEM);
		return;
	}
	for (intptr_t i = 0; i < n; i += 1 + (intptr_t)random_below(3 * PG))
		MUST(p[i] == 0 && (p[i] = 1));
	MUST(sbrk(-n) == p + n);
}

static void
let_go(unsigned slot)
{
	if (kept_map[slot].at)
		MUST(munmap(kept_map[slot].at, kept_map[slot].len) == 0);
	kept_map[slot].at = NULL;
}

/* A mapping of a file dies under others' truncations: it is only kept, and forked with. */
static void
op_map(void)
{
	unsigned slot = random_below(KEPT), kind = random_below(4);
	size_t len = 1 + random_below(20 * PG);
	int fd = kind < 2 ? some_fd() : -1;
	int flags = (kind & 1 ? MAP_SHARED : MAP_PRIVATE) | (fd < 0 ? MAP_ANONYMOUS : 0);
	char *p;

	let_go(slot);
	p = mmap(NULL, len, PROT_READ | PROT_WRITE, flags, fd, 0);
	if (p == MAP_FAILED) {
		failure_in_order(-1);
		return;
	}
	if (fd < 0)
		for (size_t i = 0; i < len; i += PG)
			MUST(p[i] == 0 && (p[i] = (char)i, true));
	kept_map[slot].at = p;
	kept_map[slot].len = len;
	if (random_below(4) == 0) {
		MUST(mprotect(p, len, PROT_READ) == 0);
		MUST(munmap(p + len / PG / 2 * PG, PG) == 0);
	}
}

/* The kernel reads and writes mapped files; what was cut off is EFAULT, not a death. */
static void
op_map_copy(void)
{
	unsigned slot = random_below(KEPT);
	int fd = some_fd();

	if (!kept_map[slot].at || fd < 0 || lseek(fd, 0, SEEK_CUR) > FILE_BYTES)
		return;
	(void)read(fd, kept_map[slot].at, kept_map[slot].len / 2);
	(void)write(fd, kept_map[slot].at, kept_map[slot].len / 2);
}

static void
op_share(void)
{
	int *p = mapshared();
	pid_t pid;

	if (!p)
		return;
	pid = fork();
	if (pid == 0) {
		*p = 42;
		_exit(0);
	}
	if (pid > 0) {
		int status;

		MUST(waitpid(pid, &status, 0) == pid);
		MUST(WIFSIGNALED(status) || *p == 42);
	}
	MUST(unmapshared() == 0);
}

static void
op_share_pages(void)
{
	char *p = mmap(NULL, 3 * PG, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int parent = getpid(), status;
	pid_t pid;

	if (p == MAP_FAILED)
		return;
	p[0] = 1;
	pid = fork();
	if (pid == 0) {
		char *q = (char *)(uintptr_t)map_shared_pages(parent, getpid(), (uintptr_t)p,
		    2 * PG);

		if (q)
			q[PG] = 7;
		_exit(q ? 0 : 3);
	}
	if (pid > 0) {
		MUST(waitpid(pid, &status, 0) == pid);
		MUST(status != 0 || p[PG] == 7);
	}
	MUST(munmap(p, 3 * PG) == 0);
}

/* ---- processes ---- */

static void
op_fork(void)
{
	static char page[3 * PG];
	char mark = (char)random_below(256);
	pid_t pid;
	int status;

	memset(page, mark, sizeof(page));
	pid = fork();
	if (pid == 0) {
		memset(page, ~mark, sizeof(page));
		if (random_below(4) == 0)
			usleep(random_below(3000));
		_exit(0);
	}
	if (random_below(3) == 0 && pid > 0)
		kill(pid, SIGKILL);
	if (pid > 0) {
		MUST(waitpid(pid, &status, 0) == pid);
		MUST(status == 0 || (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL));
	}
	for (size_t i = 0; i < sizeof(page); i += 97)
		MUST(page[i] == mark);
}

/* A child talks to a grandchild; one of them may be killed, which the others must notice. */
static void
op_family(void)
{
	pid_t pid = fork();
	int fd[2], status;

	if (pid == 0) {
		if (pipe(fd) < 0)
			_exit(0);
		pid = fork();
		if (pid == 0) {
			close(fd[0]);
			for (int i = 0; i < 40; i++)
				if (write(fd[1], buf, 400) < 0)
					break;
			_exit(0);
		}
		close(fd[1]);
		if (pid > 0 && random_below(2))
			kill(pid, SIGKILL);
		while (read(fd[0], buf, sizeof(buf)) > 0)
			;
		_exit(0);
	}
	if (pid > 0 && random_below(4) == 0)
		kill(pid, SIGKILL);
	if (pid > 0)
		MUST(waitpid(pid, &status, 0) == pid);
}

static void
op_run(void)
{
	static char *const commands[][4] = {
		{ "/bin/echo", "hello", NULL }, { "/bin/ls", "..", NULL },
		{ "/bin/cat", "f0", NULL }, { "/bin/sh", "-c", "echo a | cat > f1", NULL },
		{ "/bin/wc", "/README", NULL }, { "f0", "f0", NULL },
	};
	char *const *argv = commands[random_below(6)];
	pid_t pid = fork();

	if (pid == 0) {
		int null = open("/dev/null", O_RDWR);

		for (int i = 0; i < 3; i++)
			dup2(null, i);
		execv(argv[0], argv);
		_exit(0);
	}
	if (pid > 0 && random_below(4) == 0) {
		usleep(random_below(2000));
		kill(pid, SIGKILL);
	}
	if (pid > 0)
		MUST(waitpid(pid, NULL, 0) == pid);
}

static void
op_kill_worker(void)
{
	int pid = board->pid[random_below(WORKERS)];

	if (pid > 0 && pid != getpid() && random_below(60) == 0)
		kill(pid, SIGKILL);
}

/* This program anew, in the state the worker is in; the board is lost, like all memory. */
static void
op_exec(void)
{
	char seed[24], n[24];
	char *const argv[] = { "/bin/grind", "WORKER", seed, n, NULL };

	if (random_below(40))
		return;
	__atomic_fetch_add(&board->done, left, __ATOMIC_RELAXED);
	snprintf(seed, sizeof(seed), "%u", (unsigned)random_below(1u << 30));
	snprintf(n, sizeof(n), "%lu", left);
	execv(argv[0], argv);
	failure_in_order(-1);
	__atomic_fetch_sub(&board->done, left, __ATOMIC_RELAXED);
}

static void
op_ask(void)
{
	static struct kinfo_region r[8];
	static struct kinfo_pte e[8];
	static struct kinfo_proc p[8];
	int pid = board->pid[random_below(WORKERS)];

	kinfo(KINFO_PROC, 0, random_below(50), p, sizeof(p));
	kinfo(KINFO_REGION, pid, random_below(1000000), r, sizeof(r));
	kinfo(KINFO_PTE, pid, 0, e, sizeof(e));
	MUST(numvp() >= numpp() && numpp() > 0 && getptsize() > 0 && getNumFreePages() >= 0);
}

/* ---- a worker ---- */

static void (*const ops[])(void) = {
	op_open, op_open, op_open, op_unlink, op_unlink, op_link, op_rename, op_mkdir, op_chdir,
	op_look, op_sync, op_read, op_write, op_write, op_seek, op_dup, op_pipe, op_heap, op_map,
	op_map_copy, op_share, op_share_pages, op_fork, op_family, op_run, op_kill_worker, op_exec,
	op_ask,
};

_Noreturn void
worker(unsigned long n)
{
	for (int i = 0; i < KEPT; i++)
		kept_fd[i] = -1;
	for (left = n; left > 0; left--) {
		ops[random_below(sizeof(ops) / sizeof(ops[0]))]();
		__atomic_fetch_add(&board->done, 1, __ATOMIC_RELAXED);
	}
	exit(0);
}

_Noreturn void
worker_again(char **argv)
{
	static struct board nobody;

	board = &nobody;
	random_seed(strtoul(argv[0], NULL, 10));
	worker(strtoul(argv[1], NULL, 10));
}

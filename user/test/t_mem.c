/* Memory: the heap, copy on write, bad accesses, no more memory. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <quire.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "magic.h"
#include "test.h"

#define PAGES(n)	((intptr_t)(n) * PAGE_SIZE)

/* N pages that nobody has touched. */
static char *
lazy_pages(int n)
{
	char *brk = sbrk(0), *p;

	CHECK_EQ((intptr_t)sbrk(-(intptr_t)brk & (PAGE_SIZE - 1)), (intptr_t)brk);
	p = sbrk(PAGES(n));
	CHECK(p != (void *)-1);
	return p;
}

/* ---- the heap ---- */

/* execve(PATH, ARGV, no environment) with MAGIC in registers that functions keep. */
static void
exec_with_magic(const char *path, char *const *argv)
{
	char *none = NULL, **envp = &none;

#if defined(__riscv)
	__asm__ volatile("mv a0, %0\n\tmv a1, %1\n\tmv a2, %2\n\tli s4, " MAGIC_TEXT "\n\t"
	    "mv s5, s4\n\tmv s6, s4\n\tmv s7, s4\n\tmv s8, s4\n\tmv s9, s4\n\tmv s10, s4\n\t"
	    "mv s11, s4\n\tcall __sys_execve"
	    :: "r"(path), "r"(argv), "r"(envp)
	    : "ra", "a0", "a1", "a2", "a7", "s4", "s5", "s6", "s7", "s8", "s9", "s10", "s11",
	    "memory");
#else
	__asm__ volatile("pushl %2\n\tpushl %1\n\tpushl %0\n\tmovl $" MAGIC_TEXT ", %%ebx\n\t"
	    "movl %%ebx, %%esi\n\tmovl %%ebx, %%edi\n\tcall __sys_execve\n\taddl $12, %%esp"
	    : "+a"(path), "+c"(argv), "+d"(envp) :: "ebx", "esi", "edi", "memory", "cc");
#endif
}

TEST(fresh_registers, "a new program finds none of the old one's registers")
{
	pid_t pid = fork();

	if (pid == 0) {
		exec_with_magic("/test/h_fresh", (char *[]){ "h_fresh", NULL });
		_exit(98);
	}
	check_child(pid);
}

TEST(fresh, "a fresh program has all its pages, with a stack of one")
{
	pid_t pid = fork();

	if (pid == 0) {
		execl("/test/h_fresh", "h_fresh", (char *)NULL);
		_exit(98);
	}
	check_child(pid);
}

TEST(lazy, "sbrk takes no frame; each page touched takes one")
{
	char *p = lazy_pages(100);
	long vp = numvp(), pp = numpp(), sum = 0;

	CHECK_EQ(numpp(), pp);
	sbrk(PAGES(50));
	CHECK_EQ(numvp(), vp + 50);
	CHECK_EQ(numpp(), pp);
	for (int i = 0; i < 100; i += 10) {
		p[PAGES(i)] = 1;
		CHECK_EQ(numpp(), ++pp);
	}
	for (int i = 0; i < 100; i++)
		sum += p[PAGES(i) + 1];
	CHECK_EQ(sum, 0);
	sbrk(-PAGES(150));
	CHECK_EQ(numvp(), vp - 100);
}

static int
touch(void *p)
{
	*(volatile char *)p = 1;
	return 0;
}

TEST(shrink, "what is given back is gone, and zero when it comes again")
{
	char *p = lazy_pages(10);
	long pp = numpp();

	memset(p, 7, PAGES(10));
	CHECK_EQ(numpp(), pp + 10);
	CHECK(sbrk(-PAGES(4)) == p + PAGES(10));
	CHECK_EQ(numpp(), pp + 6);
	CHECK_EQ(WTERMSIG(run_child(touch, p + PAGES(6))), SIGSEGV);
	CHECK_EQ(run_child(touch, p + PAGES(6) - 1), 0);
	CHECK(sbrk(PAGES(4)) == p + PAGES(6));
	for (intptr_t i = 0; i < PAGES(10); i++)
		CHECK_EQ(p[i], i < PAGES(6) ? 7 : 0);
}

TEST(shrink_bytes, "the break moves by bytes; pages go when nothing of them is left")
{
	char *p = lazy_pages(2);

	p[PAGES(1)] = 5;
	CHECK(sbrk(-PAGE_SIZE + 1) == p + PAGES(2));
	CHECK(sbrk(0) == p + PAGES(1) + 1);
	CHECK_EQ(p[PAGES(1)], 5);
	CHECK_EQ(run_child(touch, p + PAGES(1)), 0);
	CHECK(sbrk(-1) == p + PAGES(1) + 1);
	CHECK_EQ(WTERMSIG(run_child(touch, p + PAGES(1))), SIGSEGV);
}

TEST(sbrk_bad, "a break that cannot be fails and changes nothing")
{
	char *brk = sbrk(0);
	long vp = numvp();

	CHECK(sbrk(LONG_MAX - 4096) == (void *)-1);
	CHECK(sbrk(LONG_MAX) == (void *)-1);
	CHECK(sbrk(0) == brk);
	/* Below 0: the old break, and nothing changes. */
	CHECK(sbrk(LONG_MIN) == brk);
	CHECK(sbrk(-(intptr_t)brk - 1) == brk);
	CHECK(sbrk(0) == brk);
	CHECK_EQ(numvp(), vp);
}

static int
shrink_to_nothing(void *arg)
{
	(void)arg;
	sbrk(-((intptr_t)sbrk(0) - 0x1000));
	return 1;
}

TEST(shrink_image, "shrinking into the program is allowed and kills it")
{
	CHECK(WIFSIGNALED(run_child(shrink_to_nothing, NULL)));
}

TEST(sparse, "1 GiB of heap, every 64th page touched, forked, given back")
{
	char *p = lazy_pages(262144);
	pid_t pid;

	for (int i = 0; i < 262144; i += 64)
		*(int *)(p + PAGES(i)) = i;
	pid = fork();
	CHECK(pid >= 0);
	for (int i = 0; i < 262144; i += 64)
		if (*(int *)(p + PAGES(i)) != i)
			_exit(1);
	if (pid == 0) {
		for (int i = 0; i < 262144; i += 6400)
			*(int *)(p + PAGES(i)) = -i;
		_exit(0);
	}
	check_child(pid);
	for (int i = 0; i < 262144; i += 64)
		CHECK_EQ(*(int *)(p + PAGES(i)), i);
	sbrk(-PAGES(262144));
	CHECK_EQ(WTERMSIG(run_child(touch, p)), SIGSEGV);
}

TEST_PRESSES(eager, "sbrkx takes all pages at once, or fails")
{
	char *brk = sbrkx(0, SBRK_EAGER);
	long pp = numpp();

	CHECK(brk == sbrk(0));
	sbrk(-(intptr_t)brk & (PAGE_SIZE - 1));
	brk = sbrkx(PAGES(20), SBRK_EAGER);
	CHECK(brk != (void *)-1);
	CHECK_EQ(numpp(), pp + 20);
	CHECK(sbrkx(PAGES(20), SBRK_LAZY) == brk + PAGES(20));
	CHECK_EQ(numpp(), pp + 20);
	CHECK(sbrkx(PAGES(getNumFreePages() + 1000), SBRK_EAGER) == (void *)-1);
	CHECK(sbrk(0) == brk + PAGES(40));
	CHECK(numpp() <= pp + 20);	/* the search for memory may have taken text pages */
}

/* ---- copy on write ---- */

TEST(cow, "after fork neither sees what the other writes")
{
	char *p = lazy_pages(20);
	int fd[2];
	pid_t pid;
	char c;

	CHECK_EQ(pipe(fd), 0);
	memset(p, 'a', PAGES(20));
	pid = fork();
	if (pid == 0) {
		read(fd[0], &c, 1);	/* the parent has written */
		for (intptr_t i = 0; i < PAGES(20); i++)
			if (p[i] != 'a')
				_exit(1);
		memset(p, 'c', PAGES(20));
		_exit(0);
	}
	memset(p, 'p', PAGES(20));
	write(fd[1], "x", 1);
	check_child(pid);
	for (intptr_t i = 0; i < PAGES(20); i++)
		CHECK_EQ(p[i], 'p');
}

TEST(cow_frames, "a write after fork takes one frame, a read none")
{
	volatile char *p = lazy_pages(20);
	pid_t pid;

	memset((char *)p, 'a', PAGES(20));
	pid = fork();
	if (pid == 0) {
		long before, after, sum = 0;

		p[0] = 'b';		/* the tables are the child's own now */
		before = getNumFreePages();
		for (int i = 0; i < 20; i++)
			sum += p[PAGES(i)];
		after = getNumFreePages();
		if (sum != 19 * 'a' + 'b' || before != after)
			_exit(1);
		for (int i = 1; i < 20; i++)
			p[PAGES(i)] = 'b';
		_exit(before - getNumFreePages() == 19 ? 0 : 2);
	}
	check_child(pid);
}

/* The entry for P of this process, which it has touched. */
static struct kinfo_pte
entry_of(const void *p)
{
	struct kinfo_pte e[8];
	long n = kinfo(KINFO_PTE, 0, (uintptr_t)p, e, sizeof(e));

	for (size_t i = 0; n > 0 && i < (size_t)n / sizeof(e[0]); i++)
		if (!(e[i].flags & KPTE_TABLE) && e[i].va == (uintptr_t)p)
			return e[i];
	test_fail(__FILE__, __LINE__, "no entry for %p", p);
}

static int
refs_in_child(void *arg)
{
	volatile char *p = arg;

	CHECK_EQ(p[0], 'a');
	CHECK_EQ(entry_of(arg).refs, 2);
	CHECK_EQ(entry_of(arg).flags & KPTE_COW, KPTE_COW);
	p[0] = 'b';
	CHECK_EQ(entry_of(arg).refs, 1);
	CHECK_EQ(entry_of(arg).slots, 1);
	CHECK_EQ(p[PAGE_SIZE], 'a');
	CHECK_EQ(entry_of((char *)arg + PAGE_SIZE).refs, 2);
	return 0;
}

TEST(refs, "an entry tells how many pages of processes its frame is")
{
	char *p = lazy_pages(2), *shared;

	memset(p, 'a', PAGES(2));
	CHECK_EQ(entry_of(p).refs, 1);
	CHECK_EQ(run_child(refs_in_child, p), 0);
	CHECK_EQ(entry_of(p).refs, 1);
	shared = mapshared();
	CHECK(shared != NULL);
	shared[0] = 1;
	CHECK_EQ(entry_of(shared).refs, 1);
	CHECK_EQ(entry_of(shared).flags & KPTE_SHARED, KPTE_SHARED);
	CHECK_EQ(unmapshared(), 0);
}

static int
fork_often(void *arg)
{
	for (int i = 0; i < 200; i++)
		CHECK_EQ(run_child(touch, arg), 0);
	return 0;
}

TEST(look_while_forking, "address spaces may be looked at while they are being made")
{
	char *p = lazy_pages(1);
	pid_t pid;

	p[0] = 1;
	pid = spawn(fork_often, p);
	for (int i = 0; i < 400; i++) {
		CHECK(entry_of(p).refs >= 1);
		CHECK_EQ(kinfo(KINFO_CHECK, 0, 0, NULL, 0), 0);
	}
	check_child(pid);
	CHECK_EQ(entry_of(p).refs, 1);
}

TEST(cow_kernel, "a write by the kernel breaks the sharing too")
{
	char *p = lazy_pages(2);
	int fd[2];
	pid_t pid;

	memset(p, 'a', PAGES(2));
	CHECK_EQ(pipe(fd), 0);
	CHECK_EQ(write(fd[1], "kernel", 6), 6);
	pid = fork();
	if (pid == 0)
		_exit(read(fd[0], p + PAGE_SIZE - 3, 6) != 6 ||
		    memcmp(p + PAGE_SIZE - 3, "kernel", 6) != 0);
	check_child(pid);
	for (intptr_t i = 0; i < PAGES(2); i++)
		CHECK_EQ(p[i], 'a');
}

TEST(cow_generations, "the grandchild of one who wrote nothing writes")
{
	char *p = lazy_pages(4);
	pid_t pid;

	strcpy(p, "grandfather");
	pid = fork();
	if (pid == 0) {
		pid = fork();
		if (pid == 0) {
			strcpy(p, "grandchild");
			_exit(strcmp(p, "grandchild") != 0);
		}
		check_child(pid);
		_exit(strcmp(p, "grandfather") != 0);
	}
	check_child(pid);
	CHECK_STR(p, "grandfather");
}

TEST(cow_tree, "three children that fork twice, all writing")
{
	long rounds = test_rounds ? test_rounds : 100;
	char *p = lazy_pages(30);

	for (long round = 0; round < rounds; round++) {
		pid_t pid[3];

		fill_pattern(p, PAGES(30), (unsigned)round);
		for (int i = 0; i < 3; i++) {
			pid[i] = fork();
			CHECK(pid[i] >= 0);
			if (pid[i])
				continue;
			for (int k = 0; k < 2; k++) {
				pid_t child = fork();

				fill_pattern(p + PAGES(10 * k), PAGES(10), (unsigned)getpid());
				if (!is_pattern(p + PAGES(10 * k), PAGES(10), (unsigned)getpid()))
					_exit(1);
				if (child == 0)
					_exit(0);
				check_child(child);
			}
			_exit(0);
		}
		for (int i = 0; i < 3; i++)
			check_child(pid[i]);
		CHECK(is_pattern(p, PAGES(30), (unsigned)round));
	}
}

TEST_PRESSES(fork_large, "a process that has two thirds of the memory can fork")
{
	long n = getNumFreePages() * 2 / 3;
	char *p = lazy_pages((int)n);
	pid_t pid;

	for (long i = 0; i < n; i++)
		*(long *)(p + PAGES(i)) = i;
	for (int k = 0; k < 3; k++) {
		pid = fork();
		CHECK(pid >= 0);
		if (pid == 0) {
			for (long i = 0; i < n; i += 1000)
				*(long *)(p + PAGES(i)) = -i;
			_exit(0);
		}
		check_child(pid);
	}
	for (long i = 0; i < n; i++)
		CHECK_EQ(*(long *)(p + PAGES(i)), i);
}

/* ---- bad accesses ---- */

static volatile char sink;
static const char constant[16] = "constant";

static int
write_text(void *arg)
{
	(void)arg;
	*(volatile char *)(uintptr_t)write_text = 1;
	return 0;
}

static int
write_constant(void *arg)
{
	(void)arg;
	*(volatile char *)(uintptr_t)constant = 1;
	return 0;
}

static int
read_at(void *at)
{
	sink = *(volatile char *)at;
	return 0;
}

static int
call_at(void *at)
{
	((void (*)(void))(uintptr_t)at)();
	return 0;
}

static volatile bool for_ever = true;

static int
recurse(void *arg)
{
	volatile char frame[1000];

	frame[0] = *(volatile char *)arg;
	return for_ever ? recurse((void *)(uintptr_t)frame) + frame[0] : 0;
}

static int
stack_in_nowhere(void *arg)
{
	(void)arg;
#if defined(__riscv)
	__asm__ volatile("li sp, 0; sd ra, 0(sp)" ::: "memory");
#elif defined(__i386__)
	__asm__ volatile("xor %%esp, %%esp; push %%eax" ::: "memory");
#endif
	return 0;
}

TEST(bad_access, "text, constants, address 0, the kernel, beyond everything: killed by SIGSEGV")
{
	static char data[16];
	uintptr_t kernel = ~(uintptr_t)0 << (sizeof(long) * 8 - 1);
	void *addresses[] = {
		NULL, (void *)1, (void *)0xfff, (void *)kernel, (void *)(kernel + 0x200000),
		(void *)~(uintptr_t)0, (void *)(kernel - 1), (char *)sbrk(0) + PAGES(100),
	};

	CHECK_EQ(WTERMSIG(run_child(write_text, NULL)), SIGSEGV);
	CHECK_EQ(WTERMSIG(run_child(write_constant, NULL)), SIGSEGV);
	CHECK_EQ(WTERMSIG(run_child(recurse, data)), SIGSEGV);
	CHECK_EQ(WTERMSIG(run_child(stack_in_nowhere, NULL)), SIGSEGV);
	for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
		CHECK_EQ(WTERMSIG(run_child(read_at, addresses[i])), SIGSEGV);
		CHECK_EQ(WTERMSIG(run_child(touch, addresses[i])), SIGSEGV);
		CHECK_EQ(WTERMSIG(run_child(call_at, addresses[i])), SIGSEGV);
	}
	/* All of the kernel half, a page here and there. */
	for (int i = 0; i < 40; i++) {
		uint64_t wide = (uint64_t)random32() << 12 | (i % 2 ? ~(uint64_t)0 << 38 : 0);
		uintptr_t at = kernel | (uintptr_t)wide;

		CHECK_EQ(WTERMSIG(run_child(read_at, (void *)at)), SIGSEGV);
		CHECK_EQ(WTERMSIG(run_child(touch, (void *)at)), SIGSEGV);
	}
#if defined(__riscv)
	CHECK_EQ(WTERMSIG(run_child(call_at, data)), SIGSEGV);
#endif
}

static int
illegal(void *arg)
{
	(void)arg;
#if defined(__riscv)
	__asm__ volatile("csrr a0, sstatus" ::: "a0");
#elif defined(__i386__)
	__asm__ volatile("cli");
#endif
	return 0;
}

static int
undefined(void *arg)
{
	(void)arg;
#if defined(__riscv)
	__asm__ volatile(".word 0");
#elif defined(__i386__)
	__asm__ volatile("ud2");
#endif
	return 0;
}

static int
breakpoint(void *arg)
{
	(void)arg;
#if defined(__riscv)
	__asm__ volatile("ebreak");
#elif defined(__i386__)
	__asm__ volatile("int3");
#endif
	return 0;
}

#if defined(__i386__)
static int
divide(void *arg)
{
	volatile int zero = 0;

	return (int)(intptr_t)arg / zero;
}
#endif

TEST(illegal, "privileged and unknown instructions, breakpoints and division by zero kill")
{
	CHECK(WIFSIGNALED(run_child(illegal, NULL)));
	CHECK_EQ(WTERMSIG(run_child(undefined, NULL)), SIGILL);
	CHECK_EQ(WTERMSIG(run_child(breakpoint, NULL)), SIGTRAP);
#if defined(__i386__)
	CHECK_EQ(WTERMSIG(run_child(divide, NULL)), SIGFPE);
#endif
}

/* ---- bad and lazy addresses in calls ---- */

static void
check_bad_address(void *bad)
{
	int fd = open("/test", O_RDONLY), p[2];
	char *argv[] = { "x", NULL };

	CHECK_EQ(pipe(p), 0);
	CHECK_EQ(write(p[1], "data", 4), 4);
	CHECK_FAILS(read(p[0], bad, 4), EFAULT);
	CHECK_FAILS(write(p[1], bad, 4), EFAULT);
	CHECK_FAILS(read(fd, bad, 16), EFAULT);
	CHECK_FAILS(pipe(bad), EFAULT);
	CHECK_FAILS(open(bad, O_RDONLY), EFAULT);
	CHECK_FAILS(mkdir(bad, 0), EFAULT);
	CHECK_FAILS(unlink(bad), EFAULT);
	CHECK_FAILS(link("a", bad), EFAULT);
	CHECK_FAILS(link(bad, "b"), EFAULT);
	CHECK_FAILS(chdir(bad), EFAULT);
	CHECK_FAILS(execv(bad, argv), EFAULT);
	CHECK_FAILS(execv("/bin/true", bad), EFAULT);
	CHECK_FAILS(execve("/bin/true", argv, bad), EFAULT);
	CHECK(getcwd(bad, 100) == NULL && errno == EFAULT);
	CHECK_FAILS(readlink("link", bad, 10), EFAULT);
	CHECK_FAILS(kinfo(KINFO_MEM, 0, 0, bad, sizeof(struct kinfo_mem)), EFAULT);
	/* The data is still there. */
	CHECK_EQ(read(p[0], argv, 4), 4);
	close(fd);
	close(p[0]);
	close(p[1]);
}

TEST(bad_pointers, "a bad address in any call gives EFAULT")
{
	CHECK_EQ(symlink("target", "link"), 0);
	check_bad_address(test_bad);
	check_bad_address((char *)sbrk(0) + PAGES(1000));
	check_bad_address((void *)(~(uintptr_t)0 << (sizeof(long) * 8 - 1)));
	check_bad_address((void *)(~(uintptr_t)0 - 2));
}

TEST(read_to_text, "read() into the program's text or constants fails")
{
	int fd = open("/dev/zero", O_RDONLY);

	CHECK_FAILS(read(fd, (void *)(uintptr_t)write_text, 4), EFAULT);
	CHECK_FAILS(read(fd, (void *)(uintptr_t)constant, 4), EFAULT);
	CHECK_STR(constant, "constant");
	CHECK_EQ(write(fd, constant, 4), -1);	/* not open for it */
}

static int
return_3(void *arg)
{
	(void)arg;
	return 3;
}

static void
exit_with_3(void *status)
{
	pid_t pid = spawn(return_3, NULL);

	CHECK_EQ(waitpid(pid, status, 0), pid);
}

TEST(lazy_buffers, "calls work on memory that nobody has touched")
{
	char *p = lazy_pages(40), *q = p;
	struct kinfo_mem *m;
	int fd, *fds;

	write_file("f", "hello", 5);
	fd = open("f", O_RDWR);
	CHECK_EQ(read(fd, q += PAGES(1), 5), 5);
	CHECK(memcmp(q, "hello", 6) == 0);
	CHECK_EQ(write(fd, q += PAGES(1), PAGES(2)), PAGES(2));
	q += PAGES(2);
	CHECK_EQ(lseek(fd, 0, SEEK_SET), 0);
	CHECK_EQ(read(fd, q + 100, PAGES(3) - 200), PAGES(2) + 5);
	CHECK(memcmp(q + 100, "hello\0", 7) == 0);
	q += PAGES(3);
	fds = (int *)(q + PAGE_SIZE - sizeof(int));	/* crosses a page */
	CHECK_EQ(pipe(fds), 0);
	CHECK_EQ(write(fds[1], "x", 1), 1);
	q += PAGES(2);
	exit_with_3(q);
	CHECK_EQ(WEXITSTATUS(*(int *)q), 3);
	q += PAGES(1);
	CHECK(getcwd(q + PAGE_SIZE - 3, 100) != NULL);
	q += PAGES(2);
	CHECK_FAILS(open(q, O_RDONLY), ENOENT);		/* the empty path */
	CHECK_FAILS(execv("/bin/nothing", (char **)(q += PAGES(1))), ENOENT);
	CHECK_EQ(symlink("somewhere", "link"), 0);
	CHECK_EQ(readlink("link", q += PAGES(1), 100), 9);
	m = (struct kinfo_mem *)(q + PAGE_SIZE - 8);
	CHECK_EQ(kinfo(KINFO_MEM, 0, 0, m, sizeof(*m)), sizeof(*m));
	q += PAGES(2);
	CHECK_EQ(fstat(fd, (struct stat *)(q + PAGE_SIZE - 8)), 0);
	q += PAGES(2);
	CHECK_EQ(clock_gettime(CLOCK_REALTIME, (struct timespec *)(q + PAGE_SIZE - 8)), 0);
}

TEST(edge_buffers, "a buffer that ends in nothing: short, or EFAULT, and no more")
{
	char *p = lazy_pages(3), *end = p + PAGES(3);
	int fd = open("/dev/zero", O_RDONLY), f = open("f", O_RDWR | O_CREAT, 0666);
	ssize_t n;

	memset(p, 1, PAGE_SIZE);
	n = read(fd, p + 10, PAGES(5));
	CHECK((n > 0 && n <= end - p - 10) || (n == -1 && errno == EFAULT));
	n = write(f, p, PAGES(5));
	CHECK((n > 0 && n <= PAGES(3)) || (n == -1 && errno == EFAULT));
	CHECK_EQ(lseek(f, 0, SEEK_END), n > 0 ? n : 0);
	/* A path that ends with the memory, with and without its NUL. */
	memcpy(end - 2, "f", 2);
	CHECK_EQ(close(open(end - 2, O_RDONLY)), 0);
	memcpy(end - 2, "ff", 2);
	CHECK_FAILS(open(end - 2, O_RDONLY), EFAULT);
}

/* ---- no more memory ---- */

/* Begins when the parent sleeps: it shares its pages with us, and would find none for a copy. */
static int
touch_everything(void *arg)
{
	long n = *(long *)arg;
	char *p;

	wait_asleep(getppid());
	p = sbrk(PAGES(n));
	if (p == (void *)-1)
		return 1;
	for (long i = 0; i < n; i++)
		p[PAGES(i)] = (char)i;
	return 2;
}

TEST_PRESSES(touch_10x, "a process that touches ten times the RAM is killed, and nobody else")
{
	long n = sysconf(_SC_PHYS_PAGES) * 10;
	char *p = lazy_pages(10);

	fill_pattern(p, PAGES(10), 1);
	check_killed(spawn(touch_everything, &n), SIGKILL);
	CHECK(is_pattern(p, PAGES(10), 1));
}

static int
read_everything(void *arg)
{
	long n = *(long *)arg;
	int fd = open("/dev/zero", O_RDONLY);
	char *p;

	wait_asleep(getppid());
	p = sbrk(PAGES(n));
	for (long i = 0; i < n; i += 256)
		if (read(fd, p + PAGES(i), PAGES(256)) != PAGES(256))
			return 3;
	return 4;
}

TEST_PRESSES(read_10x, "read() into more memory than there is fails or ends the reader")
{
	long n = sysconf(_SC_PHYS_PAGES) * 10;
	int status = run_child(read_everything, &n);

	CHECK(status == W_EXITED(3) || status == W_KILLED(SIGKILL));
}

/* When one has ended the others go on: it may be us whose fault finds no memory. */
static int
five_want_everything(void *arg)
{
	pid_t pid[5];

	wait_asleep(getppid());
	for (int i = 0; i < 5; i++) {
		pid[i] = spawn(touch_everything, arg);
		CHECK(pid[i] > 0 || errno == ENOMEM);
	}
	for (int i = 0; i < 5; i++)
		if (pid[i] > 0)
			check_killed(pid[i], SIGKILL);
	return 0;
}

TEST_PRESSES(oom_many, "five processes that want all memory at once")
{
	long n = sysconf(_SC_PHYS_PAGES) * 2;
	int status, gone[2];
	pid_t pid;
	char c;

	CHECK_EQ(pipe(gone), 0);
	pid = spawn(five_want_everything, &n);
	CHECK(pid > 0);
	CHECK_EQ(close(gone[1]), 0);
	CHECK_EQ(read(gone[0], &c, 1), 0);	/* until all have ended */
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK(status == 0 || status == W_KILLED(SIGKILL));
}

/* Nearly all that can be had: the page table and the record of the pages want some, too. */
static long
most_pages(void)
{
	long n = getNumFreePages();

	return n - n / 64 - 300;
}

/* Forks children that want more than is left. It may be us whose fault finds none, too. */
static int
fork_in_scarcity(void *arg)
{
	long n = most_pages();
	char *p = lazy_pages((int)n);
	int status;

	(void)arg;
	for (long i = 0; i < n; i++)
		p[PAGES(i)] = 1;
	for (int i = 0; i < 100; i++) {
		pid_t pid = fork();

		if (pid == 0) {
			for (long k = 0; k < n; k += 50)
				p[PAGES(k)] = 2;
			_exit(0);
		}
		if (pid < 0) {
			CHECK_EQ(errno, ENOMEM);
			continue;
		}
		CHECK_EQ(waitpid(pid, &status, 0), pid);
		CHECK(status == 0 || status == W_KILLED(SIGKILL));
	}
	for (long i = 0; i < n; i++)
		CHECK_EQ(p[PAGES(i)], 1);
	return 0;
}

TEST_PRESSES(oom_fork, "fork in scarce memory works or fails, and leaves nothing")
{
	int status = run_child(fork_in_scarcity, NULL);

	CHECK(status == 0 || status == W_KILLED(SIGKILL));
}

TEST_PRESSES(oom_file, "files are read while memory is scarce")
{
	long n = most_pages();
	static char buf[4096];
	char *p = lazy_pages((int)n);
	int fd;

	for (long i = 0; i < n; i++)
		p[PAGES(i)] = 1;
	for (int i = 0; i < 30; i++) {
		fd = open("/bin/sh", O_RDONLY);
		CHECK(fd >= 0);
		while (read(fd, buf, sizeof(buf)) > 0)
			;
		CHECK_EQ(close(fd), 0);
	}
}

/* ---- against a model ---- */

#define MODEL_PAGES	64

/* A heap whose pages hold numbers; `value` is what each must hold, `brk` how many there are. */
struct model {
	char *base;
	int brk;
	uint32_t value[MODEL_PAGES];
};

static void
model_check(struct model *m)
{
	for (int i = 0; i < m->brk; i++)
		CHECK_EQ(*(volatile uint32_t *)(m->base + PAGES(i) + 8), m->value[i]);
}

static void
model_grow_or_shrink(struct model *m)
{
	int to = (int)random_below(MODEL_PAGES + 1);

	CHECK(sbrk(PAGES(to - m->brk)) == m->base + PAGES(m->brk));
	for (int i = m->brk; i < to; i++)
		m->value[i] = 0;
	m->brk = to;
}

static void
model_write(struct model *m)
{
	int i = m->brk ? (int)random_below((uint32_t)m->brk) : -1;

	if (i < 0)
		return;
	m->value[i] = random32();
	*(volatile uint32_t *)(m->base + PAGES(i) + 8) = m->value[i];
}

static void	model_run(struct model *m, int steps, int depth);

static void
model_fork(struct model *m, int steps, int depth)
{
	uint32_t seed = random32();
	pid_t pid = fork();

	CHECK(pid >= 0);
	if (pid == 0) {
		for (seed %= 100; seed; seed--)
			random32();
		model_run(m, steps / 2, depth + 1);
		_exit(0);
	}
	model_run(m, steps / 4, depth + 1);
	check_child(pid);
}

static void
model_run(struct model *m, int steps, int depth)
{
	for (int i = 0; i < steps; i++) {
		uint32_t what = random_below(100);

		if (what < 10)
			model_grow_or_shrink(m);
		else if (what < 90 || depth >= 4)
			model_write(m);
		else if (what < 95)
			model_fork(m, steps, depth);
		else
			model_check(m);
	}
	model_check(m);
}

TEST(model, "random growing, shrinking, writing and forking, against a model")
{
	long rounds = test_rounds ? test_rounds : 5;

	for (long round = 0; round < rounds; round++) {
		static struct model m;

		m.base = lazy_pages(0);
		m.brk = 0;
		model_run(&m, 120, 0);
		sbrk(-PAGES(m.brk));
	}
	CHECK_EQ(kinfo(KINFO_CHECK, 0, 0, NULL, 0), 0);
}

/* ---- malloc ---- */

TEST(malloc_model, "random malloc, realloc, free: no block touches another")
{
	static unsigned char *block[200];
	static size_t size[200];
	long rounds = test_rounds ? test_rounds : 20000;

	for (long i = 0; i < rounds; i++) {
		unsigned k = random_below(200);
		size_t n = random_below(10) ? random_below(500) : random_below(100000);

		if (block[k])
			CHECK(is_pattern(block[k], size[k], k));
		if (!block[k]) {
			block[k] = malloc(n);
		} else if (random_below(3)) {
			free(block[k]);
			block[k] = NULL;
			continue;
		} else {
			block[k] = realloc(block[k], n);
			CHECK(is_pattern(block[k], n < size[k] ? n : size[k], k));
		}
		CHECK(block[k] && (uintptr_t)block[k] % 16 == 0);
		size[k] = n;
		fill_pattern(block[k], n, k);
	}
	for (unsigned k = 0; k < 200; k++)
		free(block[k]);
}

TEST(malloc_gives_back, "what was freed at the top goes back to the system; calloc is zero")
{
	volatile size_t huge = SIZE_MAX;
	char *before, *p, *blocks[100];
	long pp;

	free(malloc(100));
	before = sbrk(0);
	p = malloc(10 << 20);
	CHECK(p && (char *)sbrk(0) >= before + (10 << 20));
	memset(p, 1, 10 << 20);
	free(p);
	CHECK((char *)sbrk(0) <= before + (256 << 10));
	for (int i = 0; i < 100; i++)
		CHECK((blocks[i] = malloc(10000)) != NULL);
	for (int i = 0; i < 100; i++)
		free(blocks[(i * 37) % 100]);
	CHECK((char *)sbrk(0) <= before + (256 << 10));
	pp = numpp();
	p = calloc(100, 100000);
	CHECK(p && numpp() < pp + 100);		/* no need to touch what is zero */
	for (int i = 0; i < 10000000; i += 999)
		CHECK_EQ(p[i], 0);
	free(p);
	CHECK(malloc(huge) == NULL && errno == ENOMEM);
	CHECK(malloc(huge / 2 - 100) == NULL);
	CHECK(calloc(huge / 2, 3) == NULL);
	CHECK(realloc(NULL, huge - 100) == NULL);
}

TEST(malloc_sbrk, "malloc lives with a program that moves the break itself")
{
	char *a = malloc(1000), *mine, *b, *c;

	mine = sbrk(5001);
	CHECK(mine != (void *)-1);
	memset(mine, 3, 5001);
	b = malloc(100000);
	CHECK(a && b);
	memset(a, 1, 1000);
	memset(b, 2, 100000);
	for (int i = 0; i < 5001; i++)
		CHECK_EQ(mine[i], 3);
	free(a);
	free(b);
	c = malloc(50);
	CHECK(c && (uintptr_t)c % 16 == 0);
}

#define COUNTED_PAGES	20		/* of each file: more than anything else moves */

/* Counts N times what is free; how often it was off by a file. */
static int
miscounts(int n, long before)
{
	int bad = 0;

	while (n-- > 0)
		bad += labs(getNumFreePages() - before) >= COUNTED_PAGES;
	return bad;
}

TEST(count_at_once, "free frames are counted right by several processes at once")
{
	enum { PROCS = 4, ROUNDS = 3000 };
	int go[2], done[2], bad[PROCS];
	pid_t pid[PROCS];
	static char text[COUNTED_PAGES * PAGE_SIZE];
	char name[12];

	for (int i = 0; i < 40; i++) {
		snprintf(name, sizeof(name), "f%d", i);
		write_file(name, text, sizeof(text));
	}
	sync();
	CHECK(pipe(go) == 0 && pipe(done) == 0);
	for (int i = 0; i < PROCS; i++) {
		pid[i] = fork();
		CHECK(pid[i] >= 0);
		while (pid[i] == 0) {
			long before;
			int n;

			CHECK_EQ(read(go[0], &before, sizeof(before)), sizeof(before));
			sleep_ms(50);	/* or the first is through before the last begins */
			n = miscounts(ROUNDS, before);
			CHECK_EQ(write(done[1], &n, sizeof(n)), sizeof(n));
			if (before < 0)
				_exit(0);
		}
	}
	/* In the first round they touch what they need, after the last they end. */
	for (int round = 0; round < 3; round++) {
		long before[PROCS];

		sleep_ms(100);
		before[0] = round < 2 ? getNumFreePages() : -1;
		for (int i = 1; i < PROCS; i++)
			before[i] = before[0];
		CHECK_EQ(write(go[1], before, sizeof(before)), sizeof(before));
		for (int i = 0; i < PROCS; i++)
			CHECK_EQ(read(done[0], &bad[i], sizeof(bad[i])), sizeof(bad[i]));
		for (int i = 0; round == 1 && i < PROCS; i++)
			CHECK_EQ(bad[i], 0);
	}
	for (int i = 0; i < PROCS; i++)
		check_child(pid[i]);
}

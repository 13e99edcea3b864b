/*
 * What the suites of both xv6 families try, in our own words: bad addresses, limits,
 * races between processes, exhaustion. One test at a time in a child of its own, and no
 * frame may be missing afterwards. `suite` runs all, `suite NAME...` some.
 */
#include "style.h"

#define BUFSZ ((NDIRECT + 2) * BSIZE)
#define KB    1024
#define MB    (1024 * 1024)

char buf[BUFSZ];
char uninit[10000];

/* Addresses nobody may use. */
static unsigned long bad[] = {
	0x80000000ul,
	0xfffffffful,
#if __SIZEOF_POINTER__ == 8
	0x3fffffe000ul,
	0x3ffffff000ul,
	0x4000000000ul,
	0x8000000000ul,
	0xfffffffffffff000ul,
#endif
	(unsigned long)-1,
};
#define NBAD (sizeof(bad) / sizeof(bad[0]))

#ifdef X86
static int
memcmp(const void *a, const void *b, int n)
{
	const char *p = a, *q = b;

	while (n > 0 && *p == *q)
		n--, p++, q++;
	return n > 0;
}
#endif

static int
create(char *name)
{
	int fd = open(name, O_CREATE | O_RDWR);

	CHECK(fd >= 0);
	return fd;
}

static int
exists(char *name)
{
	int fd = open(name, O_RDONLY);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

/* FN has to be killed. Where there are no statuses, a pipe tells whether it came back. */
static void
must_die(void (*fn)(unsigned long), unsigned long arg)
{
	int p[2], pid, status;
	char c;

	CHECK(pipe(p) == 0);
	pid = fork();
	CHECK(pid >= 0);
	if (pid == 0) {
		close(p[0]);
		fn(arg);
		write(p[1], "x", 1);
		EXIT(0);
	}
	close(p[1]);
	CHECK(read(p[0], &c, 1) == 0);
	close(p[0]);
	CHECK(WAIT(&status) == pid);
#ifndef X86
	CHECK(status == -1);
#endif
}

/* ---- bad addresses ---- */

static void
bad_buffers(void)
{
	for (uint i = 0; i < NBAD; i++) {
		int fd = create("copyin"), p[2];
		char *at = (char *)bad[i];

		CHECK(write(fd, at, 8192) == -1);
		close(fd);
		unlink("copyin");
		CHECK(write(1, at, 8192) <= 0);
		CHECK(pipe(p) == 0);
		CHECK(write(p[1], at, 8192) <= 0);
		CHECK(write(p[1], "x", 1) == 1);
		CHECK(read(p[0], at, 8192) <= 0);
		close(p[0]);
		close(p[1]);
		fd = open("README", O_RDONLY);
		CHECK(fd >= 0);
		CHECK(read(fd, at, 8192) <= 0);
		close(fd);
	}
}

static void
bad_strings(void)
{
	char *argv[] = { "echo", 0 };

	for (uint i = 0; i < NBAD; i++) {
		char *at = (char *)bad[i], *args[] = { "echo", at, 0 };
		struct stat st;

		CHECK(open(at, O_CREATE | O_WRONLY) == -1);
		CHECK(unlink(at) == -1);
		CHECK(link(at, at) == -1);
		CHECK(link("README", at) == -1);
		CHECK(mkdir(at) == -1);
		CHECK(mknod(at, 1, 1) == -1);
		CHECK(chdir(at) == -1);
		CHECK(exec(at, argv) == -1);
		CHECK(exec("echo", (char **)at) == -1);
		CHECK(exec("echo", args) == -1);
		CHECK(pipe((int *)at) == -1);
		CHECK(fstat(1, (struct stat *)at) == -1);
		CHECK(stat(at, &st) == -1);
		CHECK(stat("README", (struct stat *)at) == -1);
	}
}

/* A path that ends nowhere, because the heap does. */
static void
string_without_end(void)
{
	char *top = sbrk(0);

	if ((unsigned long)top % PGSIZE != 0) {
		CHECK(sbrk(PGSIZE - (unsigned long)top % PGSIZE) == top);
		top = sbrk(0);
	}
	CHECK(sbrk(PGSIZE) == top);
	memset(top, 'x', PGSIZE);
	CHECK(open(top + PGSIZE - 2, O_CREATE) == -1);
	CHECK(unlink(top + PGSIZE - 1) == -1);
	top[127] = 0;
	CHECK(open(top, O_RDONLY) == -1);
	top[127] = 'x';
	top[128] = 0;
	CHECK(open(top, O_CREATE) == -1);
}

/* Into memory that was given back, and from it. */
static void
freed_memory(void)
{
	char *old = sbrk(8192);
	int fd;

	CHECK(old != (char *)-1);
	CHECK(sbrk(-8192) != (char *)-1);
	fd = create("rwsbrk");
	CHECK(write(fd, old + PGSIZE, 1024) == -1);
	close(fd);
	unlink("rwsbrk");
	fd = open("README", O_RDONLY);
	CHECK(read(fd, old + PGSIZE, 10) == -1);
	close(fd);
}

static void
peek(unsigned long at)
{
	OUT("%x: read %x\n", (uint)at, *(volatile char *)at);
}

static void
poke(unsigned long at)
{
	*(volatile int *)at = 10;
}

static void
kernel_memory(void)
{
	for (unsigned long at = KERNBASE; at < KERNBASE + 2000000ul; at += 250000)
		must_die(peek, at);
	for (uint i = 0; i < NBAD; i++) {
		if (bad[i] % sizeof(int) == 0)
			must_die(poke, bad[i]);
	}
	must_die(poke, 0);
	must_die(peek, 0);
}

static void
write_text(void)
{
	must_die(poke, (unsigned long)write_text & ~3ul);
}

#ifndef X86
static void
beyond(unsigned long shift)
{
	*(volatile char *)((unsigned long)MAXVA << shift) = 99;
}

static void
beyond_maxva(void)
{
	for (int i = 0; i < 26; i++)
		must_die(beyond, i);
}
#endif

#ifndef X86
static void
below_stack(unsigned long pages)
{
	char *sp = (char *)(unsigned long)r_sp() - pages * PGSIZE;

	OUT("below the stack: %x\n", *(volatile char *)sp);
}

static void
stack_guard(void)
{
	must_die(below_stack, USERSTACK);
}
#endif

static int
recurse(volatile char *above)
{
	volatile char here[256];

	here[0] = above[0];
	return recurse(here) + here[0];
}

static void
recurse_for_ever(unsigned long x)
{
	char c = (char)x;

	OUT("%d\n", recurse(&c));
}

static void
stack_overflow(void)
{
	must_die(recurse_for_ever, 0);
}

static void
length_negative(void)
{
	int fd = open("README", O_RDONLY);

	CHECK(read(fd, buf, -1) == -1);
	CHECK(read(fd, sbrk(0) - 1, -1) == -1);
	close(fd);
	fd = create("neg");
	CHECK(write(fd, (char *)0xffffffffffl, -1) == -1);
	CHECK(write(fd, buf, 0) == 0);
	close(fd);
	unlink("neg");
}

/* ---- memory ---- */

static void
sbrk_basic(void)
{
	char *a = sbrk(0);

	for (int i = 0; i < 5000; i++) {
		char *b = sbrk(1);

		CHECK(b == a);
		*b = 1;
		a = b + 1;
	}
	CHECK(sbrk(0) == a);
}

static void
sbrk_much(void)
{
	char *old = sbrk(0), *a, *last;
	long grow = 100 * MB - (unsigned long)old;

	CHECK(sbrk(grow) == old);
	last = (char *)(100ul * MB - 1);
	*last = 99;
	a = sbrk(0);
	CHECK(sbrk(-PGSIZE) == a);
	CHECK(sbrk(0) == a - PGSIZE);
	a = sbrk(0);
	CHECK(sbrk(PGSIZE) == a && sbrk(0) == a + PGSIZE);
	CHECK(*last == 0); /* another page than before */
	a = sbrk(0);
	CHECK(sbrk(-(sbrk(0) - old)) == a);
	CHECK(sbrk(0) == old);
}

static void
sbrk_arguments(void)
{
	char *a = sbrk(PGSIZE), *end;
	int fd = create("sbrkarg"), p[2];

	CHECK(write(fd, a, PGSIZE) == PGSIZE);
	close(fd);
	unlink("sbrkarg");
	a = sbrk(PGSIZE);
	end = a + PGSIZE - 2 * sizeof(int);
	CHECK(pipe((int *)end) == 0);
	memmove(p, end, sizeof(p));
	CHECK(write(p[1], "y", 1) == 1 && read(p[0], a, 1) == 1 && *a == 'y');
}

static void
shrink_to(unsigned long left)
{
	unsigned long size = (unsigned long)sbrk(0);

	sbrk(-(long)(size - left));
}

/* All of it away, then into the last page, then the end within a page. */
static void
shrink(void)
{
	must_die(shrink_to, 0);
	must_die(shrink_to, 3500);
	/* Nothing is taken when more is asked back than there is. */
	CHECK(sbrk(-0x7fffffff) == sbrk(0) || (unsigned long)sbrk(0) > 0x7ffffffful);
}

static void
shrink_partly(void)
{
	char *a = sbrk(0), *top;

	sbrk(10 * PGSIZE + 2048 - (unsigned long)a % PGSIZE);
	top = sbrk(-10);
	CHECK(sbrk(0) == top - 10);
	CHECK(open("x", O_RDONLY) == -1);
	*(top - 11) = 'a';
	CHECK(*(top - 11) == 'a');
}

static void
overflow(void)
{
	char *old = sbrk(0);

	/* More than an i386 has; on riscv64 it is only much. */
	if (sbrk(0x7fffffff) == (char *)-1)
		CHECK(sbrk(0) == old);
	else
		CHECK(sbrk(-0x7fffffff) != (char *)-1 && sbrk(0) == old);
}

static void
bss_is_zero(void)
{
	for (uint i = 0; i < sizeof(uninit); i++)
		CHECK(uninit[i] == 0);
}

#ifdef QUIRE_SBRK_EAGER
/* Memory runs out: sbrk and malloc say so, and nobody is killed. */
static int
take_all(void)
{
	int n = 0;

	for (; n < 1000000; n++) {
		char *a = sbrk(PGSIZE);

		if (a == (char *)-1)
			break;
		*a = 1;
	}
	CHECK(n > 1000 && n < 1000000);
	return n;
}

static void
exhaust_and_exec(void)
{
	char *argv[] = { "echo", "x", 0 };

	for (int back = 0; back < 12; back += 5) {
		int pid = fork(), status;

		CHECK(pid >= 0);
		if (pid == 0) {
			take_all();
			sbrk(-back * PGSIZE);
			close(1);
			exec("echo", argv);
			EXIT(0);
		}
		CHECK(WAIT(&status) == pid);
	}
}

static void
exhaust_and_fork(void)
{
	int status;

	take_all();
	for (int i = 0; i < 3; i++) {
		int pid = fork();

		if (pid == 0)
			EXIT(0);
		if (pid > 0)
			CHECK(WAIT(&status) == pid);
	}
}

/* A child runs FN; the status it ended with (of the PC's family: 0). */
static int
in_child(void (*fn)(unsigned long), unsigned long arg)
{
	int pid = fork(), status;

	CHECK(pid >= 0);
	if (pid == 0) {
		fn(arg);
		EXIT(0);
	}
	CHECK(WAIT(&status) == pid);
	return status;
}

static void
exhaust_malloc(unsigned long unused)
{
	char *first = 0, *m;

	(void)unused;
	while ((m = malloc(10001)) != 0) {
		*(char **)m = first;
		first = m;
	}
	while (first != 0) {
		m = *(char **)first;
		free(first);
		first = m;
	}
	m = malloc(20 * KB);
	CHECK(m != 0);
	free(m);
}

static void
malloc_all(void)
{
	CHECK(in_child(exhaust_malloc, 0) == 0);
}

/* Many at once who take all there is; all of it comes back. */
static void
take_and_wait(unsigned long pipe_end)
{
	while (sbrk(MB) != (char *)-1)
		;
	write((int)pipe_end, "x", 1);
	for (;;)
		sleep(1000);
}

static void
sbrk_fails(void)
{
	int p[2], pid[6], status;
	char c;

	CHECK(pipe(p) == 0);
	for (uint i = 0; i < 6; i++) {
		pid[i] = fork();
		if (pid[i] == 0)
			take_and_wait(p[1]);
		CHECK(pid[i] > 0 && read(p[0], &c, 1) == 1);
	}
	CHECK(sbrk(100 * MB) == (char *)-1);
	for (uint i = 0; i < 6; i++)
		kill(pid[i]);
	for (uint i = 0; i < 6; i++)
		CHECK(WAIT(&status) > 0);
	CHECK(sbrk(50 * MB) != (char *)-1);
}
#else
/* Overcommit: more than there is can be asked for. */
static void
lazy(void)
{
	int free_before = getNumFreePages(), pages = numpp();
	char *a = sbrk(512 * MB);

	CHECK(a != (char *)-1);
	CHECK(numpp() == pages && getNumFreePages() == free_before);
	for (int i = 0; i < 512; i++)
		a[i * MB] = 'x';
	CHECK(numpp() == pages + 512);
	for (int i = 0; i < 512; i++)
		CHECK(a[i * MB] == 'x' && a[i * MB + PGSIZE] == 0);
	CHECK(sbrk(-512 * MB) == a + 512 * MB);
}

static void
touch_all(unsigned long at)
{
	for (long i = 0; i < 512 * MB; i += PGSIZE)
		((volatile char *)at)[i] = 1;
}

/* Who touches it all is killed, and it alone. */
static void
lazy_out_of_memory(void)
{
	char *a = sbrk(512 * MB);

	must_die(touch_all, (unsigned long)a);
	*a = 1;
}

/* System calls find memory that is not there yet. */
static void
lazy_in_calls(void)
{
	char *a = sbrk(64 * PGSIZE);
	char **argv = (char **)(a + 10 * PGSIZE);
	struct stat *st = (struct stat *)(a + 12 * PGSIZE - 4);
	int *p = (int *)(a + 16 * PGSIZE - 4), fd, n;

	CHECK(open(a + 5 * PGSIZE, O_RDONLY) == -1);
	CHECK(stat("README", st) == 0 && st->type == T_FILE);
	CHECK(pipe(p) == 0);
	CHECK(write(p[1], a + 20 * PGSIZE - 2048, PGSIZE) == PGSIZE);
	CHECK(read(p[0], a + 24 * PGSIZE - 2048, PGSIZE) == PGSIZE);
	CHECK(exec("nosuchprogram", argv) == -1);
	fd = open("README", O_RDONLY);
	n = read(fd, a + 30 * PGSIZE - 7, 512);
	CHECK(n == 512);
	close(fd);
	fd = open("README", O_RDONLY);
	CHECK(read(fd, buf, n) == n && memcmp(buf, a + 30 * PGSIZE - 7, n) == 0);
	close(fd);
	close(p[0]);
	close(p[1]);
}
#endif

/* Copies on writing: nobody sees another's. */
static void
copy_on_write(void)
{
	int n = 20 * MB / PGSIZE, pid[3], status;
	char *a = sbrk(20 * MB);

	for (int i = 0; i < n; i++)
		*(int *)(a + i * PGSIZE) = getpid();
	for (int k = 0; k < 3; k++) {
		pid[k] = fork();
		CHECK(pid[k] >= 0);
		if (pid[k] == 0) {
			for (int i = k; i < n; i += k + 1)
				*(int *)(a + i * PGSIZE) = getpid();
			for (int i = k; i < n; i += k + 1)
				CHECK(*(int *)(a + i * PGSIZE) == getpid());
			EXIT(0);
		}
	}
	for (int k = 0; k < 3; k++)
		CHECK(WAIT(&status) > 0 && status == 0);
	for (int i = 0; i < n; i++)
		CHECK(*(int *)(a + i * PGSIZE) == getpid());
}

/* read() into a page that is shared copies it first. */
static void
copy_on_read_call(void)
{
	static char page[PGSIZE] __attribute__((aligned(4096)));
	int p[2], status;

	page[0] = 'p';
	for (int i = 0; i < 4; i++) {
		CHECK(pipe(p) == 0);
		if (fork() == 0) {
			CHECK(read(p[0], page, 4) == 4 && page[0] == 'c');
			EXIT(0);
		}
		CHECK(write(p[1], "ccc", 4) == 4);
		CHECK(WAIT(&status) > 0 && status == 0);
		CHECK(page[0] == 'p');
		close(p[0]);
		close(p[1]);
	}
}

/* ---- processes ---- */

static void
exit_and_wait(void)
{
	for (int i = 0; i < 100; i++) {
		int pid = fork(), status;

		CHECK(pid >= 0);
		if (pid == 0)
			exit(
#ifndef X86
			    i
#endif
			);
		CHECK(WAIT(&status) == pid);
#ifndef X86
		CHECK(status == i);
#endif
	}
}

static void
orphans(void)
{
	int me = getpid(), status;

	for (int i = 0; i < 100; i++) {
		int pid = fork();

		CHECK(pid >= 0);
		if (pid == 0) {
			if (fork() < 0)
				kill(me);
			EXIT(0);
		}
		CHECK(WAIT(&status) == pid);
	}
}

static void
two_children(void)
{
	int status;

	for (int i = 0; i < 200; i++) {
		int a = fork(), b;

		CHECK(a >= 0);
		if (a == 0)
			EXIT(0);
		b = fork();
		CHECK(b >= 0);
		if (b == 0)
			EXIT(0);
		CHECK(WAIT(&status) > 0 && WAIT(&status) > 0 && WAIT(&status) == -1);
	}
}

static void
forks_in_forks(void)
{
	int status;

	for (int i = 0; i < 2; i++) {
		int pid = fork();

		CHECK(pid >= 0);
		if (pid == 0) {
			for (int j = 0; j < 100; j++) {
				pid = fork();
				CHECK(pid >= 0);
				if (pid == 0)
					EXIT(0);
				CHECK(WAIT(&status) == pid);
			}
			EXIT(0);
		}
	}
	CHECK(WAIT(&status) > 0 && status == 0);
	CHECK(WAIT(&status) > 0 && status == 0);
}

/* Forks until a file appears; then everybody ends. */
static void
fork_storm(void)
{
	int pid, status;

	unlink("stopforking");
	pid = fork();
	CHECK(pid >= 0);
	if (pid == 0) {
		for (;;) {
			int fd = open("stopforking", O_RDONLY);

			if (fd >= 0)
				EXIT(0);
			if (fork() < 0)
				close(open("stopforking", O_CREATE | O_RDWR));
		}
	}
	sleep(3);
	close(open("stopforking", O_CREATE | O_RDWR));
	CHECK(WAIT(&status) == pid);
	sleep(3);
	unlink("stopforking");
}

static void
fork_until_it_fails(void)
{
	int n, status;

	for (n = 0; n < 1000; n++) {
		int pid = fork();

		if (pid < 0)
			break;
		if (pid == 0)
			EXIT(0);
	}
	CHECK(n > 60 && n < 1000);
	for (; n > 0; n--)
		CHECK(WAIT(&status) > 0);
	CHECK(WAIT(&status) == -1);
}

/* Kill in any state: computing, asleep, in a pipe, waiting. */
static void
kill_them(void)
{
	for (int how = 0; how < 4; how++) {
		int p[2], pid, status;

		CHECK(pipe(p) == 0);
		pid = fork();
		CHECK(pid >= 0);
		if (pid == 0) {
			if (how == 3 && fork() == 0) {
				sleep(4);
				EXIT(0);
			}
			if (how == 0)
				for (;;)
					;
			if (how == 1)
				sleep(100000);
			if (how == 2)
				read(p[0], buf, 1);
			if (how == 3)
				WAIT(&status);
			EXIT(1);
		}
		sleep(1);
		CHECK(kill(pid) == 0);
		CHECK(WAIT(&status) == pid);
#ifndef X86
		CHECK(status == -1);
#endif
		close(p[0]);
		close(p[1]);
	}
	CHECK(kill(0x7fffff) == -1);
	CHECK(kill(-1) == -1);
}

/* A pipe's reader sees all of it in order, and then the end. */
static void
pipe_order(void)
{
	int p[2], pid, total = 0, n, cc = 1, seq = 0, status;

	CHECK(pipe(p) == 0);
	pid = fork();
	CHECK(pid >= 0);
	if (pid == 0) {
		close(p[0]);
		for (int k = 0; k < 5; k++) {
			for (int i = 0; i < 1033; i++)
				buf[i] = seq++;
			CHECK(write(p[1], buf, 1033) == 1033);
		}
		EXIT(0);
	}
	close(p[1]);
	while ((n = read(p[0], buf, cc)) > 0) {
		for (int i = 0; i < n; i++)
			CHECK((buf[i] & 0xff) == (seq++ & 0xff));
		total += n;
		cc = cc * 2 > (int)sizeof(buf) ? (int)sizeof(buf) : cc * 2;
	}
	CHECK(total == 5 * 1033);
	close(p[0]);
	CHECK(WAIT(&status) == pid);
}

static void
pipe_closed(void)
{
	int p[2];

	CHECK(pipe(p) == 0);
	close(p[0]);
	CHECK(write(p[1], "x", 1) == -1);
	close(p[1]);
	CHECK(pipe(p) == 0);
	close(p[1]);
	CHECK(read(p[0], buf, 1) == 0);
	CHECK(write(p[0], "x", 1) == -1);
	close(p[0]);
	CHECK(read(p[0], buf, 1) == -1);
	CHECK(close(p[0]) == -1 && close(-1) == -1 && dup(99) == -1);
}

/* Numbers of prime, sieved by a chain of processes. */
static void
sieve(int in)
{
	int prime, n, p[2], status;

	if (read(in, &prime, sizeof(prime)) != sizeof(prime))
		EXIT(0);
	if (prime == 97) {
		int fd = create("lastprime");

		write(fd, "97", 2);
		close(fd);
	}
	CHECK(pipe(p) == 0);
	if (fork() == 0) {
		close(p[1]);
		close(in);
		sieve(p[0]);
	}
	close(p[0]);
	while (read(in, &n, sizeof(n)) == sizeof(n))
		if (n % prime != 0)
			write(p[1], &n, sizeof(n));
	close(p[1]);
	close(in);
	WAIT(&status);
	EXIT(0);
}

static void
primes(void)
{
	int p[2], status;

	unlink("lastprime");
	CHECK(pipe(p) == 0);
	if (fork() == 0) {
		close(p[1]);
		sieve(p[0]);
	}
	close(p[0]);
	for (int i = 2; i <= 100; i++)
		write(p[1], &i, sizeof(i));
	close(p[1]);
	CHECK(WAIT(&status) > 0 && status == 0);
	CHECK(exists("lastprime"));
	unlink("lastprime");
}

/* ---- exec ---- */

static void
exec_output(void)
{
	char *argv[] = { "echo", "OK", 0 };
	int pid, fd, status;

	unlink("echo-ok");
	pid = fork();
	CHECK(pid >= 0);
	if (pid == 0) {
		close(1);
		CHECK(open("echo-ok", O_CREATE | O_WRONLY) == 1);
		exec("echo", argv);
		EXIT(1);
	}
	CHECK(WAIT(&status) == pid && status == 0);
	fd = open("echo-ok", O_RDONLY);
	CHECK(fd >= 0 && read(fd, buf, 10) == 3);
	CHECK(buf[0] == 'O' && buf[1] == 'K' && buf[2] == '\n');
	close(fd);
	unlink("echo-ok");
}

static void
exec_bad(void)
{
	char *argv[] = { "x", 0 };

	CHECK(exec("README", argv) == -1);
	CHECK(exec("/", argv) == -1);
	CHECK(exec("nosuchprogram", argv) == -1);
	CHECK(exec("", argv) == -1);
	CHECK(exec("echo", 0) == -1);
	for (int i = 0; i < 200; i++) {
		char *args[2] = { (char *)0xffffffff, 0 };

		CHECK(exec("echo", args) == -1);
	}
}

/* 31 strings go, 32 do not; neither does more text than a page. */
static void
exec_limits(void)
{
	static char *argv[MAXARG + 1], big[MAXARG][200];
	int pid, status;

	for (int i = 0; i < MAXARG; i++) {
		memset(big[i], ' ', sizeof(big[i]) - 1);
		argv[i] = big[i];
	}
	argv[MAXARG] = 0;
	CHECK(exec("echo", argv) == -1);
	argv[MAXARG - 1] = 0;
	CHECK(exec("echo", argv) == -1);
	for (int i = 0; i < MAXARG - 1; i++)
		argv[i] = "echo";
	unlink("bigarg-ok");
	pid = fork();
	if (pid == 0) {
		close(1);
		CHECK(open("bigarg-ok", O_CREATE | O_WRONLY) == 1);
		exec("echo", argv);
		EXIT(1);
	}
	CHECK(WAIT(&status) == pid && status == 0);
	pid = open("bigarg-ok", O_RDONLY);
	CHECK(read(pid, buf, 1000) == (MAXARG - 2) * 5);
	close(pid);
	unlink("bigarg-ok");
}

/* ---- files ---- */

static void
open_and_create(void)
{
	CHECK(exists("echo") && exists("README") && !exists("doesnotexist"));
	CHECK(open(".", O_RDONLY) >= 0);
	CHECK(open("..", O_RDONLY) >= 0);
	CHECK(open(".", O_RDWR) == -1 && open(".", O_WRONLY) == -1);
	CHECK(open(".", O_CREATE | O_RDWR) == -1 && open("", O_CREATE) == -1);
	CHECK(open("README/", O_RDONLY) == -1 && open("README/x", O_CREATE) == -1);
	CHECK(mkdir("README") == -1 && mkdir("README/x") == -1 && chdir("README") == -1);
	CHECK(unlink("README/x") == -1 && link("README", "README/x") == -1);
}

static void
small_files(void)
{
	int fd = create("small");

	for (int i = 0; i < 100; i++) {
		CHECK(write(fd, "aaaaaaaaaa", 10) == 10);
		CHECK(write(fd, "bbbbbbbbbb", 10) == 10);
	}
	close(fd);
	fd = open("small", O_RDONLY);
	CHECK(read(fd, buf, 2000) == 2000);
	CHECK(read(fd, buf, 2000) == 0);
	close(fd);
	CHECK(unlink("small") == 0 && unlink("small") == -1);
}

static void
big_file(void)
{
	int blocks = MAXFILE > 140 ? 300 : MAXFILE, fd = create("big"), n;

	for (int i = 0; i < blocks; i++) {
		*(int *)buf = i;
		CHECK(write(fd, buf, BSIZE) == BSIZE);
	}
	close(fd);
	fd = open("big", O_RDONLY);
	for (n = 0; read(fd, buf, BSIZE) == BSIZE; n++)
		CHECK(*(int *)buf == n);
	CHECK(n == blocks);
	close(fd);
	CHECK(unlink("big") == 0);
}

static void
many_files(void)
{
	char name[3] = "a";

	for (int i = 0; i < 52; i++) {
		name[1] = '0' + i;
		close(create(name));
	}
	for (int i = 0; i < 52; i++) {
		name[1] = '0' + i;
		CHECK(unlink(name) == 0);
	}
}

/* A write behind the end makes no hole; one who truncates shows another's size. */
static void
truncated(void)
{
	int fd1, fd2;

	unlink("trunc");
	fd1 = open("trunc", O_CREATE | O_WRONLY | O_TRUNC);
	CHECK(write(fd1, "abcd", 4) == 4);
	fd2 = open("trunc", O_TRUNC | O_WRONLY);
	CHECK(write(fd1, "x", 1) == -1);
	CHECK(write(fd2, "abc", 3) == 3);
	CHECK(read(fd2, buf, 1) == -1);
	close(fd1);
	close(fd2);
	fd1 = open("trunc", O_RDONLY);
	fd2 = open("trunc", O_RDONLY);
	CHECK(read(fd1, buf, sizeof(buf)) == 3);
	close(open("trunc", O_WRONLY | O_TRUNC));
	CHECK(read(fd2, buf, sizeof(buf)) == 0);
	close(fd1);
	close(fd2);
	unlink("trunc");
}

static void
truncated_by_another(void)
{
	int pid, status;

	close(create("trunc"));
	pid = fork();
	if (pid == 0) {
		for (int i = 0; i < 50; i++) {
			char small[32];
			int fd = open("trunc", O_WRONLY);

			CHECK(fd >= 0 && write(fd, "1234567890", 10) == 10);
			close(fd);
			fd = open("trunc", O_RDONLY);
			read(fd, small, sizeof(small));
			close(fd);
		}
		EXIT(0);
	}
	for (int i = 0; i < 75; i++) {
		int fd = open("trunc", O_CREATE | O_WRONLY | O_TRUNC);
		int n;

		CHECK(fd >= 0);
		n = write(fd, "xxx", 3);
		CHECK(n == 3);
		close(fd);
	}
	CHECK(WAIT(&status) == pid && status == 0);
	unlink("trunc");
}

/* One descriptor, two processes: every byte arrives. */
static void
shared_descriptor(void)
{
	int fd, pid, n, nc = 0, np = 0, status;

	unlink("sharedfd");
	fd = create("sharedfd");
	pid = fork();
	memset(buf, pid == 0 ? 'c' : 'p', 10);
	for (int i = 0; i < 500; i++)
		CHECK(write(fd, buf, 10) == 10);
	if (pid == 0)
		EXIT(0);
	CHECK(WAIT(&status) == pid && status == 0);
	close(fd);
	fd = open("sharedfd", O_RDONLY);
	while ((n = read(fd, buf, 10)) > 0)
		for (int i = 0; i < n; i++) {
			nc += buf[i] == 'c';
			np += buf[i] == 'p';
		}
	CHECK(nc == 5000 && np == 5000);
	close(fd);
	unlink("sharedfd");
}

static void
four_writers(void)
{
	char *name[] = { "f0", "f1", "f2", "f3" };
	int status, n, total;

	for (int k = 0; k < 4; k++)
		if (fork() == 0) {
			int fd = create(name[k]);

			memset(buf, '0' + k, 500);
			for (int i = 0; i < 12; i++)
				CHECK(write(fd, buf, 500) == 500);
			EXIT(0);
		}
	for (int k = 0; k < 4; k++)
		CHECK(WAIT(&status) > 0 && status == 0);
	for (int k = 0; k < 4; k++) {
		int fd = open(name[k], O_RDONLY);

		for (total = 0; (n = read(fd, buf, sizeof(buf))) > 0; total += n)
			for (int i = 0; i < n; i++)
				CHECK(buf[i] == '0' + k);
		CHECK(total == 6000);
		close(fd);
		unlink(name[k]);
	}
}

static void
create_and_delete(void)
{
	char name[] = "p00";
	int status;

	for (int k = 0; k < 4; k++)
		if (fork() == 0) {
			name[0] = 'p' + k;
			for (int i = 0; i < 20; i++) {
				name[1] = '0' + i;
				close(create(name));
				if (i > 0 && i % 2 == 0) {
					name[1] = '0' + i / 2;
					CHECK(unlink(name) == 0);
				}
			}
			EXIT(0);
		}
	for (int k = 0; k < 4; k++)
		CHECK(WAIT(&status) > 0 && status == 0);
	for (int k = 0; k < 4; k++)
		for (int i = 0; i < 20; i++) {
			name[0] = 'p' + k;
			name[1] = '0' + i;
			CHECK(exists(name) == (i == 0 || i >= 10));
			unlink(name);
		}
}

static void
unlinked_but_open(void)
{
	int fd = create("unlinkread"), fd2;

	write(fd, "hello", 5);
	close(fd);
	fd = open("unlinkread", O_RDWR);
	CHECK(fd >= 0 && unlink("unlinkread") == 0);
	fd2 = create("unlinkread");
	write(fd2, "yyy", 3);
	close(fd2);
	CHECK(read(fd, buf, sizeof(buf)) == 5 && buf[0] == 'h');
	CHECK(write(fd, buf, 10) == 10);
	close(fd);
	unlink("unlinkread");
}

static void
links(void)
{
	struct stat st;
	int fd;

	unlink("lf1");
	unlink("lf2");
	fd = create("lf1");
	CHECK(write(fd, "hello", 5) == 5);
	close(fd);
	CHECK(link("lf1", "lf2") == 0);
	CHECK(stat("lf1", &st) == 0 && st.nlink == 2);
	unlink("lf1");
	CHECK(!exists("lf1"));
	fd = open("lf2", O_RDONLY);
	CHECK(read(fd, buf, sizeof(buf)) == 5);
	close(fd);
	CHECK(link("lf2", "lf2") == -1);
	unlink("lf2");
	CHECK(link("lf2", "lf1") == -1);
	CHECK(link(".", "lf1") == -1 && link("..", "lf1") == -1);
}

/* Processes create, link and unlink one set of names; a folder's contents add up. */
static void
concurrent_names(void)
{
	enum { N = 40 };
	struct dirent de;
	char file[3] = "C", seen[N];
	int fd, n = 0, status;

	for (int i = 0; i < N; i++) {
		int pid;

		file[1] = '0' + i;
		unlink(file);
		pid = fork();
		if (pid > 0 && i % 3 == 1) {
			link("C0", file);
		} else if (pid == 0 && i % 5 == 1) {
			link("C0", file);
		} else {
			close(create(file));
		}
		if (pid == 0)
			EXIT(0);
		CHECK(WAIT(&status) == pid);
	}
	memset(seen, 0, sizeof(seen));
	fd = open(".", O_RDONLY);
	while (read(fd, &de, sizeof(de)) == sizeof(de)) {
		int i = de.name[1] - '0';

		if (de.inum == 0 || de.name[0] != 'C' || de.name[2] != '\0')
			continue;
		CHECK(i >= 0 && i < N && !seen[i]);
		seen[i] = 1;
		n++;
	}
	close(fd);
	CHECK(n == N);
	for (int i = 0; i < N; i++) {
		file[1] = '0' + i;
		int pid = fork();

		if ((i % 3 == 0 && pid == 0) || (i % 3 == 1 && pid != 0)) {
			for (int k = 0; k < 4; k++)
				close(open(file, O_RDONLY));
		} else {
			unlink(file);
			unlink(file);
		}
		if (pid == 0)
			EXIT(0);
		CHECK(WAIT(&status) == pid);
		unlink(file);
	}
}

static void
link_and_unlink(void)
{
	int pid = fork(), status;
	uint x = pid ? 1 : 97;

	CHECK(pid >= 0);
	for (int i = 0; i < 100; i++) {
		x = x * 1103515245 + 12345;
		if (x % 3 == 0)
			close(open("x", O_RDWR | O_CREATE));
		else if (x % 3 == 1)
			link("cat", "x");
		else
			unlink("x");
	}
	if (pid == 0)
		EXIT(0);
	CHECK(WAIT(&status) == pid && status == 0);
	unlink("x");
}

static void
folders(void)
{
	struct stat st;
	int fd;

	unlink("ff");
	CHECK(mkdir("dd") == 0 && mkdir("dd") == -1);
	CHECK(stat("dd", &st) == 0 && st.type == T_DIR && st.nlink >= 1);
	fd = create("dd/ff");
	write(fd, "ff", 2);
	close(fd);
	CHECK(unlink("dd") == -1);
	CHECK(mkdir("/dd/dd") == -1 || unlink("/dd/dd") == 0);
	CHECK(mkdir("dd/dd") == 0);
	fd = create("dd/dd/ff");
	write(fd, "FF", 2);
	close(fd);
	fd = open("dd/dd/../ff", O_RDONLY);
	CHECK(read(fd, buf, sizeof(buf)) == 2 && buf[0] == 'f');
	close(fd);
	CHECK(link("dd/dd/ff", "dd/dd/ffff") == 0);
	CHECK(unlink("dd/dd/ff") == 0 && !exists("dd/dd/ff"));
	CHECK(chdir("dd") == 0 && chdir("dd/../../dd") == 0 && chdir("./..") == 0);
	CHECK(exists("dd/dd/ffff") && !exists("dd/dd/ff"));
	CHECK(open("dd/ff/ff", O_CREATE | O_RDWR) == -1 && open("dd/xx/ff", O_CREATE) == -1);
	CHECK(open("dd", O_CREATE) == -1 && open("dd", O_RDWR) == -1);
	CHECK(link("dd/ff/ff", "dd/dd/xx") == -1 && link("dd/xx/ff", "dd/dd/xx") == -1);
	CHECK(link("dd/ff", "dd/dd/ffff") == -1);
	CHECK(mkdir("dd/ff/ff") == -1 && mkdir("dd/xx/ff") == -1 && mkdir("dd/dd/ffff") == -1);
	CHECK(unlink("dd/xx/ff") == -1 && unlink("dd/ff/ff") == -1);
	CHECK(chdir("dd/ff") == -1 && chdir("dd/xx") == -1);
	CHECK(unlink("dd/dd/ffff") == 0 && unlink("dd/ff") == 0);
	CHECK(unlink("dd") == -1 && unlink("dd/dd") == 0 && unlink("dd") == 0);
}

static void
dots(void)
{
	CHECK(mkdir("dots") == 0 && chdir("dots") == 0);
	CHECK(unlink(".") == -1 && unlink("..") == -1);
	CHECK(chdir("/") == 0);
	CHECK(unlink("dots/.") == -1 && unlink("dots/..") == -1);
	CHECK(unlink("dots") == 0 && chdir("/..") == 0 && chdir("/../..") == 0);
}

/* Names are cut to fourteen bytes, silently. */
static void
fourteen(void)
{
	int fd;

	CHECK(mkdir("12345678901234") == 0);
	CHECK(mkdir("12345678901234/123456789012345") == 0);
	fd = create("123456789012345/123456789012345/123456789012345");
	close(fd);
	fd = open("12345678901234/12345678901234/12345678901234", O_RDONLY);
	CHECK(fd >= 0);
	close(fd);
	CHECK(mkdir("12345678901234/12345678901234") == -1);
	CHECK(mkdir("123456789012345/12345678901234") == -1);
	CHECK(unlink("123456789012345/12345678901234/12345678901234") == 0);
	CHECK(unlink("12345678901234/12345678901234") == 0);
	CHECK(unlink("12345678901234") == 0);
}

static void
big_folder(void)
{
	char name[] = "x00";
	int fd;

	unlink("bd");
	fd = create("bd");
	close(fd);
	for (int i = 0; i < 500; i++) {
		name[1] = '0' + i / 64;
		name[2] = '0' + i % 64;
		CHECK(link("bd", name) == 0);
	}
	CHECK(unlink("bd") == 0);
	for (int i = 0; i < 500; i++) {
		name[1] = '0' + i / 64;
		name[2] = '0' + i % 64;
		CHECK(unlink(name) == 0);
	}
}

static void
removed_folder(void)
{
	CHECK(mkdir("gone") == 0 && chdir("gone") == 0);
	CHECK(unlink("../gone") == 0);
	CHECK(open("x", O_CREATE | O_RDWR) == -1 && mkdir("y") == -1);
	CHECK(chdir("/") == 0 && !exists("gone"));
}

/* A folder that goes while it is somebody's current one, again and again. */
static void
inode_references(void)
{
	int status;

	for (int i = 0; i < NINODE + 1; i++) {
		CHECK(mkdir("irefd") == 0 && chdir("irefd") == 0);
		mkdir("");
		link("README", "");
		CHECK(open("", O_CREATE) == -1 && open("xx", O_CREATE | O_RDWR) >= 0);
		unlink("xx");
		CHECK(chdir("..") == 0 && unlink("irefd") == 0);
	}
	for (int i = 0; i < 10; i++) {
		int pid = fork();

		if (pid == 0) {
			CHECK(mkdir("iref2") == 0 && chdir("iref2") == 0);
			CHECK(unlink("../iref2") == 0);
			EXIT(0);
		}
		CHECK(WAIT(&status) == pid && status == 0);
	}
	chdir("/");
}

/* Many at work on one file each, with sizes that are no blocks. */
static void
many_writers(void)
{
	int status;

	for (int k = 0; k < 4; k++)
		if (fork() == 0) {
			char name[] = "wa";

			name[1] = 'a' + k;
			unlink(name);
			for (int i = 0; i < 10; i++)
				for (int j = 0; j <= k; j++) {
					int fd = create(name);
					int n = write(fd, buf, sizeof(buf));

					CHECK(n == (int)sizeof(buf));
					close(fd);
				}
			unlink(name);
			EXIT(0);
		}
	for (int k = 0; k < 4; k++)
		CHECK(WAIT(&status) > 0 && status == 0);
}

static void
odd_sizes(void)
{
	for (int sz = 499; sz < (MAXOPBLOCKS + 2) * BSIZE && sz < (int)sizeof(buf); sz += 471) {
		int fd = create("bigwrite");

		CHECK(write(fd, buf, sz) == sz && write(fd, buf, sz) == sz);
		close(fd);
		CHECK(unlink("bigwrite") == 0);
	}
}

static void
bad_writes(void)
{
	for (int i = 0; i < 60; i++) {
		int fd = create("junk");

		CHECK(write(fd, (char *)bad[NBAD - 1], 1) == -1);
		close(fd);
		CHECK(unlink("junk") == 0);
	}
	CHECK(write(create("junk"), "x", 1) == 1);
	CHECK(unlink("junk") == 0);
}

/* The last argument of many, in memory that ends there. */
static void
bad_argument_vector(void)
{
	for (int i = 0; i < 500; i++) {
		char *argv[2] = { (char *)bad[0], 0 };

		CHECK(exec("echo", argv) == -1);
	}
}

static void
devices(void)
{
	struct stat st;
	int fd;

	unlink("testcons");
	CHECK(mknod("testcons", 1, 0) == 0 && mknod("testcons", 1, 0) == -1);
	CHECK(stat("testcons", &st) == 0 && st.type == 3 && st.size == 0);
	fd = open("testcons", O_RDWR);
	CHECK(fd >= 0);
	close(fd);
	CHECK(unlink("testcons") == 0);
	CHECK(mknod("nodev", 90, 0) == 0 && open("nodev", O_RDWR) == -1);
	CHECK(unlink("nodev") == 0);
}

static void
duplicates(void)
{
	int fd = create("dup"), d = dup(fd), e;

	CHECK(d > fd && write(fd, "ab", 2) == 2 && write(d, "cd", 2) == 2);
	close(fd);
	e = open("dup", O_RDONLY);
	CHECK(e == fd); /* the lowest that is free */
	CHECK(read(e, buf, 10) == 4 && buf[3] == 'd');
	close(d);
	close(e);
	unlink("dup");
}

static void
symbolic_links(void)
{
	struct stat st;
	int fd;

	unlink("sl1");
	unlink("sl2");
	CHECK(symlink("README", "sl1") == 0 && symlink("README", "sl1") == -1);
	CHECK(stat("sl1", &st) == 0 && st.type == T_FILE);
	fd = open("sl1", O_RDONLY | O_NOFOLLOW);
	CHECK(fd >= 0 && fstat(fd, &st) == 0 && st.type == T_SYMLINK);
	close(fd);
	CHECK(symlink("sl2", "sl3") == 0 && symlink("sl3", "sl2") == 0);
	CHECK(open("sl2", O_RDONLY) == -1);
	CHECK(symlink("nothing", "sl4") == 0 && open("sl4", O_RDONLY) == -1);
	CHECK(unlink("sl1") == 0 && unlink("sl2") == 0 && unlink("sl3") == 0 && unlink("sl4") == 0);
	CHECK(exists("README"));
}

#ifndef X86
#define MAP_FAILED ((char *)-1)

static void
file_mappings(void)
{
	int fd = create("mmap.dur"), n = PGSIZE + PGSIZE / 2;
	char *p;

	memset(buf, 'A', PGSIZE);
	CHECK(write(fd, buf, PGSIZE) == PGSIZE && write(fd, buf, PGSIZE / 2) == PGSIZE / 2);
	close(fd);
	fd = open("mmap.dur", O_RDONLY);
	CHECK(mmap(0, 2 * PGSIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) == MAP_FAILED);
	p = mmap(0, 2 * PGSIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	CHECK(p != MAP_FAILED);
	close(fd);
	for (int i = 0; i < 2 * PGSIZE; i++)
		CHECK(p[i] == (i < n ? 'A' : 0));
	p[0] = 'P';
	CHECK(munmap(p, 2 * PGSIZE) == 0);
	fd = open("mmap.dur", O_RDWR);
	CHECK(read(fd, buf, 1) == 1 && buf[0] == 'A');
	p = mmap(0, 3 * PGSIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	CHECK(p != MAP_FAILED);
	close(fd);
	p[0] = 'Z';
	if (fork() == 0) {
		CHECK(p[0] == 'Z');
		p[PGSIZE] = 'Y';
		exit(0);
	}
	CHECK(wait(&n) > 0 && n == 0 && p[PGSIZE] == 'Y');
	CHECK(munmap(p, PGSIZE) == 0);
	CHECK(p[PGSIZE] == 'Y');
	CHECK(munmap(p + PGSIZE, 2 * PGSIZE) == 0);
	must_die(peek, (unsigned long)p);
	fd = open("mmap.dur", O_RDONLY);
	CHECK(read(fd, buf, PGSIZE + 1) == PGSIZE + 1 && buf[0] == 'Z' && buf[PGSIZE] == 'Y');
	close(fd);
	unlink("mmap.dur");
}
#endif

#define T(name)             \
	{                   \
		name, #name \
	}
static struct {
	void (*fn)(void);
	char *name;
} tests[] = {
	T(bad_buffers),
	T(bad_strings),
	T(string_without_end),
	T(freed_memory),
	T(kernel_memory),
	T(write_text),
	T(stack_overflow),
	T(length_negative),
	T(sbrk_basic),
	T(sbrk_much),
	T(sbrk_arguments),
	T(shrink),
	T(shrink_partly),
	T(overflow),
	T(bss_is_zero),
#ifdef QUIRE_SBRK_EAGER
	T(exhaust_and_exec),
	T(exhaust_and_fork),
	T(malloc_all),
	T(sbrk_fails),
#else
	T(lazy),
	T(lazy_out_of_memory),
	T(lazy_in_calls),
#endif
#ifndef X86
	T(beyond_maxva),
	T(stack_guard),
	T(file_mappings),
#endif
	T(copy_on_write),
	T(copy_on_read_call),
	T(exit_and_wait),
	T(orphans),
	T(two_children),
	T(forks_in_forks),
	T(fork_storm),
	T(fork_until_it_fails),
	T(kill_them),
	T(pipe_order),
	T(pipe_closed),
	T(primes),
	T(exec_output),
	T(exec_bad),
	T(exec_limits),
	T(open_and_create),
	T(small_files),
	T(big_file),
	T(many_files),
	T(truncated),
	T(truncated_by_another),
	T(shared_descriptor),
	T(four_writers),
	T(create_and_delete),
	T(unlinked_but_open),
	T(links),
	T(concurrent_names),
	T(link_and_unlink),
	T(folders),
	T(dots),
	T(fourteen),
	T(big_folder),
	T(removed_folder),
	T(inode_references),
	T(many_writers),
	T(odd_sizes),
	T(bad_writes),
	T(bad_argument_vector),
	T(devices),
	T(duplicates),
	T(symbolic_links),
};
#define NTESTS (sizeof(tests) / sizeof(tests[0]))

static int
wanted(char *name, char **argv)
{
	if (argv[1] == 0)
		return 1;
	for (argv++; *argv != 0; argv++)
		if (strcmp(*argv, name) == 0)
			return 1;
	return 0;
}

/* Frames that a test did not give back. Whatever ended a moment ago may be on its way;
 * a few go to our own page tables and to the kernel's objects for us. */
static int
frames_missing(int before)
{
	for (int i = 0; i < 20 && getNumFreePages() < before; i++)
		sleep(1);
	return before - getNumFreePages() > 3 ? before - getNumFreePages() : 0;
}

static int
run(int i)
{
	int before = getNumFreePages(), p[2], pid, status, said;
	char c;

	CHECK(pipe(p) == 0);
	pid = fork();
	CHECK(pid >= 0);
	if (pid == 0) {
		close(p[0]);
		tests[i].fn();
		write(p[1], "x", 1);
		EXIT(0);
	}
	close(p[1]);
	CHECK(WAIT(&status) == pid);
	said = read(p[0], &c, 1);
	close(p[0]);
	if (said != 1 || status != 0) {
		OUT("%s: FAILED (%d)\n", tests[i].name, status);
		return 0;
	}
	if (frames_missing(before) > 0) {
		OUT("%s: FAILED (%d frames missing)\n", tests[i].name, frames_missing(before));
		return 0;
	}
	OUT("%s: ok\n", tests[i].name);
	return 1;
}

int
main(int argc, char **argv)
{
	int failed = 0;

	(void)argc;
	for (uint i = 0; i < NTESTS; i++)
		if (wanted(tests[i].name, argv))
			failed += !run(i);
	OUT(failed ? "suite: %d failed\n" : "suite: ok\n", failed);
	EXIT(failed != 0);
}

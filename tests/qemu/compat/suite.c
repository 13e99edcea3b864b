/*
 * What the programming interface of both xv6 families promises: bad addresses, limits,
 * processes at work on the same thing, memory that runs out. Each test runs in a child of
 * its own, and no frame may be missing afterwards. `suite` runs all, `suite NAME...` some.
 */
#include "style.h"

#define KB 1024
#define MB (1024 * 1024)

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

static char buf[16 * KB];
static char *const plain_argv[] = { "plain", 0 };

/* Of the child that was waited for last; always 0 in the PC's family, which has none. */
static int last_status;

/*
 * FN(FIRST), FN(FIRST + 1)... in N processes at once; returns how many came back from it.
 * They say so by a byte in a pipe, since there are no statuses in the PC's family.
 */
static int
come_back(int n, void (*fn)(unsigned long), unsigned long first)
{
	int p[2], back = 0;

	CHECK(pipe(p) == 0);
	for (int k = 0; k < n; k++) {
		int pid = fork(), say;

		CHECK(pid >= 0);
		if (pid == 0) {
			close(p[0]);
			say = dup(p[1]); /* the lower one: tests take those behind it */
			close(p[1]);
			fn(first + k);
			write(say, "", 1);
			EXIT(0);
		}
	}
	close(p[1]);
	for (int k = 0; k < n; k++)
		CHECK(WAIT(&last_status) > 0);
	for (char c; read(p[0], &c, 1) == 1;)
		back++;
	close(p[0]);
	return back;
}

#define TOGETHER(n, fn) CHECK(come_back(n, fn, 0) == (n))

static void
must_die(void (*fn)(unsigned long), unsigned long arg)
{
	CHECK(come_back(1, fn, arg) == 0);
#ifndef X86
	CHECK(last_status == -1);
#endif
}

/* Bytes that differ from block to block, from page to page and from SEED to SEED. */
static char
pattern(int seed, int at)
{
	return (char)(seed * 41 + at * 3 + at / 253);
}

static void
fill(int seed, int at, int n)
{
	for (int i = 0; i < n; i++)
		buf[i] = pattern(seed, at + i);
}

static void
put(char *name, int seed, int size, int step)
{
	int fd = open(name, O_CREATE | O_TRUNC | O_WRONLY);

	CHECK(fd >= 0);
	for (int at = 0, n; at < size; at += n) {
		n = size - at < step ? size - at : step;
		fill(seed, at, n);
		CHECK(write(fd, buf, n) == n);
	}
	CHECK(close(fd) == 0);
}

/* Where the pattern that FD gives from AT on ends; -1 when it gives something else. */
static int
follow(int fd, int seed, int at, int step)
{
	int n;

	while ((n = read(fd, buf, step)) > 0)
		for (int i = 0; i < n; i++, at++)
			if (buf[i] != pattern(seed, at))
				return -1;
	return n < 0 ? -1 : at;
}

static int
holds(char *name, int seed, int size, int step)
{
	int fd = open(name, O_RDONLY), end = fd < 0 ? -1 : follow(fd, seed, 0, step);

	close(fd);
	return end == size;
}

static uint
random(uint *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}

/* The end of a page of the heap, with nothing behind it. */
static char *
heap_end(void)
{
	unsigned long rest = (unsigned long)sbrk(0) % PGSIZE;
	char *old = sbrk((rest != 0 ? PGSIZE - rest : 0) + PGSIZE);

	CHECK(old != (char *)-1);
	return sbrk(0);
}

/* ---- bad addresses ---- */

/* Addresses where the program has nothing. Returns how many. */
static int
nowhere(unsigned long *at)
{
	char *end = heap_end();
	int n = 0;

	CHECK(sbrk(-PGSIZE) == end);
	at[n++] = 8;                                                 /* page 0 */
	at[n++] = (unsigned long)end - PGSIZE;                       /* given back */
	at[n++] = ((unsigned long)&n & -(unsigned long)PGSIZE) - 16; /* the stack's guard */
	for (int bit = 31; bit < 8 * (int)sizeof(long); bit++)
		at[n++] = 1ul << bit;
	at[n++] = -16ul;
	return n;
}

#define MAX_NOWHERE 48

enum { NCALLS = 19 };

/* Call number CALL with AT for one of its addresses. FD is a file's. */
static int
call_with(int call, char *at, int fd)
{
	char *words[] = { "echo", "fine", at, 0 };
	struct stat st;

	switch (call) {
	case 0:
		return open(at, O_RDONLY);
	case 1:
		return open(at, O_CREATE | O_RDWR);
	case 2:
		return unlink(at);
	case 3:
		return link(at, "spare");
	case 4:
		return link("README", at);
	case 5:
		return symlink(at, "spare");
	case 6:
		return symlink("README", at);
	case 7:
		return mkdir(at);
	case 8:
		return mknod(at, 1, 1);
	case 9:
		return chdir(at);
	case 10:
		return exec(at, (char **)plain_argv);
	case 11:
		return exec("echo", (char **)at);
	case 12:
		return exec("echo", words);
	case 13:
		return pipe((int *)at);
	case 14:
		return fstat(fd, (struct stat *)at);
	case 15:
		return stat(at, &st);
	case 16:
		return stat("README", (struct stat *)at);
	case 17:
		return read(fd, at, 3 * PGSIZE);
	default:
		return write(fd, at, 3 * PGSIZE);
	}
}

static void
calls_refuse_addresses(void)
{
	unsigned long at[MAX_NOWHERE];
	int n = nowhere(at), fd;

	put("target", 1, 6000, 1000);
	fd = open("target", O_RDWR);
	for (int i = 0; i < n * NCALLS; i++)
		if (call_with(i % NCALLS, (char *)at[i / NCALLS], fd) != -1) {
			OUT("call %d took %x\n", i % NCALLS, (uint)at[i / NCALLS]);
			EXIT(1);
		}
	/* Neither the file nor its offset changed, and the descriptors are all there. */
	CHECK(follow(fd, 1, 0, 999) == 6000 && dup(fd) == fd + 1);
	CHECK(unlink("target") == 0 && open("spare", O_RDONLY) == -1);
}

static void
pipes_refuse_addresses(void)
{
	unsigned long at[MAX_NOWHERE];
	int n = nowhere(at), p[2];

	for (int i = 0; i < n; i++) {
		CHECK(pipe(p) == 0);
		CHECK(write(p[1], (char *)at[i], 64) <= 0);
		CHECK(write(p[1], "?", 1) == 1);
		CHECK(read(p[0], (char *)at[i], 64) <= 0);
		close(p[0]);
		close(p[1]);
	}
}

static void
peek(unsigned long at)
{
	OUT("%x: read %x\n", (uint)at, *(volatile char *)at);
}

static void
poke(unsigned long at)
{
	*(volatile char *)at = 10;
}

static void
programs_die_of_addresses(void)
{
	unsigned long at[MAX_NOWHERE];
	int n = nowhere(at);

	for (int i = 0; i < n; i++) {
		must_die(peek, at[i]);
		must_die(poke, at[i]);
	}
	must_die(poke, (unsigned long)poke); /* text can be read, and no more */
	CHECK(*(volatile char *)poke == *(volatile char *)poke);
}

/* What a call reads and writes may reach to the last byte there is, and no further. */
static void
last_byte(void)
{
	char *end = heap_end();
	int fd, p[2];

	memmove(end - 7, "README", 7);
	fd = open(end - 7, O_RDONLY);
	CHECK(fd >= 0 && read(fd, end - 9, 9) == 9);
	CHECK(fstat(fd, (struct stat *)(end - sizeof(struct stat))) == 0);
	CHECK(fstat(fd, (struct stat *)(end - sizeof(struct stat) + 8)) == -1);
	memset(end - 60, '/', 60);
	CHECK(open(end - 60, O_RDONLY) == -1 && chdir(end - 1) == -1);
	end[-1] = '\0';
	CHECK(open(end - 60, O_RDONLY) == fd + 1 && chdir(end - 2) == 0);
	CHECK(pipe((int *)end - 1) == -1);
	CHECK(pipe((int *)end - 2) == 0);
	memmove(p, end - sizeof(p), sizeof(p));
	CHECK(write(p[1], end - 300, 300) == 300 && read(p[0], end - 300, 300) == 300);
}

static void
lengths(void)
{
	static int bad[] = { -1, -PGSIZE, -0x7fffffff - 1 };
	int fd;

	put("lengths", 2, 700, 700);
	fd = open("lengths", O_RDWR);
	for (int i = 0; i < COUNT(bad); i++)
		CHECK(read(fd, buf, bad[i]) == -1 && write(fd, buf, bad[i]) == -1);
	CHECK(read(fd, buf, 0) == 0 && write(fd, buf, 0) == 0);
	CHECK(follow(fd, 2, 0, 64) == 700);
	unlink("lengths");
}

/* N frames of 256 bytes and more. */
static int
dig(int n)
{
	volatile char here[256];

	here[n % 256] = (char)n;
	return n == 0 ? 0 : dig(n - 1) + here[n % 256];
}

static void
dig_deep(unsigned long n)
{
	OUT("%d\n", dig((int)n));
}

static void
stack_ends(void)
{
	CHECK(dig(4) == 10);
	must_die(dig_deep, 100);
}

/* ---- memory ---- */

/* The break goes where it is sent, byte by byte; what comes (again) as a page is zero. */
static void
break_moves(void)
{
	static int steps[] = { 1, 4095, 1, -2, 3 * PGSIZE + 5, -PGSIZE - 4, 77, -80, 9 * MB,
		-9 * MB + 123, -123, 33 * MB, -33 * MB };
	char *start = heap_end(), *at = start;

	for (int i = 0; i < COUNT(steps); i++) {
		CHECK(sbrk(steps[i]) == at);
		at += steps[i];
		CHECK(sbrk(0) == at);
		if (steps[i] < 2 * PGSIZE)
			continue;
		for (char *page = at - 2; page > at - steps[i] + PGSIZE; page -= 16 * PGSIZE) {
			CHECK(*page == 0);
			*page = 1;
		}
	}
	/* Nothing is taken when more is asked back than there is. */
	at = sbrk(0);
	CHECK(sbrk(-0x7fffffff) == at && sbrk(0) == at);
	/* More than an i386 has; on riscv64 it is only much. */
	if (sbrk(0x7fffffff) != (char *)-1)
		CHECK(sbrk(-0x7fffffff) == at + 0x7fffffff);
	CHECK(sbrk(0) == at);
}

/* Who gives the program itself back has nothing to go on with. */
static void
give_back_all_but(unsigned long left)
{
	sbrk((int)(left - (unsigned long)sbrk(0)));
}

static void
program_given_back(void)
{
	must_die(give_back_all_but, 0);
	must_die(give_back_all_but, 1);
	must_die(give_back_all_but, PGSIZE + 12);
}

/* Blocks of malloc are nobody else's, and free ones that touch become one. */
static void
heap(void)
{
	static char *block[300];
	int size[COUNT(block)];
	char *top;

	for (int round = 0; round < 3; round++)
		for (int i = 0; i < COUNT(block); i++) {
			if (round > 0 && i % (round + 2) != 0)
				continue;
			free(block[i]);
			size[i] = (i * i * 7 + round * 900) % 3000 + 1;
			block[i] = malloc(size[i]);
			CHECK(block[i] != 0);
			memset(block[i], i, size[i]);
		}
	for (int i = 0; i < COUNT(block); i++)
		for (int k = 0; k < size[i]; k++)
			CHECK(block[i][k] == (char)i);
	for (int i = 0; i < COUNT(block); i++)
		free(block[(i * 7) % COUNT(block)]);
	top = sbrk(0);
	CHECK(malloc(300 * KB) != 0 && sbrk(0) == top);
}

/* A large block that was touched once costs a page; none makes the search for the next longer. */
#ifndef QUIRE_SBRK_EAGER
static void
large_blocks(void)
{
	int before = numpp();
	char *p;

	for (int i = 0; i < 1000; i++) {
		p = malloc(MB);
		CHECK(p != 0);
		*p = 1;
	}
	CHECK(numpp() - before < 1020);
}
#endif

#ifdef QUIRE_SBRK_EAGER
/* Less and less at a time, until there is not a page. Returns the bytes. */
static long
take_all(void)
{
	long total = 0;

	for (int n = 64 * MB; n >= PGSIZE; n /= 2)
		while (sbrk(n) != (char *)-1)
			total += n;
	return total;
}

static void
give_back(long bytes)
{
	for (long n; bytes > 0; bytes -= n) {
		n = bytes > 64 * MB ? 64 * MB : bytes;
		CHECK(sbrk((int)-n) != (char *)-1);
	}
}

/* With all memory taken, calls work or fail; nobody is killed. */
static void
nothing_left(void)
{
	long all = take_all(), again;
	int status;

	CHECK(all > 8 * MB && sbrk(PGSIZE) == (char *)-1 && malloc(64 * KB) == 0);
	put("scarce", 3, 5000, 500);
	CHECK(holds("scarce", 3, 5000, 700) && unlink("scarce") == 0);
	for (int i = 0; i < 10; i++) {
		int pid = fork();

		if (pid == 0) {
			if (i % 2 == 0)
				exec("true", (char **)plain_argv);
			EXIT(0);
		}
		CHECK(pid == -1 || (WAIT(&status) == pid && status == 0));
	}
	give_back(all);
	CHECK(malloc(64 * KB) != 0);
	again = take_all();
	CHECK(again > all - all / 8);
}

static void
greedy(unsigned long unused)
{
	(void)unused;
	for (int i = 0; i < 3; i++)
		give_back(take_all());
}

static void
greedy_together(void)
{
	TOGETHER(4, greedy);
	CHECK(sbrk(20 * MB) != (char *)-1);
}

/* Memory of one who is killed comes back, all of it. */
static void
rich_and_killed(void)
{
	int p[2], pid, status;

	CHECK(pipe(p) == 0);
	for (int i = 0; i < 3; i++) {
		pid = fork();
		CHECK(pid >= 0);
		if (pid == 0) {
			take_all();
			write(p[1], "", 1);
			sleep(100000);
		}
		CHECK(read(p[0], buf, 1) == 1 && sbrk(20 * MB) == (char *)-1);
		CHECK(kill(pid) == 0 && WAIT(&status) == pid);
		CHECK(sbrk(20 * MB) != (char *)-1 && sbrk(-20 * MB) != (char *)-1);
	}
}
#else
/* More can be had than there is, and only what is touched costs a frame. */
static void
lazy(void)
{
	int frames = getNumFreePages(), pages = numpp();
	char *a = sbrk(600 * MB);

	CHECK(a != (char *)-1 && numpp() == pages && getNumFreePages() == frames);
	for (long i = 1; i < 350; i++)
		a[i * i * PGSIZE] = (char)i;
	CHECK(numpp() == pages + 349);
	for (long i = 1; i < 350; i++)
		CHECK(a[i * i * PGSIZE] == (char)i);
	CHECK(a[2 * PGSIZE] == 0 && numpp() <= pages + 350);
	CHECK(sbrk(-600 * MB) == a + 600 * MB && numpp() == pages);
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

/* System calls find memory that is not there yet, also across its pages. */
static void
lazy_in_calls(void)
{
	char *a = sbrk(64 * PGSIZE);
	struct stat *st = (struct stat *)(a + 12 * PGSIZE - 4);
	int *p = (int *)(a + 16 * PGSIZE - 4), fd;

	CHECK(open(a + 5 * PGSIZE, O_RDONLY) == -1);
	CHECK(stat("README", st) == 0 && st->type == T_FILE);
	CHECK(pipe(p) == 0);
	CHECK(write(p[1], a + 20 * PGSIZE - 2048, PGSIZE) == PGSIZE);
	CHECK(read(p[0], a + 24 * PGSIZE - 2048, PGSIZE) == PGSIZE);
	CHECK(exec("nosuchprogram", (char **)(a + 10 * PGSIZE)) == -1);
	put("lazily", 4, 512, 512);
	fd = open("lazily", O_RDONLY);
	CHECK(read(fd, a + 30 * PGSIZE - 7, 600) == 512);
	for (int i = 0; i < 512; i++)
		CHECK(a[30 * PGSIZE - 7 + i] == pattern(4, i));
	unlink("lazily");
}
#endif

/*
 * Generation K finds the marks of those before it and leaves one in part K; whatever the
 * generations after it do there, its own memory stays as it was.
 */
#define PARTS      6
#define PART_BYTES (512 * KB)

static void
generation(char *a, int k)
{
	int status;

	for (int i = 0; i < PARTS * PART_BYTES; i += PGSIZE)
		CHECK(a[i] == (i / PART_BYTES < k ? 'A' + i / PART_BYTES : 0));
	if (k == PARTS)
		return;
	for (int i = 0; i < PART_BYTES; i += PGSIZE)
		a[k * PART_BYTES + i] = 'A' + k;
	if (fork() == 0) {
		generation(a, k + 1);
		EXIT(0);
	}
	CHECK(WAIT(&status) > 0 && status == 0);
	for (int i = 0; i < PARTS * PART_BYTES; i += PGSIZE)
		CHECK(a[i] == (i / PART_BYTES <= k ? 'A' + i / PART_BYTES : 0));
}

static void
generations(void)
{
	char *a = sbrk(PARTS * PART_BYTES);

	CHECK(a != (char *)-1);
	generation(a, 0);
}

/* The kernel, too, writes into a copy of one's own. */
static char shared_pages[4 * PGSIZE] __attribute__((aligned(4096)));

static void
have_kernel_write(unsigned long k)
{
	struct stat *st = (struct stat *)(shared_pages + PGSIZE);
	int *p = (int *)shared_pages, fd = open("README", O_RDONLY);
	char *text = shared_pages + 2 * PGSIZE;

	CHECK(pipe(p) == 0 && p[0] > 0 && p[1] > 0);
	CHECK(fstat(fd, st) == 0 && st->type == T_FILE);
	fill((int)k, 0, 100);
	CHECK(write(p[1], buf, 100) == 100 && read(p[0], text, 100) == 100);
	for (int i = 0; i < 100; i++)
		CHECK(text[i] == pattern((int)k, i));
	CHECK(read(fd, shared_pages + 3 * PGSIZE, 50) == 50);
}

static void
kernel_writes_copies(void)
{
	memset(shared_pages, 0x55, sizeof(shared_pages));
	TOGETHER(5, have_kernel_write);
	for (int i = 0; i < (int)sizeof(shared_pages); i++)
		CHECK(shared_pages[i] == 0x55);
}

/* ---- processes ---- */

/* Every child is reported once, with its own status, in whatever order they end. */
static void
children_reported_once(void)
{
	int pid[40], status, got;

	for (int i = 0; i < COUNT(pid); i++) {
		pid[i] = fork();
		CHECK(pid[i] >= 0);
		if (pid[i] == 0)
			exit(
#ifndef X86
			    i * i - 200
#endif
			);
	}
	for (int n = 0, i; n < COUNT(pid); n++) {
		got = WAIT(&status);
		for (i = 0; i < COUNT(pid) && pid[i] != got; i++)
			;
		CHECK(i < COUNT(pid));
#ifndef X86
		CHECK(status == i * i - 200);
#endif
		pid[i] = 0;
	}
	CHECK(WAIT(&status) == -1);
}

/* A tree of processes; every other one leaves its children to themselves. */
static void
tree(int depth, int leaves_them, int say)
{
	int status;

	CHECK(write(say, "", 1) == 1);
	for (int i = 0; depth > 0 && i < 2; i++) {
		int pid = fork();

		CHECK(pid >= 0);
		if (pid == 0) {
			tree(depth - 1, i, say);
			EXIT(0);
		}
	}
	for (int i = 0; depth > 0 && !leaves_them && i < 2; i++)
		CHECK(WAIT(&status) > 0 && status == 0);
}

static void
grow_tree(unsigned long unused)
{
	int p[2], n = 0;

	(void)unused;
	for (int i = 0; i < 4; i++, n = 0) {
		CHECK(pipe(p) == 0);
		if (fork() == 0) {
			close(p[0]);
			tree(4, i % 2, p[1]);
			EXIT(0);
		}
		close(p[1]);
		while (read(p[0], buf, 1) == 1)
			n++;
		CHECK(n == 31); /* and all have ended: nobody has the pipe's other end */
		close(p[0]);
	}
}

static void
trees(void)
{
	TOGETHER(3, grow_tree);
}

/* Forks until there are no more processes; returns how many that were. */
static int
populate(void)
{
	int hold[2], n, status;

	CHECK(pipe(hold) == 0);
	for (n = 0; n < 1000; n++) {
		int pid = fork();

		if (pid < 0)
			break;
		if (pid == 0) {
			close(hold[1]);
			read(hold[0], buf, 1);
			EXIT(0);
		}
	}
	close(hold[1]);
	close(hold[0]);
	for (int i = 0; i < n; i++)
		CHECK(WAIT(&status) > 0);
	CHECK(WAIT(&status) == -1);
	return n;
}

static void
process_limit(void)
{
	int n = populate();

	CHECK(n > 60 && n < 1000);
	CHECK(populate() >= n - n / 8);
}

static void
compute(void)
{
	for (;;)
		;
}

static void
nap(void)
{
	sleep(100000);
}

static void
await_byte(void)
{
	int p[2];

	pipe(p);
	read(p[0], buf, 1);
}

static void
fill_pipe(void)
{
	int p[2];

	pipe(p);
	while (write(p[1], buf, sizeof(buf)) > 0)
		;
}

static void
await_child(void)
{
	int status;

	if (fork() == 0) {
		sleep(4);
		EXIT(0);
	}
	WAIT(&status);
}

static void
fork_on(void)
{
	int status;

	for (;;) {
		if (fork() == 0)
			EXIT(0);
		WAIT(&status);
	}
}

/* In whatever it is at, a process that is killed ends. */
static void
killed_at_anything(void)
{
	static void (*at[])(void) = { compute, nap, await_byte, fill_pipe, await_child, fork_on };
	int pid[COUNT(at)], status;

	for (int i = 0; i < COUNT(at); i++) {
		pid[i] = fork();
		CHECK(pid[i] >= 0);
		if (pid[i] == 0) {
			at[i]();
			EXIT(0);
		}
	}
	sleep(2);
	for (int i = 0; i < COUNT(at); i++)
		CHECK(kill(pid[i]) == 0);
	for (int i = 0; i < COUNT(at); i++) {
		CHECK(WAIT(&status) > 0);
#ifndef X86
		CHECK(status == -1);
#endif
	}
	CHECK(kill(pid[0]) == -1 && kill(0x7fffff) == -1 && kill(-1) == -1);
	sleep(4); /* the child that await_child left */
}

/* ---- pipes ---- */

#define STREAM (100 * KB)

/* All bytes arrive, in order, in whatever pieces they are written and read. */
static void
stream(unsigned long k)
{
	int p[2], at = 0, n, status;

	CHECK(pipe(p) == 0);
	if (fork() == 0) {
		close(p[0]);
		for (int i = 0; at < STREAM; i++, at += n) {
			n = (i * i) % 1700 + 1;
			fill((int)k, at, n);
			CHECK(write(p[1], buf, n) == n);
		}
		EXIT(0);
	}
	close(p[1]);
	at = follow(p[0], (int)k, 0, 300 * (int)k + 7);
	CHECK(at >= STREAM && at < STREAM + 1700);
	close(p[0]);
	CHECK(WAIT(&status) > 0 && status == 0);
}

static void
streams(void)
{
	TOGETHER(4, stream);
}

/* A number goes round; everybody adds its own. */
#define RING 7

static int ring[RING][2];

static void
pass_on(unsigned long k)
{
	int *from = ring[k], *to = ring[(k + 1) % RING], sum;

	if (k == 0)
		CHECK(write(to[1], &(int){ 0 }, sizeof(int)) == sizeof(int));
	for (int round = 1; round <= 50; round++) {
		CHECK(read(from[0], &sum, sizeof(sum)) == sizeof(sum));
		CHECK(sum ==
		    (round - 1) * RING * (RING - 1) / 2 +
			(int)(k > 0 ? k * (k - 1) / 2 : RING * (RING - 1) / 2));
		sum += (int)k;
		if (k > 0 || round < 50)
			CHECK(write(to[1], &sum, sizeof(sum)) == sizeof(sum));
	}
}

static void
round_a_ring(void)
{
	for (int i = 0; i < RING; i++)
		CHECK(pipe(ring[i]) == 0);
	TOGETHER(RING, pass_on);
}

static void
pipe_ends(void)
{
	int p[2];

	CHECK(pipe(p) == 0 && read(p[1], buf, 1) == -1 && write(p[0], "x", 1) == -1);
	CHECK(write(p[1], "last", 4) == 4 && close(p[1]) == 0);
	CHECK(read(p[0], buf, 100) == 4 && read(p[0], buf, 100) == 0);
	CHECK(close(p[0]) == 0 && close(p[0]) == -1 && read(p[0], buf, 1) == -1);
	CHECK(pipe(p) == 0 && close(p[0]) == 0 && write(p[1], "x", 1) == -1);
	CHECK(close(-1) == -1 && dup(99) == -1 && dup(p[0]) == -1);
}

/* ---- exec ---- */

/* Bytes that an echo of N words of LEN letters printed; -1 when there was no exec. */
static int
echoed(int n, int len)
{
	static char word[2 * PGSIZE], *argv[MAXARG + 4] = { "echo" };
	int p[2], got = 0, r, status;

	memset(word, 'w', len);
	word[len] = '\0';
	for (int i = 1; i <= n; i++)
		argv[i] = word;
	argv[n + 1] = 0;
	CHECK(pipe(p) == 0);
	if (fork() == 0) {
		close(1);
		CHECK(dup(p[1]) == 1);
		close(p[0]);
		close(p[1]);
		exec("echo", argv);
		write(1, "!", 1);
		EXIT(0);
	}
	close(p[1]);
	while ((r = read(p[0], buf + got, sizeof(buf) - got)) > 0)
		got += r;
	close(p[0]);
	CHECK(WAIT(&status) > 0 && status == 0);
	return buf[0] == '!' ? -1 : got;
}

/* What goes along: 31 strings, and 4096 bytes of text and pointers. */
static void
exec_arguments(void)
{
	static struct {
		int n, len, out;
	} tries[] = {
		{ 0, 0, 1 },
		{ 1, 1, 2 },
		{ 2, 0, 2 },
		{ MAXARG - 2, 5, (MAXARG - 2) * 6 },
		{ MAXARG - 1, 5, -1 },
		{ MAXARG, 5, -1 },
		{ MAXARG - 2, 90, (MAXARG - 2) * 91 },
		{ MAXARG - 2, 180, -1 },
		{ 1, 3900, 3901 },
		{ 1, 4095, -1 },
		{ 1, 8000, -1 },
	};

	for (int i = 0; i < COUNT(tries); i++)
		CHECK(echoed(tries[i].n, tries[i].len) == tries[i].out);
}

/* What is no program: the caller goes on with all it had. */
static void
exec_refuses(void)
{
	static char *names[] = { "README", "/", "", "nosuchprogram", "echo/echo", "junk", "empty",
		"stub" };
	int fd, from;

	put("junk", 5, 5000, 999);
	put("empty", 5, 0, 1);
	from = open("echo", O_RDONLY);
	fd = open("stub", O_CREATE | O_WRONLY);
	CHECK(read(from, buf, 100) == 100 && write(fd, buf, 100) == 100);
	for (int i = 0; i < 10 * COUNT(names); i++)
		CHECK(exec(names[i % COUNT(names)], (char **)plain_argv) == -1);
	CHECK(exec("echo", 0) == -1);
	CHECK(write(fd, "x", 1) == 1 && read(from, buf, 1) == 1);
	CHECK(unlink("junk") == 0 && unlink("empty") == 0 && unlink("stub") == 0);
}

/* ---- names ---- */

enum op {
	MKDIR,
	CHDIR,
	MAKE, /* a file with B in it */
	READ, /* B is in the file */
	OPEN,
	OPEN_BOTH, /* to read and write */
	NOFOLLOW,
	LINK, /* B is the new name */
	SYMLINK,
	UNLINK,
};

static struct step {
	enum op op;
	int works;
	char *a, *b;
} steps[] = {
	{ MKDIR, 1, "grove", 0 },
	{ MKDIR, 0, "grove", 0 },
	{ MAKE, 1, "grove/oak", "acorn" },
	{ READ, 1, "/grove/../grove/./oak", "acorn" },
	/* A file is no folder, and what is not there is nothing. */
	{ MKDIR, 0, "grove/oak", 0 },
	{ MKDIR, 0, "grove/oak/leaf", 0 },
	{ MAKE, 0, "grove/oak/leaf", "" },
	{ OPEN, 0, "grove/oak/leaf", 0 },
	{ UNLINK, 0, "grove/oak/leaf", 0 },
	{ LINK, 0, "grove/oak", "grove/oak/leaf" },
	{ CHDIR, 0, "grove/oak", 0 },
	{ CHDIR, 0, "grove/elm", 0 },
	{ MAKE, 0, "grove/elm/leaf", "" },
	{ MKDIR, 0, "grove/elm/nest", 0 },
	{ LINK, 0, "grove/elm", "grove/ash" },
	{ LINK, 0, "grove/oak", "grove/elm/leaf" },
	{ UNLINK, 0, "grove/elm", 0 },
	{ MKDIR, 0, "", 0 },
	{ MAKE, 0, "", "" },
	{ LINK, 0, "grove/oak", "" },
	{ UNLINK, 0, "", 0 },
	/* A file has the names it is given, a folder only its own. */
	{ MKDIR, 1, "grove/glade", 0 },
	{ LINK, 1, "grove/oak", "grove/glade/sapling" },
	{ LINK, 0, "grove/oak", "grove/glade/sapling" },
	{ LINK, 0, "grove/oak", "grove/oak" },
	{ LINK, 0, "grove/glade", "grove/dell" },
	{ LINK, 0, ".", "grove/dell" },
	{ UNLINK, 1, "grove/oak", 0 },
	{ READ, 0, "grove/oak", "acorn" },
	{ LINK, 0, "grove/oak", "grove/elm" },
	{ READ, 1, "grove/glade//sapling", "acorn" },
	/* Where we are. */
	{ CHDIR, 1, "grove/glade", 0 },
	{ READ, 1, "../glade/sapling", "acorn" },
	{ UNLINK, 0, ".", 0 },
	{ UNLINK, 0, "..", 0 },
	{ CHDIR, 1, "..", 0 },
	{ READ, 1, "glade/sapling", "acorn" },
	{ UNLINK, 0, "glade/.", 0 },
	{ UNLINK, 0, "glade/..", 0 },
	{ UNLINK, 0, "glade", 0 },
	{ OPEN, 1, ".", 0 },
	{ OPEN, 1, "..", 0 },
	{ OPEN_BOTH, 0, ".", 0 },
	{ MAKE, 0, ".", "" },
	{ MAKE, 0, "glade", "" },
	{ CHDIR, 1, "../../..", 0 },
	{ OPEN, 1, "/../grove", 0 },
	/* Names have fourteen bytes; the others are cut off. */
	{ MKDIR, 1, "grove/fourteen-bytes and more", 0 },
	{ MKDIR, 0, "grove/fourteen-bytes", 0 },
	{ MAKE, 1, "grove/fourteen-bytes!/undergrowth-fern", "moss" },
	{ READ, 1, "grove/fourteen-bytes/undergrowth-fe", "moss" },
	{ UNLINK, 0, "grove/fourteen-byte", 0 },
	{ UNLINK, 1, "grove/fourteen-bytes/undergrowth-feet", 0 },
	{ UNLINK, 1, "grove/fourteen-bytes?", 0 },
	/* A folder that goes while one is in it takes nothing more. */
	{ MKDIR, 1, "camp", 0 },
	{ CHDIR, 1, "camp", 0 },
	{ UNLINK, 1, "../camp", 0 },
	{ MAKE, 0, "fire", "" },
	{ MKDIR, 0, "tent", 0 },
	{ LINK, 0, "/README", "map" },
	{ CHDIR, 1, "/", 0 },
	{ OPEN, 0, "camp", 0 },
	/* A path in a file. */
	{ SYMLINK, 1, "grove/glade/sapling", "sign" },
	{ SYMLINK, 0, "README", "sign" },
	{ READ, 1, "sign", "acorn" },
	{ SYMLINK, 1, "grove/glade", "path" },
	{ READ, 1, "path/sapling", "acorn" },
	{ SYMLINK, 1, "lost", "found" },
	{ OPEN, 0, "found", 0 },
	{ NOFOLLOW, 1, "found", 0 },
	{ SYMLINK, 1, "found", "lost" },
	{ OPEN, 0, "found", 0 },
	{ UNLINK, 1, "found", 0 },
	{ UNLINK, 1, "lost", 0 },
	{ UNLINK, 1, "path", 0 },
	{ UNLINK, 1, "sign", 0 },
	{ UNLINK, 1, "grove/glade/sapling", 0 },
	{ UNLINK, 0, "grove", 0 },
	{ UNLINK, 1, "grove/glade", 0 },
	{ UNLINK, 1, "grove", 0 },
};

static int
open_and_close(char *path, int flags)
{
	int fd = open(path, flags);

	close(fd);
	return fd >= 0;
}

static int
same_text(int fd, char *text)
{
	int n = read(fd, buf, sizeof(buf) - 1);

	buf[n < 0 ? 0 : n] = '\0';
	return n >= 0 && strcmp(buf, text) == 0;
}

static int
works(struct step *s)
{
	int fd, ok;

	switch (s->op) {
	case MKDIR:
		return mkdir(s->a) == 0;
	case CHDIR:
		return chdir(s->a) == 0;
	case OPEN:
		return open_and_close(s->a, O_RDONLY);
	case OPEN_BOTH:
		return open_and_close(s->a, O_RDWR);
	case NOFOLLOW:
		return open_and_close(s->a, O_RDONLY | O_NOFOLLOW);
	case LINK:
		return link(s->a, s->b) == 0;
	case SYMLINK:
		return symlink(s->a, s->b) == 0;
	case UNLINK:
		return unlink(s->a) == 0;
	default:
		fd = open(s->a, s->op == READ ? O_RDONLY : O_CREATE | O_WRONLY);
		ok = fd >= 0 &&
		    (s->op == READ ? same_text(fd, s->b) :
				     write(fd, s->b, strlen(s->b)) == (int)strlen(s->b));
		close(fd);
		return ok;
	}
}

static void
paths(void)
{
	for (int round = 0; round < 5; round++)
		for (int i = 0; i < COUNT(steps); i++)
			if (works(&steps[i]) != steps[i].works) {
				OUT("step %d, %s, does not do as it should\n", i, steps[i].a);
				EXIT(1);
			}
}

/* Processes end in folders that are gone. */
static void
move_out(unsigned long k)
{
	char name[] = "house0", up[] = "../house0";

	name[5] = up[8] = '0' + (char)k;
	for (int i = 0; i < 15; i++) {
		CHECK(mkdir(name) == 0 && chdir(name) == 0);
		put("chair", (int)k, 300, 100);
		CHECK(unlink(up) == -1 && unlink("chair") == 0 && unlink(up) == 0);
		CHECK(open("table", O_CREATE | O_RDWR) == -1);
		CHECK(i == 14 || chdir("/") == 0);
	}
}

static void
folders_gone(void)
{
	TOGETHER(6, move_out);
	TOGETHER(6, move_out);
}

/* The names that start with FIRST in PATH. */
static int
list(char *path, char first)
{
	struct dirent de;
	int fd = open(path, O_RDONLY), n = 0;

	CHECK(fd >= 0);
	while (read(fd, &de, sizeof(de)) == sizeof(de))
		n += de.inum != 0 && de.name[0] == first;
	close(fd);
	return n;
}

/* One file's names, in a folder that grows to many blocks, taken in another order. */
static void
crowd(void)
{
	enum { N = 600 };
	char name[] = "crowd/n000";
	struct stat st;

	CHECK(mkdir("crowd") == 0);
	put("crowd/one", 6, 100, 100);
	for (int round = 0; round < 2; round++)
		for (int i = 0; i < N; i++) {
			int k = i * 7 % N;

			name[7] = '0' + k / 100;
			name[8] = '0' + k / 10 % 10;
			name[9] = '0' + k % 10;
			CHECK((round ? unlink(name) : link("crowd/one", name)) == 0);
			CHECK((round ? unlink(name) : link("crowd/one", name)) == -1);
			CHECK(stat("crowd/one", &st) == 0);
			CHECK(st.nlink == (round ? N - i : i + 2));
			if (i % 150 == 149)
				CHECK(list("crowd", 'n') == (round ? N - 1 - i : i + 1));
		}
	CHECK(holds("crowd/one", 6, 100, 100) && unlink("crowd") == -1);
	CHECK(unlink("crowd/one") == 0 && unlink("crowd") == 0);
}

/*
 * Everybody at the same few names: made, linked, emptied, read and taken away. Then what
 * is left has to agree: every name opens, and a file has as many links as names.
 */
#define NAMES 6

static char *
storm_name(int k)
{
	static char name[2][8] = { "storm/0", "storm/0" };
	static int turn;

	turn = !turn;
	name[turn][6] = '0' + k;
	return name[turn];
}

static void
storm(unsigned long k)
{
	uint state = 77 + (uint)k;

	for (int i = 0; i < 200; i++) {
		uint r = random(&state) >> 4;
		char *a = storm_name(r % NAMES), *b = storm_name(r / NAMES % NAMES);
		int fd = -1, n;

		switch (r / 64 % 5) {
		case 0:
			fd = open(a, O_CREATE | O_RDWR);
			break;
		case 1:
			fd = open(a, O_TRUNC | O_RDWR);
			break;
		case 2:
			link(a, b);
			break;
		case 3:
			unlink(a);
			break;
		default:
			fd = open(a, O_RDONLY);
			n = fd < 0 ? 0 : read(fd, buf, sizeof(buf));
			CHECK(n >= 0 && n <= 64);
			while (n > 0)
				CHECK(buf[--n] >= 'a' && buf[n] < 'a' + 8);
			close(fd);
			continue;
		}
		memset(buf, 'a' + (int)k, 64);
		CHECK(fd < 0 || write(fd, buf, 64) == 64);
		close(fd);
	}
}

static void
name_storm(void)
{
	struct stat st[NAMES];
	int there[NAMES], n = 0;

	CHECK(mkdir("storm") == 0);
	TOGETHER(4, storm);
	for (int i = 0; i < NAMES; i++) {
		there[i] = open_and_close(storm_name(i), O_RDONLY);
		CHECK((stat(storm_name(i), &st[i]) == 0) == there[i]);
	}
	for (int i = 0; i < NAMES; i++) {
		int names = 0;

		for (int k = 0; there[i] && k < NAMES; k++)
			names += there[k] && st[k].ino == st[i].ino;
		CHECK(!there[i] || (st[i].nlink == names && st[i].size <= 64));
		n += there[i];
	}
	for (int i = 0, left = n; i < NAMES; i++) {
		CHECK(list("storm", '0' + i) == there[i]);
		CHECK((unlink(storm_name(i)) == 0) == there[i]);
		left -= there[i];
		CHECK(left == 0 || unlink("storm") == -1);
	}
	CHECK(unlink("storm") == 0);
}

/* ---- files ---- */

/* Sizes about the ends of blocks, and where a file's map gets another level. */
static void
sizes(void)
{
	static int size[] = { 0, 1, BSIZE - 1, BSIZE, BSIZE + 1, PGSIZE - 1, PGSIZE + 1,
		NDIRECT * BSIZE, (NDIRECT + 1) * BSIZE + 1, 70 * KB - 3,
		(NDIRECT + NINDIRECT) * BSIZE - 1, (NDIRECT + NINDIRECT + 1) * BSIZE + 1 };
	static int step[] = { 511, 1000, 4096, 5000, 16 * KB };
	struct stat st;

	for (int i = 0; i < COUNT(size); i++)
		for (int k = 0; k < COUNT(step); k++) {
			put("sized", i + k, size[i], step[k]);
			CHECK(stat("sized", &st) == 0 && (int)st.size == size[i]);
			CHECK(holds("sized", i + k, size[i], step[COUNT(step) - 1 - k]));
		}
	CHECK(unlink("sized") == 0 && unlink("sized") == -1);
}

/* Files made, written and read at once are nobody else's. */
static void
own_files(unsigned long k)
{
	char name[] = "own00";

	name[3] += (char)k;
	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < 10; i++) {
			name[4] = '0' + (char)i;
			put(name, (int)k * 10 + i + round, 3000 * i + 17, 700 * (int)k + 100);
		}
		for (int i = 9; i >= 0; i--) {
			name[4] = '0' + (char)i;
			CHECK(holds(name, (int)k * 10 + i + round, 3000 * i + 17, 2048));
			CHECK(round == 0 || unlink(name) == 0);
		}
	}
}

static void
files_side_by_side(void)
{
	TOGETHER(5, own_files);
}

/* One descriptor of several processes: no record is lost, torn or out of turn. */
#define RECORDS 150

static int records_fd;

static void
append(unsigned long k)
{
	int record[8];

	for (int i = 0; i < RECORDS; i++) {
		for (int m = 0; m < COUNT(record); m++)
			record[m] = (int)k * RECORDS + i;
		CHECK(write(records_fd, record, sizeof(record)) == sizeof(record));
	}
}

static void
shared_offset(void)
{
	int record[8], next[4] = { 0 }, fd;

	records_fd = open("records", O_CREATE | O_RDWR);
	CHECK(records_fd >= 0);
	TOGETHER(COUNT(next), append);
	fd = open("records", O_RDONLY);
	for (int i = 0; i < COUNT(next) * RECORDS; i++) {
		int who;

		CHECK(read(fd, record, sizeof(record)) == sizeof(record));
		who = record[0] / RECORDS;
		CHECK(who >= 0 && who < COUNT(next) && record[0] % RECORDS == next[who]++);
		for (int m = 1; m < COUNT(record); m++)
			CHECK(record[m] == record[0]);
	}
	CHECK(read(fd, record, 1) == 0 && read(records_fd, record, 1) == 0);
	unlink("records");
}

/* The offsets of others stay when one empties a file; behind the end nothing is written. */
static void
emptied(void)
{
	int writer, reader, fresh;

	put("emptied", 7, 6000, 3000);
	writer = open("emptied", O_WRONLY);
	reader = open("emptied", O_RDONLY);
	fill(8, 0, 2000);
	CHECK(write(writer, buf, 2000) == 2000 && read(reader, buf, 2500) == 2500);
	fresh = open("emptied", O_RDWR | O_TRUNC);
	CHECK(read(reader, buf, 1) == 0 && write(writer, "behind", 6) == -1);
	CHECK(write(fresh, "anew", 4) == 4);
	CHECK(read(reader, buf, 1) == 0 && write(reader, "x", 1) == -1);
	CHECK(read(writer, buf, 1) == -1);
	fill(8, 0, 3000);
	CHECK(write(fresh, buf, 3000) == 3000 && read(reader, buf, 9999) == 504);
	CHECK(write(writer, "within", 6) == 6);
	unlink("emptied");
}

/* A file without a name lives as long as it is open, and is no other of that name. */
static void
nameless(void)
{
	struct stat old, new;
	int fd;

	put("nameless", 9, 3 * PGSIZE, 512);
	fd = open("nameless", O_RDWR);
	CHECK(unlink("nameless") == 0 && !open_and_close("nameless", O_RDONLY));
	put("nameless", 10, 700, 700);
	CHECK(fstat(fd, &old) == 0 && stat("nameless", &new) == 0);
	CHECK(old.nlink == 0 && new.nlink == 1 && old.ino != new.ino);
	CHECK(follow(fd, 9, 0, 1000) == 3 * PGSIZE && write(fd, buf, 5000) == 5000);
	CHECK(fstat(fd, &old) == 0 && old.size == 3 * PGSIZE + 5000);
	CHECK(holds("nameless", 10, 700, 100) && unlink("nameless") == 0);
}

static void
devices(void)
{
	struct stat st;

	CHECK(mknod("tube", 1, 0) == 0 && mknod("tube", 1, 0) == -1);
	CHECK(stat("tube", &st) == 0 && st.type == 3 && st.size == 0);
	CHECK(open_and_close("tube", O_RDWR) && unlink("tube") == 0);
	CHECK(mknod("void", 90, 0) == 0 && !open_and_close("void", O_RDWR));
	CHECK(unlink("void") == 0);
}

/* Twins have one offset; a new descriptor is the lowest that is free. */
static void
twins(void)
{
	int fd, twin, other;

	put("twins", 11, 90, 90);
	fd = open("twins", O_RDONLY);
	twin = dup(fd);
	CHECK(twin == fd + 1 && read(fd, buf, 30) == 30 && close(fd) == 0);
	other = open("twins", O_RDONLY);
	CHECK(other == fd && dup(other) == twin + 1);
	CHECK(follow(twin, 11, 30, 7) == 90 && follow(other, 11, 0, 7) == 90);
	unlink("twins");
}

#ifndef X86
#define MAP_FAILED ((char *)-1)
#define RW         (PROT_READ | PROT_WRITE)
#define MAPPED     (2 * PGSIZE + 300)

static char *seen_by_all, *seen_by_us;

static void
write_mapping(unsigned long unused)
{
	(void)unused;
	seen_by_all[PGSIZE] = 'S';
	seen_by_us[PGSIZE] = 'P';
	CHECK(seen_by_us[2 * PGSIZE] == pattern(12, 2 * PGSIZE));
}

/* One file mapped twice: what is written goes to the file by one, nowhere by the other. */
static void
file_mappings(void)
{
	int fd;

	put("mapped", 12, MAPPED, 1000);
	fd = open("mapped", O_RDONLY);
	CHECK(mmap(0, MAPPED, RW, MAP_SHARED, fd, 0) == MAP_FAILED);
	seen_by_us = mmap(0, MAPPED, RW, MAP_PRIVATE, fd, 0);
	close(fd);
	fd = open("mapped", O_RDWR);
	seen_by_all = mmap(0, MAPPED, RW, MAP_SHARED, fd, 0);
	CHECK(seen_by_us != MAP_FAILED && seen_by_all != MAP_FAILED && close(fd) == 0);
	for (int i = 0; i < 3 * PGSIZE; i++)
		CHECK(seen_by_all[i] == (i < MAPPED ? pattern(12, i) : 0));
	TOGETHER(1, write_mapping);
	CHECK(seen_by_all[PGSIZE] == 'S' && seen_by_us[PGSIZE] != 'P');
	seen_by_us[2 * PGSIZE] = 'P';
	seen_by_all[2 * PGSIZE + 1] = 'T';
	CHECK(munmap(seen_by_all + PGSIZE, PGSIZE) == 0);
	must_die(peek, (unsigned long)seen_by_all + PGSIZE);
	CHECK(seen_by_all[0] == pattern(12, 0) && seen_by_all[2 * PGSIZE + 1] == 'T');
	CHECK(munmap(seen_by_all, 3 * PGSIZE) == 0 && munmap(seen_by_us, MAPPED) == 0);
	fd = open("mapped", O_RDONLY);
	CHECK(read(fd, buf, sizeof(buf)) == MAPPED);
	for (int i = 0; i < MAPPED; i++)
		CHECK(buf[i] == (i == PGSIZE ? 'S' : i == 2 * PGSIZE + 1 ? 'T' : pattern(12, i)));
	unlink("mapped");
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
	T(calls_refuse_addresses),
	T(pipes_refuse_addresses),
	T(programs_die_of_addresses),
	T(last_byte),
	T(lengths),
	T(stack_ends),
	T(break_moves),
	T(program_given_back),
	T(heap),
#ifdef QUIRE_SBRK_EAGER
	T(nothing_left),
	T(greedy_together),
	T(rich_and_killed),
#else
	T(large_blocks),
	T(lazy),
	T(lazy_out_of_memory),
	T(lazy_in_calls),
#endif
	T(generations),
	T(kernel_writes_copies),
	T(children_reported_once),
	T(trees),
	T(process_limit),
	T(killed_at_anything),
	T(streams),
	T(round_a_ring),
	T(pipe_ends),
	T(exec_arguments),
	T(exec_refuses),
	T(paths),
	T(folders_gone),
	T(crowd),
	T(name_storm),
	T(sizes),
	T(files_side_by_side),
	T(shared_offset),
	T(emptied),
	T(nameless),
	T(devices),
	T(twins),
#ifndef X86
	T(file_mappings),
#endif
};

static int
wanted(char *name, char **argv)
{
	int n = 1;

	while (argv[n] != 0 && strcmp(argv[n], name) != 0)
		n++;
	return argv[1] == 0 || argv[n] != 0;
}

/*
 * Frames that a test did not give back. Whatever ended a moment ago may be on its way;
 * a few go to our own page tables and to the kernel's objects for us.
 */
static int
frames_missing(int before)
{
	for (int i = 0; i < 20 && getNumFreePages() < before; i++)
		sleep(1);
	return before - getNumFreePages() > 3 ? before - getNumFreePages() : 0;
}

static void
run(unsigned long i)
{
	tests[i].fn();
}

static int
passes(int i)
{
	int before = getNumFreePages(), missing;

	if (come_back(1, run, i) != 1 || last_status != 0) {
		OUT("%s: FAILED (%d)\n", tests[i].name, last_status);
		return 0;
	}
	missing = frames_missing(before);
	if (missing > 0) {
		OUT("%s: FAILED (%d frames missing)\n", tests[i].name, missing);
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
	for (int i = 0; i < COUNT(tests); i++)
		if (wanted(tests[i].name, argv))
			failed += !passes(i);
	OUT(failed ? "suite: %d failed\n" : "suite: ok\n", failed);
	EXIT(failed != 0);
}

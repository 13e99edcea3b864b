/* Floating-point registers belong to the process. */
#include <abi/syscall.h>
#include <errno.h>
#include <quire.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test.h"

#if defined(__riscv)
#define REGS	32
#define EACH(op)						\
	op(0) op(1) op(2) op(3) op(4) op(5) op(6) op(7) op(8) op(9) op(10) op(11) op(12)	\
	op(13) op(14) op(15) op(16) op(17) op(18) op(19) op(20) op(21) op(22) op(23) op(24)	\
	op(25) op(26) op(27) op(28) op(29) op(30) op(31)
#define LOAD(i)		"fld f" #i ", 8*" #i "(%1)\n"
#define STORE(i)	"fsd f" #i ", 8*" #i "(%2)\n"
/* Fills all registers from IN, burns time, and stores them to OUT, with no other code between. */
static void
hold(const uint64_t *in, uint64_t *out, long spins)
{
	__asm__ volatile(EACH(LOAD)
	    "1: addi %0, %0, -1\n bnez %0, 1b\n"
	    EACH(STORE)
	    : "+r"(spins) : "r"(in), "r"(out)
	    : "memory", "f0", "f1", "f2", "f3", "f4", "f5", "f6", "f7", "f8", "f9", "f10", "f11",
	      "f12", "f13", "f14", "f15", "f16", "f17", "f18", "f19", "f20", "f21", "f22", "f23",
	      "f24", "f25", "f26", "f27", "f28", "f29", "f30", "f31");
}
/* The same over a system call: getpid. */
static void
hold_call(const uint64_t *in, uint64_t *out)
{
	register long number __asm__("a7") = 11;
	register long a0 __asm__("a0") = 0;

	__asm__ volatile(EACH(LOAD) "ecall\n" EACH(STORE)
	    : "+r"(a0) : "r"(in), "r"(out), "r"(number)
	    : "memory", "f0", "f1", "f2", "f3", "f4", "f5", "f6", "f7", "f8", "f9", "f10", "f11",
	      "f12", "f13", "f14", "f15", "f16", "f17", "f18", "f19", "f20", "f21", "f22", "f23",
	      "f24", "f25", "f26", "f27", "f28", "f29", "f30", "f31");
}
/* The same over a store to AT, which may fault. */
static void
hold_store(const uint64_t *in, uint64_t *out, char *at)
{
	__asm__ volatile(EACH(LOAD) "sb zero, 0(%0)\n" EACH(STORE)
	    : : "r"(at), "r"(in), "r"(out)
	    : "memory", "f0", "f1", "f2", "f3", "f4", "f5", "f6", "f7", "f8", "f9", "f10", "f11",
	      "f12", "f13", "f14", "f15", "f16", "f17", "f18", "f19", "f20", "f21", "f22", "f23",
	      "f24", "f25", "f26", "f27", "f28", "f29", "f30", "f31");
}
/* read() of a byte with MARK in gp, which compilers leave alone: is it there afterwards? */
static bool
read_keeps(int fd, char *byte, unsigned long mark)
{
	register long number __asm__("a7") = SYS_read + SYS_ERRNO;
	register long a0 __asm__("a0") = fd;
	register char *a1 __asm__("a1") = byte;
	register long a2 __asm__("a2") = 1;
	unsigned long after = mark;

	__asm__ volatile("mv s2, gp\n mv gp, %1\n ecall\n mv %1, gp\n mv gp, s2\n"
	    : "+r"(a0), "+r"(after) : "r"(a1), "r"(a2), "r"(number) : "memory", "s2");
	return a0 == 1 && after == mark;
}
static unsigned
rounding(void)
{
	unsigned mode;

	__asm__ volatile("frrm %0" : "=r"(mode));
	return mode;
}
static void
set_rounding(unsigned mode)
{
	__asm__ volatile("fsrm %0" : : "r"(mode));
}
#elif defined(__i386__)
#define REGS	8
static void
hold(const uint64_t *in, uint64_t *out, long spins)
{
	__asm__ volatile(
	    "fninit\n"
	    "fldl 0(%1)\n fldl 8(%1)\n fldl 16(%1)\n fldl 24(%1)\n"
	    "fldl 32(%1)\n fldl 40(%1)\n fldl 48(%1)\n fldl 56(%1)\n"
	    "1: dec %0\n jnz 1b\n"
	    "fstpl 56(%2)\n fstpl 48(%2)\n fstpl 40(%2)\n fstpl 32(%2)\n"
	    "fstpl 24(%2)\n fstpl 16(%2)\n fstpl 8(%2)\n fstpl 0(%2)\n"
	    : "+r"(spins) : "r"(in), "r"(out) : "memory");
}
static void
hold_call(const uint64_t *in, uint64_t *out)
{
	memcpy(out, in, REGS * 8);
	getpid();
}
static void
hold_store(const uint64_t *in, uint64_t *out, char *at)
{
	__asm__ volatile(
	    "movups 0(%1), %%xmm0\n movups 16(%1), %%xmm1\n"
	    "movups 32(%1), %%xmm2\n movups 48(%1), %%xmm3\n"
	    "movb $0, (%0)\n"
	    "movups %%xmm0, 0(%2)\n movups %%xmm1, 16(%2)\n"
	    "movups %%xmm2, 32(%2)\n movups %%xmm3, 48(%2)\n"
	    : : "r"(at), "r"(in), "r"(out) : "memory", "xmm0", "xmm1", "xmm2", "xmm3");
}
/* read() of a byte with MARK in registers that system calls leave alone. */
static bool
read_keeps(int fd, char *byte, unsigned long mark)
{
	unsigned long si = mark, di = mark, got;

	__asm__ volatile("pushl $1\n pushl %4\n pushl %3\n pushl $0\n int $64\n addl $16, %%esp\n"
	    : "=a"(got), "+S"(si), "+D"(di) : "r"(fd), "r"(byte), "0"(SYS_read + SYS_ERRNO)
	    : "memory");
	return got == 1 && si == mark && di == mark;
}
static unsigned
rounding(void)
{
	unsigned short cw;

	__asm__ volatile("fnstcw %0" : "=m"(cw));
	return cw >> 10 & 3;
}
static void
set_rounding(unsigned mode)
{
	unsigned short cw;

	__asm__ volatile("fnstcw %0" : "=m"(cw));
	cw = (unsigned short)((cw & ~(3u << 10)) | mode << 10);
	__asm__ volatile("fldcw %0" : : "m"(cw));
}
#else
#error "this port's floating-point registers are not known"
#endif

/* Numbers, so that any format keeps their bits. */
static void
fill(uint64_t *regs, int who, int round)
{
	for (int i = 0; i < REGS; i++) {
		double v = who * 1000003.25 + round * 101 + i;

		memcpy(&regs[i], &v, sizeof(v));
	}
}

static int
holder(void *arg)
{
	int who = *(int *)arg;
	uint64_t in[REGS], out[REGS];

	for (int round = 0; round < 60; round++) {
		fill(in, who, round);
		memset(out, 0, sizeof(out));
		if (round % 3 == 2)
			hold_call(in, out);
		else
			hold(in, out, 400000);
		if (memcmp(in, out, sizeof(in)) != 0)
			return 1;
		if (round % 10 == 0)
			sleep_ms(1);
	}
	return 0;
}

TEST(preempted, "registers survive the processor being taken away")
{
	pid_t pid[8];

	for (int i = 0; i < 8; i++)
		pid[i] = spawn(holder, &i);
	for (int i = 0; i < 8; i++)
		check_child(pid[i]);
}

/* New pages, or copies of pages that the parent shares with us. */
static int
store_to_each(void *arg)
{
	char *p = *(char **)arg;
	uint64_t in[REGS], out[REGS];

	for (int i = 0; i < 64; i++) {
		fill(in, 9, i);
		hold_store(in, out, p + i * 4096);
		if (memcmp(in, out, sizeof(in)) != 0)
			return 1;
	}
	return 0;
}

TEST(faults, "registers survive a page fault that clears or copies a page")
{
	char *p = sbrk(64 * 4096);

	CHECK(p != (char *)-1);
	CHECK_EQ(store_to_each(&p), 0);
	for (int i = 0; i < 64; i++)
		p[i * 4096 + 7] = (char)i;
	check_child(spawn(store_to_each, &p));
	for (int i = 0; i < 64; i++)
		CHECK_EQ(p[i * 4096 + 7], (char)i);
}

static int
pass_byte(int from, int to, unsigned long mark)
{
	char c = 'x';

	for (int i = 0; i < 200; i++) {
		if (write(to, &c, 1) != 1 || !read_keeps(from, &c, mark))
			return 1;
	}
	return 0;
}

TEST(handed_over, "registers that a call leaves alone survive another process's turn in between")
{
	int a[2], b[2];
	pid_t pid;

	CHECK(pipe(a) == 0 && pipe(b) == 0);
	pid = fork();
	if (pid == 0)
		_exit(pass_byte(a[0], b[1], 0x1111));
	CHECK_EQ(pass_byte(b[0], a[1], 0x2222), 0);
	check_child(pid);
}

/* pi by a slow series, with a sleep now and then. */
static int
series(void *arg)
{
	double sum = 0, pi = 3.14159265358979;

	(void)arg;
	for (int i = 0; i < 300000; i++) {
		sum += (i % 2 ? -4.0 : 4.0) / (2 * i + 1);
		if (i % 50000 == 0)
			sleep_ms(2);
	}
	return !(sum > pi - 1e-5 && sum < pi);	/* an even number of terms: below */
}

TEST(series, "several processes compute with doubles and sleep in between")
{
	pid_t pid[6];

	for (int i = 0; i < 6; i++)
		pid[i] = spawn(series, NULL);
	for (int i = 0; i < 6; i++)
		check_child(pid[i]);
}

TEST(fork, "fork copies the registers and the rounding mode")
{
	unsigned mode = rounding();
	volatile double x = 1.5;
	pid_t pid;

	set_rounding(mode ^ 1);
	pid = fork();
	if (pid == 0)
		_exit(rounding() != (mode ^ 1) || x * 2 != 3.0);
	check_child(pid);
	CHECK_EQ(rounding(), mode ^ 1);
	set_rounding(mode);
}

static int
rounding_of_new(int argc, char **argv)
{
	(void)argc;
	return rounding() != (unsigned)atoi(argv[0]);
}

__attribute__((constructor)) static void
set_hook(void)
{
	test_exec_hook = rounding_of_new;
}

TEST(exec, "a new program starts with fresh registers, whatever the old one did")
{
	char text[8];
	pid_t pid;

	snprintf(text, sizeof(text), "%u", rounding());
	pid = fork();
	if (pid == 0) {
		set_rounding(rounding() ^ 1);
		execl(test_program, test_program, "EXEC", text, (char *)NULL);
		_exit(98);
	}
	check_child(pid);
}

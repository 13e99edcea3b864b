/* Processes: fork, exec, exit, wait, kill, and time. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <quire.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "test.h"
#include "ut.h"

static int
exit_with(void *arg)
{
	_exit((int)(intptr_t)arg);
}

TEST(exit_codes, "wait(3) gives all of exit's argument, waitpid eight bits of it")
{
	static const int codes[] = { 0, 1, 127, 255, 256, 747, -1, -2, INT_MAX, INT_MIN };

	for (size_t i = 0; i < COUNT(codes); i++) {
		void *arg = (void *)(intptr_t)codes[i];
		pid_t pid = spawn(exit_with, arg);
		int raw;

		CHECK_EQ(wait_raw(&raw), pid);
		CHECK_EQ(raw, codes[i]);
		CHECK_EQ(run_child(exit_with, arg), (codes[i] & 255) << 8);
	}
}

TEST(wait_choices, "waitpid waits for whom it is told to, and complains about others")
{
	static const int bad_options[] = { 2, -1, 1 << 30 };
	pid_t first = spawn(exit_with, (void *)1), second = spawn(exit_with, (void *)2);
	int status;

	CHECK_EQ(waitpid(second, &status, 0), second);
	CHECK_EQ(WEXITSTATUS(status), 2);
	CHECK_FAILS(waitpid(second, &status, 0), ECHILD);
	CHECK_FAILS(waitpid(getpid(), &status, 0), ECHILD);
	CHECK_FAILS(waitpid(1, &status, 0), ECHILD);
	CHECK_FAILS(waitpid(INT_MAX, &status, WNOHANG), ECHILD);
	for (size_t i = 0; i < COUNT(bad_options); i++)
		CHECK_FAILS(waitpid(first, &status, bad_options[i]), EINVAL);
	CHECK_EQ(waitpid(-1, NULL, 0), first);
	CHECK_FAILS(wait(NULL), ECHILD);
	CHECK_FAILS(waitpid(-1, NULL, WNOHANG), ECHILD);
}

TEST(wait_nohang, "WNOHANG does not wait")
{
	pid_t pid = fork();
	int status = 77;

	if (pid == 0) {
		sleep(100);
		_exit(0);
	}
	CHECK_EQ(waitpid(pid, &status, WNOHANG), 0);
	CHECK_EQ(waitpid(-1, &status, WNOHANG), 0);
	CHECK_EQ(status, 77);
	CHECK_EQ(kill(pid, SIGKILL), 0);
	check_killed(pid, SIGKILL);
}

TEST(fork_answers, "fork returns 0 and a new pid; the child knows its parent")
{
	pid_t me = getpid(), last = me;

	for (int i = 0; i < 20; i++) {
		pid_t pid = fork();

		if (pid == 0)
			_exit(getppid() != me || getpid() == me);
		CHECK(pid > 0 && pid != last);
		last = pid;
		check_child(pid);
	}
}

static int
fork_down(void *arg)
{
	intptr_t depth = (intptr_t)arg;

	if (depth == 0)
		return 0;
	for (int i = 0; i < 2; i++) {
		int status = run_child(fork_down, (void *)(depth - 1));

		if (status != 0)
			return 1;
	}
	return 0;
}

TEST(fork_tree, "a tree of forks, each waiting for its children")
{
	CHECK_EQ(run_child(fork_down, (void *)5), 0);
}

TEST(orphans, "whose parent has ended belongs to init, and goes when it ends")
{
	int fd[2];
	char c;

	CHECK_EQ(pipe(fd), 0);
	for (int i = 0; i < 10; i++) {
		pid_t pid = fork();

		if (pid == 0) {
			if (fork() == 0) {
				for (int k = 0; k < 500 && getppid() != 1; k++)
					sleep_ms(2);
				_exit(getppid() == 1 && write(fd[1], "x", 1) == 1);
			}
			_exit(0);
		}
		check_child(pid);
		CHECK_EQ(read(fd[0], &c, 1), 1);
	}
	CHECK_FAILS(wait(NULL), ECHILD);
}

/* ---- kill ---- */

TEST(kill_refused, "kill of nobody and of init fails; signals other than SIGKILL do not exist")
{
	static const int nobody[] = { INT_MAX, 1 << 30 };
	pid_t pid = spawn(exit_with, NULL);

	check_child(pid);
	CHECK_FAILS(kill(pid, SIGKILL), ESRCH);
	for (size_t i = 0; i < COUNT(nobody); i++)
		CHECK_FAILS(kill(nobody[i], SIGKILL), ESRCH);
	CHECK_FAILS(kill(1, SIGKILL), EPERM);
	CHECK_FAILS(kill(0, SIGKILL), EINVAL);
	CHECK_FAILS(kill(-1, SIGKILL), EINVAL);
	CHECK_FAILS(kill(getpid(), SIGINT), EINVAL);
	CHECK_EQ(kill(getpid(), 0), 0);
}

TEST(kill_zombie, "a zombie can be killed, and still has the status it had")
{
	pid_t pid = spawn(exit_with, (void *)9);
	struct kinfo_proc p = { .state = 0 };
	int status;

	while (p.state != 'Z')
		CHECK(kinfo(KINFO_PROC, 0, (uint64_t)pid, &p, sizeof(p)) > 0 && p.pid == pid);
	kill(pid, SIGKILL);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK_EQ(status, 9 << 8);
}

static int
spin(void *arg)
{
	for (volatile unsigned n = 1; n; n |= 1)
		;
	return arg != NULL;
}

static int
sleep_ticks_long(void *arg)
{
	return sleep_ticks((int)(intptr_t)arg);
}

static int
sleep_nano(void *arg)
{
	(void)arg;
	return nanosleep(&(struct timespec){ 100000, 0 }, NULL);
}

static int
wait_for_spinner(void *arg)
{
	pid_t pid = fork();

	if (pid == 0) {
		sleep_ms(500);
		_exit(0);
	}
	(void)arg;
	return wait(NULL) != pid;
}

static int
read_silent_pipe(void *arg)
{
	int fd[2];
	char c;

	(void)arg;
	CHECK_EQ(pipe(fd), 0);
	return (int)read(fd[0], &c, 1);
}

static int
fill_pipe(void *arg)
{
	static char buf[1000];
	int fd[2];

	(void)arg;
	CHECK_EQ(pipe(fd), 0);
	while (write(fd[1], buf, sizeof(buf)) > 0)
		;
	return 0;
}

TEST(kill_anywhere, "kill ends who sleeps in any call, and who makes none")
{
	static const struct {
		int (*fn)(void *);
		void *arg;
		bool sleeps;
	} victims[] = {
		{ spin, NULL, false }, { sleep_ticks_long, (void *)INT_MAX, true },
		{ sleep_nano, NULL, true }, { wait_for_spinner, NULL, true },
		{ read_silent_pipe, NULL, true }, { fill_pipe, NULL, true },
	};

	for (size_t i = 0; i < COUNT(victims); i++) {
		pid_t pid = spawn(victims[i].fn, victims[i].arg);

		if (victims[i].sleeps)
			wait_asleep(pid);
		else
			sleep_ms(20);
		CHECK_EQ(kill(pid, SIGKILL), 0);
		check_killed(pid, SIGKILL);
	}
	sleep_ms(600);			/* for wait_for_spinner's child */
}

TEST(kill_family, "a hundred children killed at once")
{
	pid_t pid[100];

	for (size_t i = 0; i < COUNT(pid); i++)
		CHECK((pid[i] = spawn(i < 96 ? read_silent_pipe : spin, NULL)) > 0);
	for (size_t i = 0; i < COUNT(pid); i++)
		CHECK_EQ(kill(pid[i], SIGKILL), 0);
	for (size_t i = 0; i < COUNT(pid); i++)
		check_killed(pid[i], SIGKILL);
}

/* ---- exec ---- */

/* The errno with which an exec of PATH fails; it must not succeed. */
static int
exec_error(const char *path)
{
	char *argv[] = { (char *)path, NULL };

	errno = 0;
	execv(path, argv);
	return errno;
}

TEST(exec_refused, "exec of what is no program fails and leaves the caller as it was")
{
	static const struct {
		const char *path;
		int error;
	} bad[] = {
		{ "nothing", ENOENT }, { "sub", EACCES }, { "/dev/null", EACCES },
		{ "empty", ENOEXEC }, { "text", ENOEXEC }, { "/README/x", ENOTDIR },
	};
	long vp = numvp();

	write_file("empty", "", 0);
	write_file("text", "echo no program\n", 16);
	CHECK_EQ(mkdir("sub", 0777), 0);
	for (size_t i = 0; i < COUNT(bad); i++)
		CHECK_EQ(exec_error(bad[i].path), bad[i].error);
	CHECK_EQ(numvp(), vp);
}

/*
 * A program whose header says something impossible. Offsets in an ELF file's header: 4 class,
 * 16 type, 18 machine, and the words below.
 */
static void
damage(char *elf, unsigned kind)
{
	static const unsigned bytes[] = { 0, 3, 4, 5, 16, 18 };

	if (kind < COUNT(bytes)) {
		elf[bytes[kind]] ^= 0x55;
		return;
	}
	/* Anything in the headers. */
	for (unsigned n = 1 + random_below(4); n > 0; n--)
		elf[random_below(64 + 56 * 4)] = (char)random32();
}

static int
exec_quietly(void *arg)
{
	int null = open("/dev/null", O_RDWR);

	(void)arg;
	dup2(null, 0);
	dup2(null, 1);
	dup2(null, 2);
	return exec_error("damaged") == 0;
}

/* Sets the size in memory of the first writable segment of a program of this machine. */
static void
set_memsz(char *elf, size_t n)
{
	bool wide = sizeof(long) == 8;
	unsigned long at;
	char *ph;

	memcpy(&at, elf + (wide ? 32 : 28), sizeof(at));
	for (ph = elf + at; !(ph[0] == 1 && (ph[wide ? 4 : 24] & 2)); ph += wide ? 56 : 32)
		CHECK(ph < elf + 1000);
	memcpy(ph + (wide ? 40 : 20), &n, sizeof(n));
}

TEST(exec_huge, "exec of a program with a bss beyond all memory: ENOMEM, and no cache is given up")
{
	static const size_t sizes[] = { (size_t)1 << 29, (size_t)1 << 30, (size_t)-PG };
	static char elf[32768];
	int fd = open("/bin/true", O_RDONLY);
	ssize_t n = read(fd, elf, sizeof(elf));
	struct kinfo_stat before, after;

	CHECK(n > 1000 && n < (ssize_t)sizeof(elf));
	CHECK(kinfo(KINFO_STAT, 0, 0, &before, sizeof(before)) > 0);
	for (size_t i = 0; i < COUNT(sizes); i++) {
		set_memsz(elf, sizes[i]);
		write_file("huge", elf, (size_t)n);
		CHECK_EQ(exec_error("huge"), sizes[i] == (size_t)-PG ? ENOEXEC : ENOMEM);
		CHECK_FAILS(sbrkx((intptr_t)(1 << 30), SBRK_EAGER), ENOMEM);
	}
	CHECK(kinfo(KINFO_STAT, 0, 0, &after, sizeof(after)) > 0);
	CHECK_EQ(after.reclaimed, before.reclaimed);
}

TEST(exec_damaged, "programs with damaged headers: exec fails, or the program dies")
{
	static char elf[32768];
	int fd = open("/bin/true", O_RDONLY);
	ssize_t n = read(fd, elf, sizeof(elf));

	CHECK(n > 1000 && close(fd) == 0);
	for (unsigned i = 0; i < 120; i++) {
		char saved[512];
		pid_t pid;

		memcpy(saved, elf, sizeof(saved));
		damage(elf, i);
		write_file("damaged", elf, (size_t)n);
		memcpy(elf, saved, sizeof(saved));
		pid = spawn(exec_quietly, NULL);
		wait_or_kill(pid, 2000);	/* it may do anything, but to others */
	}
}

TEST(exec_short, "a program cut off at any place")
{
	static char elf[32768];
	int fd = open("/bin/true", O_RDONLY);
	ssize_t n = read(fd, elf, sizeof(elf));

	CHECK(n > 1000 && close(fd) == 0);
	for (ssize_t i = 0; i < n; i += 1 + n / 40) {
		write_file("damaged", elf, (size_t)i);
		wait_or_kill(spawn(exec_quietly, NULL), 2000);
	}
}

/* "EXEC count N BYTES": there were N arguments more, of BYTES bytes with their NULs. */
static int
after_exec(int argc, char **argv)
{
	long bytes = 0;

	if (argc >= 3 && strcmp(argv[0], "count") == 0) {
		for (int i = 3; i < argc; i++)
			bytes += (long)strlen(argv[i]) + 1;
		return argc - 3 != atoi(argv[1]) || bytes != atol(argv[2]);
	}
	if (argc == 2 && strcmp(argv[0], "closed") == 0)
		return is_open(atoi(argv[1]));
	return 1;
}

__attribute__((constructor)) static void
set_hook(void)
{
	test_exec_hook = after_exec;
}

/* Runs this program with N arguments of LEN bytes: its status, or -1 - errno. */
static int
exec_with(int n, size_t len, int (*exec)(const char *, char *const *))
{
	static char *argv[3000];
	static char text[QUIRE_ARG_MAX + 1], count[12], bytes[12];
	pid_t pid;
	int status;

	memset(text, 'a', len);
	text[len] = '\0';
	snprintf(count, sizeof(count), "%d", n);
	snprintf(bytes, sizeof(bytes), "%ld", (long)n * ((long)len + 1));
	argv[0] = (char *)test_program;
	argv[1] = "EXEC";
	argv[2] = "count";
	argv[3] = count;
	argv[4] = bytes;
	for (int i = 0; i < n; i++)
		argv[5 + i] = text;
	argv[5 + n] = NULL;
	pid = fork();
	if (pid == 0) {
		exec(test_program, argv);
		_exit(errno);
	}
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK(WIFEXITED(status));
	return WEXITSTATUS(status);
}

TEST(exec_arguments, "arguments arrive whole, up to 128 KiB of them; more: E2BIG")
{
	static char *nothing[] = { NULL };
	char **save = environ;

	environ = nothing;
	CHECK_EQ(exec_with(0, 0, execv), 0);
	CHECK_EQ(exec_with(2900, 1, execv), 0);
	CHECK_EQ(exec_with(20, 4096, execv), 0);
	CHECK_EQ(exec_with(1, QUIRE_ARG_MAX - 256, execv), 0);
	CHECK_EQ(exec_with(1, QUIRE_ARG_MAX - 1, execv), E2BIG);
	CHECK_EQ(exec_with(2900, 100, execv), E2BIG);
	environ = save;
}

TEST(exec_xv6_limits, "exec(7) takes 31 strings and 4096 bytes of them with their pointers")
{
	CHECK_EQ(exec_with(26, 1, exec_xv6), 0);
	CHECK_EQ(exec_with(27, 1, exec_xv6), E2BIG);
	CHECK_EQ(exec_with(1, 3500, exec_xv6), 0);
	CHECK_EQ(exec_with(1, 4096, exec_xv6), E2BIG);
}

static int
exec_closed(void *arg)
{
	char number[12];

	snprintf(number, sizeof(number), "%d", (int)(intptr_t)arg);
	execl(test_program, test_program, "EXEC", "closed", number, (char *)NULL);
	return 99;
}

TEST(exec_descriptors, "exec keeps descriptors, but for those with O_CLOEXEC")
{
	int kept = open("/README", O_RDONLY), shut = open("/README", O_RDONLY | O_CLOEXEC);

	CHECK_EQ(WEXITSTATUS(run_child(exec_closed, (void *)(intptr_t)kept)), 1);
	CHECK_EQ(WEXITSTATUS(run_child(exec_closed, (void *)(intptr_t)shut)), 0);
}

TEST(exec_removed, "a program runs on when its file is removed or has another name")
{
	static char elf[32768];
	int fd = open("/bin/sleep", O_RDONLY), status;
	ssize_t n = read(fd, elf, sizeof(elf));
	pid_t pid;

	CHECK(n > 1000 && n < (ssize_t)sizeof(elf) && close(fd) == 0);
	write_file("mine", elf, (size_t)n);
	pid = fork();
	if (pid == 0) {
		execl("mine", "mine", "2", (char *)NULL);
		_exit(99);
	}
	wait_asleep(pid);
	CHECK_EQ(unlink("mine"), 0);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK_EQ(status, 0);
}

/* ---- time ---- */

TEST(sleep_lengths, "sleeps last as long as they should; none for what is over")
{
	static const int no_time[] = { 0, -1, INT_MIN };
	long start = milliseconds(), took;

	for (size_t i = 0; i < COUNT(no_time); i++)
		CHECK_EQ(sleep_ticks(no_time[i]), 0);
	CHECK_EQ(nanosleep(&(struct timespec){ 0, 0 }, NULL), 0);
	CHECK_FAILS(nanosleep(&(struct timespec){ -1, 0 }, NULL), EINVAL);
	CHECK(milliseconds() - start < 1000);
	start = milliseconds();
	CHECK_EQ(sleep_ticks(2), 0);
	took = milliseconds() - start;
	CHECK(took >= 190 && took < 5000);
}

TEST(clocks, "the clocks go forward, together; others do not exist")
{
	struct timespec a = { 0 }, b = { 0 };
	int ticks = uptime();

	CHECK_EQ(clock_gettime(CLOCK_MONOTONIC, &a), 0);
	for (int i = 0; i < 1000; i++) {
		CHECK_EQ(clock_gettime(CLOCK_MONOTONIC, &b), 0);
		CHECK(b.tv_sec > a.tv_sec || (b.tv_sec == a.tv_sec && b.tv_nsec >= a.tv_nsec));
		a = b;
	}
	CHECK(uptime() >= ticks);
	CHECK(uptime() - (b.tv_sec * QUIRE_HZ + b.tv_nsec / (1000000000 / QUIRE_HZ)) <= 10);
	CHECK_EQ(clock_gettime(CLOCK_REALTIME, &a), 0);
	CHECK(a.tv_sec > 1500000000);
	CHECK_FAILS(clock_gettime(2, &a), EINVAL);
	CHECK_FAILS(clock_gettime(-1, &a), EINVAL);
}

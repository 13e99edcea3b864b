/* Processes: fork, exec, exit, wait, kill. */
#include <abi/syscall.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <quire.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test.h"

static int
exit_with(void *arg)
{
	return *(int *)arg;
}

TEST(exit_status, "waitpid gives the low 8 bits of exit's argument")
{
	static const int codes[] = { 0, 1, 2, 127, 128, 200, 255, 256, 747, -1, INT_MAX, INT_MIN };

	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		int code = codes[i], status = run_child(exit_with, &code);

		CHECK(WIFEXITED(status) && !WIFSIGNALED(status));
		CHECK_EQ(WEXITSTATUS(status), code & 0xff);
	}
}

TEST(raw_status, "wait(3) gives all 32 bits, and -1 for a killed process")
{
	static const int codes[] = { 0, 1, 747, -2, INT_MAX, INT_MIN };

	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		int code = codes[i], status = 12345;
		pid_t pid = spawn(exit_with, &code);

		CHECK_EQ(wait_raw(&status), pid);
		CHECK_EQ(status, code);
	}
}

static int
sleep_long(void *arg)
{
	(void)arg;
	sleep(1000);
	return 0;
}

TEST(raw_killed, "wait(3) gives -1 for a killed process")
{
	pid_t pid = spawn(sleep_long, NULL);
	int status = 0;

	CHECK_EQ(kill(pid, SIGKILL), 0);
	CHECK_EQ(wait_raw(&status), pid);
	CHECK_EQ(status, -1);
}

TEST(pids, "fork gives the child's pid, which is new, and 0 in the child; getppid the parent's")
{
	pid_t me = getpid(), pid = fork();
	int fd[2], seen[3];

	CHECK(pid >= 0);
	if (pid == 0)
		_exit(getppid() == me && getpid() != me ? 0 : 1);
	CHECK(pid != me);
	check_child(pid);
	CHECK_EQ(pipe(fd), 0);
	pid = fork();
	if (pid == 0) {
		seen[0] = getpid();
		seen[1] = getppid();
		seen[2] = 0;
		_exit(write(fd[1], seen, sizeof(seen)) != sizeof(seen));
	}
	CHECK_EQ(read(fd[0], seen, sizeof(seen)), sizeof(seen));
	CHECK_EQ(seen[0], pid);
	CHECK_EQ(seen[1], me);
	check_child(pid);
}

TEST(wait_errors, "waiting for what is no child fails with ECHILD, bad arguments with EINVAL")
{
	int code = 3, status;
	pid_t pid;

	CHECK_FAILS(wait(&status), ECHILD);
	CHECK_FAILS(waitpid(-1, NULL, WNOHANG), ECHILD);
	CHECK_FAILS(waitpid(getpid(), NULL, 0), ECHILD);
	CHECK_FAILS(waitpid(1, NULL, 0), ECHILD);
	CHECK_FAILS(waitpid(99999999, NULL, 0), ECHILD);
	pid = spawn(exit_with, &code);
	CHECK_FAILS(waitpid(pid + 1000000, NULL, 0), ECHILD);
	CHECK_FAILS(waitpid(pid, test_bad, 0), EFAULT);
	/* A status that cannot be stored is not lost. */
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK_EQ(WEXITSTATUS(status), 3);
	CHECK_FAILS(waitpid(pid, &status, 0), ECHILD);
}

TEST(wnohang, "WNOHANG returns 0 while the child runs and its pid when it has ended")
{
	int fd[2], status;
	pid_t pid;
	char c;

	CHECK_EQ(pipe(fd), 0);
	pid = fork();
	if (pid == 0) {
		close(fd[1]);
		read(fd[0], &c, 1);
		_exit(5);
	}
	CHECK_EQ(waitpid(pid, &status, WNOHANG), 0);
	CHECK_EQ(waitpid(-1, &status, WNOHANG), 0);
	close(fd[1]);
	while ((status = -1, waitpid(pid, &status, WNOHANG)) == 0)
		sleep_ms(10);
	CHECK_EQ(WEXITSTATUS(status), 5);
}

TEST(wait_order, "waitpid takes the child it is asked for, wait the others in any order")
{
	pid_t pid[10], got;
	int status, left = 0;

	for (int i = 0; i < 10; i++) {
		pid[i] = spawn(exit_with, &i);
		CHECK(pid[i] > 0);
	}
	for (int i = 9; i >= 0; i -= 2) {
		CHECK_EQ(waitpid(pid[i], &status, 0), pid[i]);
		CHECK_EQ(WEXITSTATUS(status), i);
		pid[i] = 0;
	}
	while ((got = wait(&status)) > 0) {
		int i = WEXITSTATUS(status);

		CHECK_EQ(got, pid[i]);
		pid[i] = 0;
		left++;
	}
	CHECK_EQ(left, 5);
	CHECK_EQ(errno, ECHILD);
}

TEST(zombie, "an ended child is a zombie until it is waited for, and then is gone")
{
	struct kinfo_proc p;
	int code = 0;
	pid_t pid = spawn(exit_with, &code);

	for (int i = 0; i < 500; i++) {
		CHECK(kinfo(KINFO_PROC, 0, (uint64_t)pid, &p, sizeof(p)) > 0);
		CHECK_EQ(p.pid, pid);
		if (p.state == 'Z')
			break;
		sleep_ms(10);
	}
	CHECK_EQ(p.state, 'Z');
	CHECK_EQ(p.ppid, getpid());
	CHECK_EQ(kill(pid, 0), 0);
	check_child(pid);
	CHECK_FAILS(kill(pid, 0), ESRCH);
}

TEST(orphans, "children of an ended process belong to init, which reaps them")
{
	int fd[2], go[2];
	pid_t pid, orphan, parent;
	char c;

	CHECK_EQ(pipe(fd), 0);
	CHECK_EQ(pipe(go), 0);
	pid = fork();
	if (pid == 0) {
		if (fork() == 0) {
			orphan = getpid();
			close(go[1]);
			read(go[0], &c, 1);
			parent = getppid();
			write(fd[1], &orphan, sizeof(orphan));
			write(fd[1], &parent, sizeof(parent));
		}
		_exit(0);
	}
	check_child(pid);
	close(go[1]);
	CHECK_EQ(read(fd[0], &orphan, sizeof(orphan)), sizeof(orphan));
	CHECK_EQ(read(fd[0], &parent, sizeof(parent)), sizeof(parent));
	CHECK_EQ(parent, 1);
	for (int i = 0; i < 500 && kill(orphan, 0) == 0; i++)
		sleep_ms(10);
	CHECK_FAILS(kill(orphan, 0), ESRCH);
	CHECK_FAILS(wait(NULL), ECHILD);
}

TEST(many_orphans, "a hundred orphans and zombie orphans at once")
{
	for (int round = 0; round < 5; round++) {
		pid_t pid = fork();

		CHECK(pid >= 0);
		if (pid == 0) {
			for (int i = 0; i < 20; i++)
				if (fork() == 0) {
					if (i % 2)
						sleep_ms(i * 3);
					_exit(i);
				}
			_exit(0);
		}
		check_child(pid);
	}
}

/* ---- kill ---- */

static int
spin(void *arg)
{
	(void)arg;
	for (volatile unsigned n = 0;; n++)
		;
	return 0;
}

TEST(kill_running, "kill ends a process that makes no system calls")
{
	pid_t pid = spawn(spin, NULL);

	sleep_ms(30);
	CHECK_EQ(kill(pid, SIGKILL), 0);
	check_killed(pid, SIGKILL);
}

static int
read_empty_pipe(void *arg)
{
	int fd[2];
	char c;

	(void)arg;
	pipe(fd);
	return (int)read(fd[0], &c, 1);
}

static int
write_full_pipe(void *arg)
{
	char buf[512] = { 0 };
	int fd[2];

	(void)arg;
	pipe(fd);
	while (write(fd[1], buf, sizeof(buf)) > 0)
		;
	return 0;
}

static int
wait_for_child(void *arg)
{
	pid_t pid = fork();

	(void)arg;
	if (pid == 0) {
		sleep_ms(1500);
		_exit(0);
	}
	return wait(NULL) != pid;
}

TEST(kill_asleep, "kill ends a process asleep in any call")
{
	static int (*const sleepers[])(void *) = {
		sleep_long, read_empty_pipe, write_full_pipe, wait_for_child,
	};

	for (size_t i = 0; i < sizeof(sleepers) / sizeof(sleepers[0]); i++) {
		pid_t pid = spawn(sleepers[i], NULL);

		wait_asleep(pid);
		CHECK_EQ(kill(pid, SIGKILL), 0);
		check_killed(pid, SIGKILL);
	}
	sleep_ms(1600);			/* the grandchild's frames */
}

TEST(kill_errors, "kill of nobody fails with ESRCH, of init with EPERM")
{
	CHECK_FAILS(kill(99999999, SIGKILL), ESRCH);
	CHECK_FAILS(kill(1, SIGKILL), EPERM);
	CHECK_FAILS(kill(0, SIGKILL), EINVAL);
	CHECK_FAILS(kill(-1, SIGKILL), EINVAL);
	CHECK_EQ(kill(getpid(), 0), 0);
}

TEST(kill_self, "a process can kill itself")
{
	pid_t pid = fork();

	if (pid == 0) {
		kill(getpid(), SIGKILL);
		_exit(1);
	}
	check_killed(pid, SIGKILL);
}

TEST(kill_many, "processes killed while they fork, write and end leave nothing")
{
	for (int i = 0; i < 40; i++) {
		pid_t pid = fork();

		if (pid == 0) {
			for (;;) {
				int fd = open("f", O_RDWR | O_CREAT, 0666);
				pid_t child = fork();

				if (child == 0)
					_exit(write(fd, "x", 1) != 1);
				write(fd, "abc", 3);
				close(fd);
				waitpid(child, NULL, 0);
			}
		}
		sleep_ms((int)random_below(20));
		CHECK_EQ(kill(pid, SIGKILL), 0);
		check_killed(pid, SIGKILL);
	}
}

/* ---- fork ---- */

static int
fork_chain(void *arg)
{
	int depth = *(int *)arg - 1;

	if (depth == 0)
		return 42;
	return WEXITSTATUS(run_child(fork_chain, &depth));
}

TEST(fork_chain, "fifty generations, each waiting for the next")
{
	int depth = 50, status = run_child(fork_chain, &depth);

	CHECK_EQ(WEXITSTATUS(status), 42);
}

TEST(fork_bomb, "fork fails cleanly when there are too many processes, and works again later")
{
	int fd[2], n = 0;
	pid_t pid = 0;
	char c;

	CHECK_EQ(pipe(fd), 0);
	for (; n < 5000; n++) {
		pid = fork();
		if (pid < 0)
			break;
		if (pid == 0) {
			close(fd[1]);
			read(fd[0], &c, 1);
			_exit(0);
		}
	}
	CHECK(pid < 0 && (errno == EAGAIN || errno == ENOMEM));
	CHECK(n > 20);
	CHECK_FAILS(fork(), errno == ENOMEM ? ENOMEM : EAGAIN);
	close(fd[1]);
	for (int i = 0; i < n; i++)
		CHECK(wait(NULL) > 0);
	CHECK_FAILS(wait(NULL), ECHILD);
	n = 0;
	CHECK_EQ(run_child(exit_with, &n), 0);
}

static int
bomb(void *arg)
{
	(void)arg;
	for (int i = 0; i < 3; i++)
		if (fork() < 0)
			break;
	for (int i = 0; i < 200; i++)
		fork();
	sleep(30);
	return 0;
}

/* Kills every process below ROOT and ROOT; how many. */
static int
kill_below(pid_t root)
{
	int killed = 0;

	for (uint64_t start = 2;;) {
		struct kinfo_proc p;

		if (kinfo(KINFO_PROC, 0, start, &p, sizeof(p)) <= 0)
			return killed;
		start = (uint64_t)p.pid + 1;
		/* The bomb's processes are the only ones newer than its root. */
		if (p.pid >= root && p.state != 'Z' && kill(p.pid, SIGKILL) == 0)
			killed++;
	}
}

TEST(fork_storm, "a fork bomb out of control ends when its processes are killed")
{
	pid_t pid = spawn(bomb, NULL);

	sleep_ms(500);
	for (int i = 0; i < 100 && kill_below(pid); i++)
		sleep_ms(20);
	check_killed(pid, SIGKILL);
	for (int i = 0; i < 100 && kill_below(pid); i++)
		sleep_ms(20);
}

/* ---- exec ---- */

static int
hook(int argc, char **argv)
{
	const char *what = argc ? argv[0] : "";

	if (strcmp(what, "status") == 0)
		return atoi(argv[1]);
	if (strcmp(what, "args") == 0) {	/* COUNT FIRST-LENGTH */
		int n = atoi(argv[1]);

		for (int i = 3; i < n; i++)
			if (strlen(argv[i]) != (size_t)atoi(argv[2]))
				return 3;
		return argc != n || argv[argc] != NULL;
	}
	if (strcmp(what, "env") == 0)
		return !getenv(argv[1]) || strcmp(getenv(argv[1]), argv[2]) != 0;
	if (strcmp(what, "noenv") == 0)
		return environ[0] != NULL;
	if (strcmp(what, "fd") == 0) {		/* FD 1: open, 0: not */
		struct stat st;

		return (fstat(atoi(argv[1]), &st) == 0) != atoi(argv[2]);
	}
	if (strcmp(what, "pid") == 0)
		return getpid() != atoi(argv[1]);
	if (strcmp(what, "aligned") == 0) {
		_Alignas(16) char object[16];
		volatile uintptr_t at = (uintptr_t)object;

		return at % 16 != 0;
	}
	return 77;
}

__attribute__((constructor)) static void
set_hook(void)
{
	test_exec_hook = hook;
}

static pid_t
exec_self(const char *a, const char *b, const char *c)
{
	pid_t pid = fork();

	if (pid == 0) {
		execl(test_program, test_program, "EXEC", a, b, c, (char *)NULL);
		_exit(98);
	}
	return pid;
}

TEST(exec, "exec keeps pid, arguments, environment and descriptors, and aligns the stack")
{
	char text[16];
	int status, fd;
	pid_t pid;

	pid = exec_self("status", "17", NULL);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK_EQ(WEXITSTATUS(status), 17);
	setenv("TEST_VAR", "some value", 1);
	check_child(exec_self("env", "TEST_VAR", "some value"));
	fd = open("f", O_RDWR | O_CREAT, 0666);
	snprintf(text, sizeof(text), "%d", fd);
	check_child(exec_self("fd", text, "1"));
	close(fd);
	check_child(exec_self("fd", text, "0"));
	CHECK_EQ(open("f", O_RDWR | O_CLOEXEC), fd);
	check_child(exec_self("fd", text, "0"));
	check_child(exec_self("aligned", NULL, NULL));
	pid = fork();
	if (pid == 0) {
		snprintf(text, sizeof(text), "%d", getpid());
		execl(test_program, test_program, "EXEC", "pid", text, (char *)NULL);
		_exit(98);
	}
	check_child(pid);
}

TEST(exec_errors, "exec of what is no program fails and changes nothing")
{
	char *argv[] = { "x", NULL };
	char elf[2000] = "\177ELF";
	int fd;

	CHECK_FAILS(execv("/nonexistent", argv), ENOENT);
	CHECK_FAILS(execv("", argv), ENOENT);
	CHECK_FAILS(execv("/bin", argv), EACCES);
	CHECK_FAILS(execv("/bin/sh/x", argv), ENOTDIR);
	write_file("text", "echo hello\n", 11);
	CHECK_FAILS(execv("text", argv), ENOEXEC);
	write_file("empty", "", 0);
	CHECK_FAILS(execv("empty", argv), ENOEXEC);
	write_file("elf", elf, sizeof(elf));
	CHECK_FAILS(execv("elf", argv), ENOEXEC);
	CHECK_FAILS(execv(test_bad, argv), EFAULT);
	CHECK_FAILS(execv("/bin/sh", test_bad), EFAULT);
	CHECK_FAILS(execv("/bin/sh", (char *[]){ "sh", test_bad, NULL }), EFAULT);
	CHECK_FAILS(execv("/dev/null", argv), EACCES);
	/* Headers of our own program in front of nothing. */
	fd = open(test_program, O_RDONLY);
	CHECK(read(fd, elf, sizeof(elf)) == sizeof(elf));
	close(fd);
	write_file("cut", elf, 100);
	CHECK_FAILS(execv("cut", argv), ENOEXEC);
}

static int
exec_top(void *unused)
{
	(void)unused;
	execv("top", (char *[]){ "top", NULL });
	return errno;
}

#ifdef __LP64__
#define TOP	0x3fffffe000ul		/* of user space */
struct elf_start {
	char	 ident[24];
	uint64_t entry, phoff, shoff;
	uint32_t flags;
	uint16_t ehsize, phentsize, phnum, rest[3];
	uint32_t type, pflags;
	uint64_t offset, vaddr, paddr, filesz, memsz, align;
};
#else
#define TOP	0x80000000ul
struct elf_start {
	char	 ident[24];
	uint32_t entry, phoff, shoff;
	uint32_t flags;
	uint16_t ehsize, phentsize, phnum, rest[3];
	uint32_t type, offset, vaddr, paddr, filesz, memsz, pflags, align;
};
#endif

TEST(exec_at_the_top, "a program with no room above it for stack and arguments does not start")
{
	struct elf_start e;
	int fd = open(test_program, O_RDONLY), st;

	CHECK(read(fd, &e, sizeof(e)) == sizeof(e));
	close(fd);
	e.phoff = offsetof(struct elf_start, type);
	e.phnum = 1;
	e.type = 1;
	e.pflags = 6;
	e.offset = e.filesz = 0;
	e.memsz = 4096;
	for (unsigned pages = 1; pages < 40; pages++) {
		e.vaddr = TOP - pages * 4096;
		write_file("top", &e, sizeof(e));
		st = run_child(exec_top, NULL);
		/* It starts where nothing is, if it does. */
		CHECK(pages < 36 ? WIFEXITED(st) && WEXITSTATUS(st) == ENOEXEC
		    : WIFSIGNALED(st) && WTERMSIG(st) == SIGSEGV);
	}
}

/* Damages a program's headers in many ways: exec fails, or the process is killed; nothing else. */
TEST_PRESSES(exec_damaged, "damaged programs fail to start or are killed")
{
	static char program[65536];
	int fd = open(test_program, O_RDONLY);
	ssize_t size = read(fd, program, sizeof(program));

	CHECK(size > 4096);
	close(fd);
	for (int i = 0; i < 60; i++) {
		size_t at = 4 + random_below(i % 2 ? 60 : 300);
		char old = program[at];
		pid_t pid;

		program[at] = (char)random32();
		write_file("p", program, (size_t)size);
		pid = fork();
		if (pid == 0) {
			close(0);
			close(1);
			close(2);
			execl("p", "p", "EXEC", "status", "0", (char *)NULL);
			_exit(98);
		}
		sleep_ms(20);
		kill(pid, SIGKILL);
		CHECK_EQ(waitpid(pid, NULL, 0), pid);
		program[at] = old;
	}
}

/* An exec with N arguments behind the first 5, each of LEN bytes. -1: it failed, else 0 or more. */
static int
try_args(int n, int len, bool xv6)
{
	char **argv = calloc((size_t)n + 6, sizeof(*argv)), *text = malloc((size_t)len + 1);
	char count[12], length[12];
	int status;
	pid_t pid;

	CHECK(argv && text);
	memset(text, 'a', (size_t)len);
	text[len] = '\0';
	snprintf(count, sizeof(count), "%d", n + 3);
	snprintf(length, sizeof(length), "%d", len);
	argv[0] = (char *)test_program;
	argv[1] = "EXEC";
	argv[2] = "args";
	argv[3] = count;
	argv[4] = length;
	for (int i = 0; i < n; i++)
		argv[5 + i] = text;
	pid = fork();
	if (pid == 0) {
		if (xv6)
			exec_xv6(test_program, argv);
		else
			execve(test_program, argv, (char *[]){ NULL });
		_exit(errno == E2BIG ? 98 : 97);
	}
	free(argv);
	free(text);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK(WIFEXITED(status));
	return WEXITSTATUS(status) == 98 ? -1 : WEXITSTATUS(status);
}

TEST(exec_large, "execve takes 128 KiB of arguments, and no more")
{
	CHECK_EQ(try_args(0, 0, false), 0);
	CHECK_EQ(try_args(100, 10, false), 0);
	CHECK_EQ(try_args(1, 120000, false), 0);
	CHECK_EQ(try_args(5000, 10, false), 0);
	CHECK_EQ(try_args(1, 131072, false), -1);
	CHECK_EQ(try_args(20000, 10, false), -1);
	CHECK_EQ(try_args(200000, 1, false), -1);
}

TEST(exec_xv6, "exec(7) takes 31 strings and 4096 bytes, and no more")
{
	CHECK_EQ(try_args(26, 1, true), 0);
	CHECK_EQ(try_args(27, 1, true), -1);
	CHECK_EQ(try_args(1, 3900, true), 0);
	CHECK_EQ(try_args(1, 4097, true), -1);
	CHECK_EQ(try_args(10, 500, true), -1);
}

TEST(exec_noenv, "execve with an empty environment gives one")
{
	pid_t pid = fork();

	if (pid == 0) {
		execve(test_program,
		    (char *[]){ (char *)test_program, "EXEC", "noenv", NULL }, (char *[]){ NULL });
		_exit(98);
	}
	check_child(pid);
}

TEST(exec_often, "three hundred forks and execs")
{
	for (int i = 0; i < 300; i++) {
		pid_t pid = fork();

		if (pid == 0) {
			execl("/bin/true", "true", (char *)NULL);
			_exit(98);
		}
		check_child(pid);
	}
}

TEST(exec_script, "execvp gives a script to sh")
{
	pid_t pid;
	int status;

	write_file("script", "exit $(($1 + 1))\n", 17);
	pid = fork();
	if (pid == 0) {
		execlp("./script", "script", "41", (char *)NULL);
		_exit(98);
	}
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK_EQ(WEXITSTATUS(status), 42);
}

/* What the program in file "s" prints when it is executed with ARGV. */
static void
check_output(char **argv, const char *want)
{
	char out[64];
	ssize_t n;
	pid_t pid;
	int p[2];

	CHECK_EQ(pipe(p), 0);
	pid = fork();
	if (pid == 0) {
		dup2(p[1], 1);
		close(p[0]);
		close(p[1]);
		execv("s", argv);
		_exit(98);
	}
	close(p[1]);
	n = read(p[0], out, sizeof(out) - 1);
	close(p[0]);
	check_child(pid);
	CHECK(n >= 0);
	out[n] = '\0';
	CHECK_STR(out, want);
}

TEST(exec_interpreter, "a script's first line gives the interpreter and an argument")
{
	char *some[] = { "gone", "a", "b c", NULL }, *name[] = { "gone", NULL }, *none[] = { NULL };

	write_file("s", "#! /bin/echo\t one two \nrest\n", 29);
	check_output(some, "one two s a b c\n");
	check_output(name, "one two s\n");
	check_output(none, "one two s\n");
	write_file("s", "#!/bin/echo\n", 12);
	check_output(some, "s a b c\n");
	check_output(none, "s\n");
	write_file("s", "#!s\n", 4);
	CHECK_FAILS(execv("s", some), ENOEXEC);
}

TEST(cwd, "the current folder is the process's own, inherited by fork")
{
	char buf[PATH_MAX], small[4];
	pid_t pid;

	CHECK(getcwd(buf, sizeof(buf)) != NULL);
	CHECK_STR(buf, "/tmp/cwd");
	CHECK_EQ(mkdir("sub", 0777), 0);
	pid = fork();
	if (pid == 0)
		_exit(chdir("sub") != 0 || !getcwd(buf, sizeof(buf)) ||
		    strcmp(buf, "/tmp/cwd/sub") != 0);
	check_child(pid);
	CHECK_STR(getcwd(buf, sizeof(buf)), "/tmp/cwd");
	CHECK(getcwd(small, sizeof(small)) == NULL && errno == ERANGE);
	CHECK_FAILS(syscall(SYS_getcwd, buf, -1), EINVAL);
	CHECK_FAILS(syscall(SYS_getcwd, buf, 0), EINVAL);
	CHECK_FAILS(chdir("nothing"), ENOENT);
	write_file("f", "", 0);
	CHECK_FAILS(chdir("f"), ENOTDIR);
	CHECK_EQ(chdir("sub"), 0);
	CHECK_EQ(chdir(".."), 0);
	CHECK_EQ(chdir("/"), 0);
	CHECK_STR(getcwd(buf, sizeof(buf)), "/");
	CHECK_EQ(chdir(".."), 0);
	CHECK_STR(getcwd(buf, sizeof(buf)), "/");
}

TEST(clock, "the clocks go on, and sleeping takes as long as asked")
{
	int before = uptime();

	CHECK_EQ(sleep_ticks(3), 0);
	CHECK(uptime() - before >= 3);
	CHECK(uptime() - before < 30);
	CHECK_EQ(sleep_ticks(0), 0);
	CHECK_EQ(sleep_ticks(-5), 0);
}

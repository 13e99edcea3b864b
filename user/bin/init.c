/*
 * The first process: opens the console, runs the command the kernel was
 * booted with (run=) or a shell, again and again, and reaps orphans.
 */
#include <ctype.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <quire.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bin.h"

static const char help[] HELP_TEXT =
    "init\n"
    "The first process: starts the shell, and reaps orphans. When the shell ends it\n"
    "starts another; with the boot parameter run= it runs that command, and halts.\n";

#define MAJOR_CONSOLE	1
#define MAJOR_MEM	2

static char bootargs[4096];

/* The value of boot parameter KEY, in place and without its end; NULL: not given. */
static char *
bootarg(const char *key)
{
	size_t len = strlen(key);

	for (char *p = bootargs; *p; p += strcspn(p, " ")) {
		p += strspn(p, " ");
		if (strncmp(p, key, len) == 0 && (p[len] == '=' || p[len] == ' ' || !p[len]))
			return p + len + (p[len] == '=');
	}
	return NULL;
}

/* TERM for the programs: what term= says, else a terminal that can move its cursor. */
static void
set_terminal(void)
{
	char *value = bootarg("term");
	char name[16] = "ansi";
	size_t n = value ? strcspn(value, " ") : 0;

	if (n && n < sizeof(name)) {
		memcpy(name, value, n);
		name[n] = '\0';
	}
	setenv("TERM", name, 1);
}

static int
open_device(const char *path, int major, int minor)
{
	int fd = open(path, O_RDWR);

	if (fd < 0) {
		mknod_dev(path, major, minor);
		fd = open(path, O_RDWR);
	}
	return fd;
}

/* Descriptors 0, 1 and 2. With `frames` standard error has a device of its own. */
static void
open_console(bool frames)
{
	int fd;

	mkdir("/dev", 0755);
	fd = open_device("/dev/console", MAJOR_CONSOLE, 0);
	if (fd < 0)
		halt(126);
	dup2(fd, 0);
	dup2(fd, 1);
	if (fd > 2)
		close(fd);
	fd = frames ? open_device("/dev/conerr", MAJOR_CONSOLE, 1) : dup(1);
	if (fd > 2) {
		dup2(fd, 2);
		close(fd);
	}
	close(open_device("/dev/null", MAJOR_MEM, 0));
	close(open_device("/dev/zero", MAJOR_MEM, 1));
}

static int
hex_value(char c)
{
	return isdigit((unsigned char)c) ? c - '0' : (c | 32) - 'a' + 10;
}

/* %XX in S up to END becomes one byte. */
static void
percent_decode(char *s, const char *end)
{
	char *to = s;

	while (s < end) {
		if (*s == '%' && end - s > 2 && isxdigit((unsigned char)s[1]) &&
		    isxdigit((unsigned char)s[2])) {
			*to++ = (char)(hex_value(s[1]) << 4 | hex_value(s[2]));
			s += 3;
		} else {
			*to++ = *s++;
		}
	}
	*to = '\0';
}

/* "WORD,WORD,..." as an argument vector. */
static char **
parse_command(char *s)
{
	size_t n = 2, i = 0;
	char **argv, *end = s + strcspn(s, " ");

	for (char *p = s; p < end; p++)
		n += *p == ',';
	argv = malloc(n * sizeof(*argv));
	if (!argv)
		return NULL;
	*end = '\0';
	while (s <= end) {
		char *word = s, *stop = s + strcspn(s, ",");

		s = stop + 1;
		percent_decode(word, stop);
		argv[i++] = word;
	}
	argv[i] = NULL;
	return argv;
}

/* Waits for child PID and whatever orphan ends meanwhile. A waitpid status; -1: no such child. */
static int
wait_for(pid_t pid)
{
	int status;
	pid_t p;

	do {
		p = wait(&status);
		if (p < 0)
			return -1;
	} while (p != pid);
	return status;
}

static _Noreturn void
run_and_halt(char *command)
{
	char **argv = parse_command(command);
	pid_t pid = argv ? fork() : -1;
	int status;

	if (pid < 0) {
		fprintf(stderr, "init: cannot start the command: %s\n", strerror(errno));
		halt(126);
	}
	if (pid == 0) {
		execvp(argv[0], argv);
		if (errno == ENOENT) {
			fprintf(stderr, "%s: not found\n", argv[0]);
			_exit(127);
		}
		fprintf(stderr, "%s: %s\n", argv[0], strerror(errno));
		_exit(126);
	}
	status = wait_for(pid);
	sync();
	halt(WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status));
}

static _Noreturn void
shells_for_ever(void)
{
	char *argv[] = { "sh", NULL };

	printf("Welcome to Quire. `help` lists the commands; `halt`, or Ctrl-a x, leaves.\n");
	fflush(stdout);
	for (;;) {
		pid_t pid = fork();

		if (pid == 0) {
			execv("/bin/sh", argv);
			fprintf(stderr, "init: /bin/sh: %s\n", strerror(errno));
			_exit(127);
		}
		if (pid < 0)
			fprintf(stderr, "init: fork: %s\n", strerror(errno));
		else
			wait_for(pid);
		sleep(1);		/* a shell that ends at once must not become a storm */
	}
}

int
main(int argc, char **argv)
{
	char *run;

	help_option(argc, argv, help);
	if (getpid() != 1)		/* it would run the boot command once more */
		errx(1, "already running: it is process 1");
	kinfo(KINFO_BOOTARGS, 0, 0, bootargs, sizeof(bootargs) - 1);
	open_console(bootarg("frames"));
	setenv("PATH", "/bin", 1);
	setenv("HOME", "/", 1);
	set_terminal();
	chdir("/");
	run = bootarg("run");
	if (run)
		run_and_halt(run);
	shells_for_ever();
}

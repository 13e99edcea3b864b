/* sh: the shell. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../bin.h"
#include "edit.h"
#include "sh.h"

static const char help[] HELP_TEXT =
    "sh [-eiux] [FILE [ARG]... | -c COMMANDS [NAME [ARG]...]]\n"
    "The shell: runs commands from a terminal, a file or an argument.\n"
    "  -e  ends when a command fails      -x  shows commands before they run\n"
    "  -u  unset variables are errors     -i  asks for each line, as at a terminal\n"
    "`help` lists the commands, also those that are part of the shell.\n";

struct shell sh;

static jmp_buf command_loop;	/* of an interactive shell */

void
complain(const char *fmt, ...)
{
	char text[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	fflush(stdout);
	if (sh.line && !sh.at_terminal)
		fprintf(stderr, "%s: line %d: %s\n", sh.name, sh.line, text);
	else
		fprintf(stderr, "%s: %s\n", sh.name, text);
}

void
shell_exit(int status)
{
	fflush(stdout);
	_exit(status & 0xff);
}

void
give_up(int status)
{
	sh.status = status;
	if (!sh.interactive)
		shell_exit(status);
	longjmp(command_loop, 1);
}

void
fail(int status, const char *fmt, ...)
{
	char text[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	complain("%s", text);
	give_up(status);
}

/* Runs what FD gives. An interactive shell comes back here after a command that was given up. */
static void
run_fd(int fd)
{
	static struct source base;
	static char **params;
	static int nparams;

	params = sh.params;
	nparams = sh.nparams;
	source_push_fd(&base, fd);
	if (setjmp(command_loop)) {
		if (edit_wanted())
			edit_reset();
		redirect_reset();
		exec_reset(&base);
		arena_free(&temp);
		base.pos = base.len;
		sh.unwind = UNWIND_NONE;
		sh.loops = 0;
		if (sh.calls) {
			sh.calls = 0;
			sh.params = params;
			sh.nparams = nparams;
			sh.own_params = NULL;
			var_locals_end(NULL);
		}
	}
	run_lines(0);
	source_pop();
}

/* A script; something else would only give a page of complaints. */
static int
open_script(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), high;
	char head[64];
	ssize_t n;

	if (fd < 0) {
		complain("%s: %s", path, strerror(errno));
		shell_exit(errno == ENOENT ? 127 : 126);
	}
	n = read(fd, head, sizeof(head));
	if (n < 0 || memchr(head, '\0', (size_t)n)) {
		complain("%s: %s", path, n < 0 ? strerror(errno) :
		    "neither a program for this machine nor a script");
		shell_exit(126);
	}
	lseek(fd, 0, SEEK_SET);
	high = high_fd(fd);
	return high < 0 ? fd : high;
}

static void
set_defaults(void)
{
	char *cwd = getcwd(NULL, 0);

	if (!var_get("PATH"))
		var_set("PATH", "/bin");
	if (cwd)
		var_set("PWD", cwd);
	free(cwd);
	var_set("PS1", "$ ");
	var_set("PS2", "> ");
	var_set("IFS", " \t\n");
}

int
main(int argc, char **argv)
{
	const char *commands = NULL;
	bool ask = false;
	int c, fd = 0;

	sh.name = "sh";
	sh.pid = getpid();
	help_option(argc, argv, help);
	while ((c = getopt(argc, argv, "c:eiux")) >= 0) {
		switch (c) {
		case 'c':
			commands = optarg;
			break;
		case 'e':
			sh.errexit = true;
			break;
		case 'i':
			ask = true;
			break;
		case 'u':
			sh.nounset = true;
			break;
		case 'x':
			sh.xtrace = true;
			break;
		default:
			usage(help, 2);
		}
	}
	argc -= optind;
	argv += optind;
	var_import(environ);
	set_defaults();
	sh.interactive = sh.at_terminal = ask || (!commands && !argc && isatty(0) && isatty(2));
	if (sh.interactive)
		job_start_shell();
	if (argc) {
		if (!commands)
			fd = open_script(argv[0]);
		sh.name = argv[0];
		sh.params = argv + 1;
		sh.nparams = argc - 1;
	}
	if (commands)
		run_text(commands, EXEC_LAST);
	else
		run_fd(fd);
	if (sh.interactive)
		fputc('\n', stderr);
	shell_exit(sh.status);
}

/* Commands that the shell runs itself. XCU 2.14. */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <quire.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../bin.h"
#include "edit.h"
#include "sh.h"

/* A number >= 0 in S; -1: it is none. */
static int
number(const char *s)
{
	char *end;
	long n;

	if (!isdigit((unsigned char)*s))
		return -1;
	n = strtol(s, &end, 10);
	return *end || n > INT_MAX ? -1 : (int)n;
}

/* The optional number argv[1], else OTHERWISE; -1 with a complaint. */
static int
number_arg(char **argv, int otherwise)
{
	int n = argv[1] ? number(argv[1]) : otherwise;

	if (n < 0)
		complain("%s: %s: not a number", argv[0], argv[1]);
	return n;
}

/* ---- where we are ---- */

static int
builtin_cd(int argc, char **argv)
{
	const char *to = argc > 1 ? argv[1] : var_get("HOME");
	bool back = argc > 1 && strcmp(argv[1], "-") == 0;
	char *cwd = getcwd(NULL, 0);

	if (back)
		to = var_get("OLDPWD");
	if (!to || chdir(to) < 0) {
		complain("cd: %s: %s", to ? to : back ? "OLDPWD" : "HOME",
		    to ? strerror(errno) : "not set");
		free(cwd);
		return 1;
	}
	if (back)
		puts(to);
	if (cwd)
		var_set("OLDPWD", cwd);
	free(cwd);
	cwd = getcwd(NULL, 0);
	if (cwd)
		var_set("PWD", cwd);
	free(cwd);
	return 0;
}

static int
builtin_pwd(int argc, char **argv)
{
	char *cwd = getcwd(NULL, 0);

	(void)argc;
	if (!cwd) {
		complain("%s: %s", argv[0], strerror(errno));
		return 1;
	}
	puts(cwd);
	free(cwd);
	return 0;
}

/* ---- variables ---- */

static int
builtin_export(int argc, char **argv)
{
	int status = 0;

	if (argc == 1 || (argc == 2 && strcmp(argv[1], "-p") == 0)) {
		var_show(true);
		return 0;
	}
	while (*++argv) {
		if (is_assignment(*argv)) {
			var_assign(*argv, true);
		} else if (is_name(*argv, strlen(*argv))) {
			var_export(*argv);
		} else {
			complain("export: %s: not a name", *argv);
			status = 1;
		}
	}
	return status;
}

static int
builtin_local(int argc, char **argv)
{
	(void)argc;
	if (!sh.calls) {
		complain("local: not in a function");
		return 1;
	}
	while (*++argv) {
		size_t n = strcspn(*argv, "=");

		if (!is_name(*argv, n)) {
			complain("local: %s: not a name", *argv);
			return 1;
		}
		var_local(arena_strdup(&temp, *argv, n));
		if ((*argv)[n])
			var_assign(*argv, false);
	}
	return 0;
}

static int
builtin_unset(int argc, char **argv)
{
	bool function = argc > 1 && strcmp(argv[1], "-f") == 0;

	argv += argc > 1 && argv[1][0] == '-';
	while (*++argv) {
		if (!function)
			var_unset(*argv);
		if (function || !var_get(*argv))
			function_unset(*argv);
	}
	return 0;
}

/* $1 ... are copies of ARGV. */
static void
set_params(char **argv)
{
	size_t n = 0, bytes = 0;
	char **copy, *text;

	for (; argv[n]; n++)
		bytes += strlen(argv[n]) + 1;
	copy = xrealloc(NULL, (n + 1) * sizeof(*copy) + bytes);
	text = (char *)(copy + n + 1);
	for (size_t i = 0; i < n; i++) {
		copy[i] = strcpy(text, argv[i]);
		text += strlen(text) + 1;
	}
	copy[n] = NULL;
	free(sh.own_params);
	sh.params = sh.own_params = copy;
	sh.nparams = (int)n;
}

static bool
set_option(char c, bool on)
{
	switch (c) {
	case 'e':
		sh.errexit = on;
		return true;
	case 'u':
		sh.nounset = on;
		return true;
	case 'x':
		sh.xtrace = on;
		return true;
	}
	return false;
}

static int
builtin_set(int argc, char **argv)
{
	if (argc == 1) {
		var_show(false);
		return 0;
	}
	for (argv++; *argv && (**argv == '-' || **argv == '+') && (*argv)[1]; argv++) {
		if (strcmp(*argv, "--") == 0) {
			set_params(argv + 1);
			return 0;
		}
		for (const char *c = *argv + 1; *c; c++)
			if (!set_option(*c, **argv == '-')) {
				complain("set: %s: unknown option; there are -e -u -x", *argv);
				return 2;
			}
	}
	if (*argv)
		set_params(argv);
	return 0;
}

static int
builtin_shift(int argc, char **argv)
{
	int n = number_arg(argv, 1);

	(void)argc;
	if (n < 0 || n > sh.nparams) {
		if (n >= 0)
			complain("shift: only %d to shift", sh.nparams);
		return 1;
	}
	sh.params += n;
	sh.nparams -= n;
	return 0;
}

/* ---- read ---- */

/* A byte of standard input. At a terminal Ctrl-C ends the waiting, and the command. */
static bool
read_byte(char *c)
{
	while (sh.interactive && ttyctl(0, TTY_AVAIL, 0) == 0)
		job_pause();
	return read(0, c, 1) == 1;
}

/* A line from standard input, byte by byte: what is behind it belongs to the next command. */
static bool
read_line(struct str *s, bool raw)
{
	char c;

	while (read_byte(&c)) {
		if (c == '\n')
			return true;
		if (c == '\\' && !raw) {
			if (!read_byte(&c))
				return false;
			if (c == '\n')
				continue;
			str_add(s, '\\');
		}
		str_add(s, c);
	}
	return false;
}

/* Cuts the next field off *S. The last one takes everything, without blanks at the end. */
static char *
next_field(char **s, const char *ifs, bool last)
{
	struct str field;
	size_t keep = 0;
	char *p = *s;

	str_init(&field, &temp);
	while (*p && isspace((unsigned char)*p) && strchr(ifs, *p))
		p++;
	for (; *p && (last || !strchr(ifs, *p)); p++) {
		bool escaped = *p == '\\' && p[1];

		p += escaped;
		str_add(&field, *p);
		if (escaped || !isspace((unsigned char)*p) || !strchr(ifs, *p))
			keep = field.n;
	}
	if (last && field.n)
		field.s[keep] = '\0';
	*s = *p ? p + 1 : p;
	return field.s;
}

/* With -r a backslash is an ordinary character: doubled, next_field() takes it for one. */
static char *
double_backslashes(const char *s)
{
	struct str out;

	str_init(&out, &temp);
	for (; *s; s++) {
		if (*s == '\\')
			str_add(&out, '\\');
		str_add(&out, *s);
	}
	return out.s;
}

static int
builtin_read(int argc, char **argv)
{
	static char *reply[] = { "REPLY", NULL };
	bool raw = argc > 1 && strcmp(argv[1], "-r") == 0, got;
	const char *ifs = var_get("IFS");
	struct str line;
	char *rest;

	argv += 1 + raw;
	for (char **name = argv; *name; name++)
		if (!is_name(*name, strlen(*name))) {
			complain("read: %s: not a name", *name);
			return 2;
		}
	if (!*argv)
		argv = reply;
	str_init(&line, &temp);
	got = read_line(&line, raw);
	rest = raw ? double_backslashes(line.s) : line.s;
	for (; *argv; argv++)
		var_set(*argv, next_field(&rest, ifs ? ifs : " \t\n", !argv[1]));
	return got ? 0 : 1;
}

/* ---- flow ---- */

static int
leave(char **argv, enum unwind kind)
{
	int n = number_arg(argv, 1);

	if (n < 1)
		return 1;
	if (!sh.loops) {
		complain("%s: not in a loop", argv[0]);
		return 1;
	}
	sh.unwind = kind;
	sh.unwind_levels = n < sh.loops ? n : sh.loops;
	return 0;
}

static int
builtin_break(int argc, char **argv)
{
	(void)argc;
	return leave(argv, UNWIND_BREAK);
}

static int
builtin_continue(int argc, char **argv)
{
	(void)argc;
	return leave(argv, UNWIND_CONTINUE);
}

static int
builtin_return(int argc, char **argv)
{
	int n = number_arg(argv, sh.status);

	(void)argc;
	if (n < 0)
		return 1;
	sh.unwind = UNWIND_RETURN;
	return n;
}

static int
builtin_exit(int argc, char **argv)
{
	int n = number_arg(argv, sh.status);

	(void)argc;
	shell_exit(n < 0 ? 2 : n);
}

static int
builtin_eval(int argc, char **argv)
{
	struct str s;

	str_init(&s, &temp);
	for (int i = 1; i < argc; i++) {
		if (i > 1)
			str_add(&s, ' ');
		str_cat(&s, argv[i], strlen(argv[i]));
	}
	sh.status = 0;
	run_text(s.s, 0);
	return sh.status;
}

static int
builtin_dot(int argc, char **argv)
{
	struct source *s = arena_alloc(&temp, sizeof(*s));
	bool interactive = sh.interactive;
	int fd;

	if (argc < 2) {
		complain(".: a file is needed");
		return 2;
	}
	fd = open(argv[1], O_RDONLY | O_CLOEXEC);
	fd = fd < 0 ? fd : high_fd(fd);
	if (fd < 0) {
		complain("%s: %s", argv[1], strerror(errno));
		return 1;
	}
	sh.status = 0;
	sh.interactive = false;		/* the file does not prompt */
	source_push_fd(s, fd);
	sh.interactive = interactive;
	run_source(0);
	close(fd);
	if (sh.unwind == UNWIND_RETURN)
		sh.unwind = UNWIND_NONE;
	return sh.status;
}

static int
builtin_wait(int argc, char **argv)
{
	int status = 0;

	if (argc == 1)
		return job_wait_background(0);
	while (*++argv) {
		int pid = number(*argv);

		if (pid <= 0) {
			complain("wait: %s: not a process", *argv);
			return 2;
		}
		status = job_wait_background(pid);
	}
	return status;
}

static int
builtin_jobs(int argc, char **argv)
{
	(void)argc, (void)argv;
	job_list();
	return 0;
}

static int
builtin_history(int argc, char **argv)
{
	(void)argc, (void)argv;
	for (size_t i = 0; i < history_count(); i++)
		printf("%5zu  %s\n", i + 1, history_line(i));
	return 0;
}

static int
builtin_true(int argc, char **argv)
{
	(void)argc, (void)argv;
	return 0;
}

static int
builtin_false(int argc, char **argv)
{
	(void)argc, (void)argv;
	return 1;
}

/* ---- what there is ---- */

static int	builtin_type(int argc, char **argv);
static int	builtin_command(int argc, char **argv);

/* One text for each command, for `help` and --help (see bin.h). */
static const char dot_help[] HELP_TEXT =
    ". FILE\n"
    "Runs the commands of FILE in this shell.\n";
static const char colon_help[] HELP_TEXT =
    ": [WORD]...\n"
    "Does nothing, and succeeds.\n";
static const char bracket_help[] HELP_TEXT =
    "[ CONDITION ]\n"
    "Tests a condition, as `test` does.\n";
static const char break_help[] HELP_TEXT =
    "break [N]\n"
    "Leaves the loop, or N loops.\n";
static const char cd_help[] HELP_TEXT =
    "cd [FOLDER]\n"
    "Goes to FOLDER, to $HOME without one, or back with -.\n";
static const char command_help[] HELP_TEXT =
    "command [-v] NAME [ARG]...\n"
    "Runs a command, but not a function. With -v it says what would run.\n";
static const char continue_help[] HELP_TEXT =
    "continue [N]\n"
    "Begins the next round of the loop, or of the Nth around.\n";
static const char eval_help[] HELP_TEXT =
    "eval [WORD]...\n"
    "Runs the words as a command line.\n";
static const char exec_help[] HELP_TEXT =
    "exec [COMMAND [ARG]...]\n"
    "Becomes COMMAND. Without one, redirections stay for the shell.\n";
static const char exit_help[] HELP_TEXT =
    "exit [STATUS]\n"
    "Ends the shell.\n";
static const char export_help[] HELP_TEXT =
    "export [NAME[=VALUE]]...\n"
    "Puts variables into the environment of commands, or shows these.\n";
static const char false_help[] HELP_TEXT =
    "false\n"
    "Fails.\n";
static const char history_help[] HELP_TEXT =
    "history\n"
    "Lists the lines typed before.\n";
static const char jobs_help[] HELP_TEXT =
    "jobs\n"
    "Lists the jobs in the background.\n";
static const char local_help[] HELP_TEXT =
    "local NAME[=VALUE]...\n"
    "Makes variables a function's own: outside they stay what they were.\n";
static const char pwd_help[] HELP_TEXT =
    "pwd\n"
    "Prints the path of the current folder.\n";
static const char read_help[] HELP_TEXT =
    "read [-r] [NAME]...\n"
    "Reads a line into variables. With -r a backslash is an ordinary character.\n";
static const char return_help[] HELP_TEXT =
    "return [STATUS]\n"
    "Ends a function, or a file that . runs.\n";
static const char set_help[] HELP_TEXT =
    "set [-eux] [+eux] [--] [WORD]...\n"
    "Sets options and $1 $2 ..., or shows all variables.\n";
static const char shift_help[] HELP_TEXT =
    "shift [N]\n"
    "Drops $1, or the first N of $1 $2 ...\n";
static const char test_help[] HELP_TEXT =
    "test CONDITION\n"
    "Tests a condition, for `if` and `while`. -e -f -d -L -s -r -w -x FILE; -n -z TEXT; A = B,\n"
    "A != B; numbers A -eq -ne -lt -le -gt -ge B; ! ( ) -a -o.\n";
static const char true_help[] HELP_TEXT =
    "true\n"
    "Succeeds.\n";
static const char type_help[] HELP_TEXT =
    "type NAME...\n"
    "Says what a command is: a function, part of the shell, a program.\n";
static const char unset_help[] HELP_TEXT =
    "unset [-f] NAME...\n"
    "Forgets variables, or functions (-f).\n";
static const char wait_help[] HELP_TEXT =
    "wait [PID]...\n"
    "Waits for jobs in the background. Its status is the last one's.\n";

struct builtin {
	const char *name, *help;
	builtin_t *run;			/* NULL: exec, which exec.c does itself */
	bool special;			/* what it assigns stays */
};

static const struct builtin builtins[] = {
	{ ".", dot_help, builtin_dot, true },
	{ ":", colon_help, builtin_true, true },
	{ "[", bracket_help, builtin_test, false },
	{ "break", break_help, builtin_break, true },
	{ "cd", cd_help, builtin_cd, false },
	{ "command", command_help, builtin_command, false },
	{ "continue", continue_help, builtin_continue, true },
	{ "eval", eval_help, builtin_eval, true },
	{ "exec", exec_help, NULL, true },
	{ "exit", exit_help, builtin_exit, true },
	{ "export", export_help, builtin_export, true },
	{ "false", false_help, builtin_false, false },
	{ "history", history_help, builtin_history, false },
	{ "jobs", jobs_help, builtin_jobs, false },
	{ "local", local_help, builtin_local, true },
	{ "pwd", pwd_help, builtin_pwd, false },
	{ "read", read_help, builtin_read, false },
	{ "return", return_help, builtin_return, true },
	{ "set", set_help, builtin_set, true },
	{ "shift", shift_help, builtin_shift, true },
	{ "test", test_help, builtin_test, false },
	{ "true", true_help, builtin_true, false },
	{ "type", type_help, builtin_type, false },
	{ "unset", unset_help, builtin_unset, true },
	{ "wait", wait_help, builtin_wait, false },
};
#define NBUILTINS	(sizeof(builtins) / sizeof(builtins[0]))

builtin_t *
builtin_find(const char *name, bool *special)
{
	for (size_t i = 0; i < NBUILTINS; i++)
		if (strcmp(builtins[i].name, name) == 0) {
			*special = builtins[i].special;
			return builtins[i].run;
		}
	return NULL;
}

const char *
builtin_name(size_t i)
{
	return i < NBUILTINS ? builtins[i].name : NULL;
}

bool
builtin_explain(int argc, char **argv)
{
	/* A condition may well be the word --help. */
	if (argc != 2 || strcmp(argv[1], "--help") != 0 || strchr(":[", *argv[0]) ||
	    strcmp(argv[0], "test") == 0)
		return false;
	for (size_t i = 0; i < NBUILTINS; i++)
		if (strcmp(builtins[i].name, argv[0]) == 0)
			printf("usage: %s", builtins[i].help);
	return true;
}

/* The program NAME in PATH, in temp; NULL: there is none. */
static char *
find_program(const char *name)
{
	const char *dir = var_get("PATH"), *end;
	struct stat st;

	if (strchr(name, '/'))
		return stat(name, &st) == 0 ? (char *)name : NULL;
	for (; dir; dir = *end ? end + 1 : NULL) {
		struct str s;

		end = dir + strcspn(dir, ":");
		str_init(&s, &temp);
		str_cat(&s, dir, (size_t)(end - dir));
		str_add(&s, '/');
		str_cat(&s, name, strlen(name));
		if (stat(s.s, &st) == 0 && S_ISREG(st.st_mode))
			return s.s;
	}
	return NULL;
}

static int
builtin_type(int argc, char **argv)
{
	int status = 0;
	bool special;
	char *path;

	for (int i = 1; i < argc; i++) {
		if (function_find(argv[i])) {
			printf("%s is a function\n", argv[i]);
		} else if (strcmp(argv[i], "exec") == 0 || builtin_find(argv[i], &special)) {
			printf("%s is part of the shell\n", argv[i]);
		} else if ((path = find_program(argv[i]))) {
			printf("%s is %s\n", argv[i], path);
		} else {
			complain("type: %s: not found", argv[i]);
			status = 1;
		}
	}
	return status;
}

/* -v; without it exec.c runs the command. */
static int
builtin_command(int argc, char **argv)
{
	const char *name = argc == 3 && strcmp(argv[1], "-v") == 0 ? argv[2] : NULL;
	bool special;
	char *path;

	if (!name) {
		if (argc > 1)
			complain("command: %s: unknown option", argv[1]);
		return argc > 1 ? 2 : 0;
	}
	if (function_find(name) || strcmp(name, "exec") == 0 || builtin_find(name, &special)) {
		puts(name);
		return 0;
	}
	path = find_program(name);
	if (path)
		puts(path);
	return path ? 0 : 127;
}

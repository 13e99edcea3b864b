/* Runs a command with the words of its input. */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bin.h"

static const char help[] HELP_TEXT =
    "xargs [-n N] COMMAND [ARG]...\n"
    "Runs COMMAND for each line of input, with its words as arguments. With -n,\n"
    "once for every N words, wherever the lines end. Waits for each run.\n";

static char **args;		/* COMMAND ARG... and the words of this run */
static size_t nfixed, nargs, room;
static int status;

static void
add_arg(char *word)
{
	if (nargs + 1 >= room) {
		room = room ? room * 2 : 32;
		args = realloc(args, room * sizeof(*args));
		if (!args)
			err(1, "too many words");
	}
	args[nargs++] = word;
	args[nargs] = NULL;
}

static void
run(void)
{
	int w = 0;
	pid_t pid = fork();

	if (pid < 0)
		err(1, "fork");
	if (pid == 0) {
		int null = open("/dev/null", O_RDONLY);

		dup2(null, 0);		/* our input is not the command's */
		execvp(args[0], args);
		status = errno == ENOENT ? 127 : 126;
		warn("%s", args[0]);
		_exit(status);
	}
	if (waitpid(pid, &w, 0) < 0 || w != 0)
		status = 1;
	nargs = nfixed;
}

/* The words of LINE; they stay in it, separated by NULs. */
static void
add_words(char *line)
{
	char *save, *word = strtok_r(line, " \t\n", &save);

	for (; word; word = strtok_r(NULL, " \t\n", &save))
		add_arg(word);
}

static void
run_by_lines(void)
{
	char *line = NULL;
	size_t n = 0;

	while (getline(&line, &n, stdin) > 0) {
		add_words(line);
		run();
	}
	free(line);
}

/* A word across lines; NULL at the end. The caller frees it. */
static char *
next_word(void)
{
	char *word = NULL;
	size_t n = 0, size = 0;
	int c;

	do
		c = getchar();
	while (c == ' ' || c == '\t' || c == '\n');
	for (; c != EOF && c != ' ' && c != '\t' && c != '\n'; c = getchar()) {
		if (n + 1 >= size) {
			size = size ? size * 2 : 32;
			word = realloc(word, size);
			if (!word)
				err(1, "word too long");
		}
		word[n++] = (char)c;
		word[n] = '\0';
	}
	return word;
}

/* Runs the command with the words gathered, which it frees. */
static void
run_words(void)
{
	size_t end = nargs;

	run();
	for (size_t i = nfixed; i < end; i++)
		free(args[i]);
}

static void
run_by_words(size_t many)
{
	char *word;

	while ((word = next_word())) {
		add_arg(word);
		if (nargs - nfixed == many)
			run_words();
	}
	if (nargs > nfixed)
		run_words();
}

int
main(int argc, char **argv)
{
	long many = 0;
	int i = 1;

	help_option(argc, argv, help);
	if (i < argc && strncmp(argv[i], "-n", 2) == 0) {
		const char *n = argv[i][2] ? argv[i] + 2 : argv[++i];

		if (!n || !parse_number(n, 1, INT_MAX, &many))
			usage(help, 1);
		i++;
	}
	if (i >= argc || argv[i][0] == '-')
		usage(help, 1);
	for (; i < argc; i++)
		add_arg(argv[i]);
	nfixed = nargs;
	if (many)
		run_by_words((size_t)many);
	else
		run_by_lines();
	if (ferror(stdin)) {
		warn("standard input");
		status = 1;
	}
	return status;
}

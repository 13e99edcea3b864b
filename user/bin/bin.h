/*
 * What the programs share. Complaints: err.h's "name: what: why".
 *
 * Every program says what it does in one text, which its --help, its usage
 * error and the program `help` show:
 *
 *	static const char help[] HELP_TEXT =
 *	    "name [-x] FILE...\n"
 *	    "What it does, in a short sentence. More about it, and its options.\n";
 *
 *	int
 *	main(int argc, char **argv)
 *	{
 *		help_option(argc, argv, help);
 *		if (argc < 2)
 *			usage(help, 1);
 *
 * `help` finds the text in the file, without running it, and lists the first sentence; it
 * should fit a line of 80 columns behind the name. Programs that do not include this header
 * (xv6's) write __attribute__((section(".help"))) for HELP_TEXT.
 */
#ifndef BIN_H
#define BIN_H

#include <stdbool.h>
#include <stddef.h>

#define HELP_TEXT	__attribute__((section(".help")))

/* "--help" as the only argument: prints "usage: HELP" on stdout and exits with status 0. */
void	help_option(int argc, char **argv, const char *help);
/* The first line of HELP on stderr, then exit(status). */
_Noreturn void usage(const char *help, int status);

/* Decimal number of S, all of it, within [min, max]. */
bool	parse_number(const char *s, long min, long max, long *n);

/* All of N bytes; -1 with errno. */
int	write_all(int fd, const void *buf, size_t n);
/* Copies the rest of IN to OUT; NAME is for the complaint, which it makes itself. */
int	copy_fd(int in, int out, const char *name);

/* DIR/NAME in BUF of PATH_MAX bytes; false (ENAMETOOLONG): does not fit. */
bool	join_path(char *buf, const char *dir, const char *name);
/* The part of PATH behind the last slash that is followed by something. */
const char *base_name(const char *path);
bool	is_dir(const char *path);
/* DEST, or DEST/base_name(SRC) in BUF when DEST is a folder; NULL: does not fit. */
const char *into_dir(char *buf, const char *dest, const char *src);

/* Flushes stdout; STATUS, or 1 with a complaint when what was printed did not all go out. */
int	finish(int status);

#endif

/*
 * Lines that match a basic regular expression: . * ^ $ [..] [^..] \c.
 * POSIX.1-2017, grep; XBD 9.3 without \( \) and \{ \}.
 */
#include <ctype.h>
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bin.h"

static const char help[] HELP_TEXT =
    "grep [-vincqh] [-e] PATTERN [FILE]...\n"
    "Prints the lines of files or standard input that match PATTERN. In it . is\n"
    "any character, [a-z] [^a-z] one of a set, X* any number of X, ^ and $ the\n"
    "ends of the line; \\ before a character takes its meaning away.\n"
    "  -v  lines that don't match     -c  only how many\n"
    "  -i  capitals are the same      -q  nothing, only the status\n"
    "  -n  with their numbers         -h  without the names of files\n"
    "Status: 0 some line matched, 1 none did, 2 an error.\n";

static bool invert, fold, numbers, count_only, quiet, no_names;

/* ---- the pattern: a row of items, each a set of bytes, perhaps repeated ---- */

struct item {
	bool star;
	unsigned char set[32];		/* bit c: byte c is in it */
};

static struct item *items;
static size_t nitems;
static bool at_start, at_end;		/* ^ and $ */

/* Which items may be next: state i means items 0 .. i - 1 have matched. */
static bool *now, *then;

static void
set_add(struct item *it, unsigned char c)
{
	it->set[c / 8] |= (unsigned char)(1 << c % 8);
	if (fold && isalpha(c)) {
		c ^= 32;
		it->set[c / 8] |= (unsigned char)(1 << c % 8);
	}
}

static bool
set_has(const struct item *it, unsigned char c)
{
	return it->set[c / 8] >> c % 8 & 1;
}

/* Behind '[': returns what is behind its ']'. */
static const char *
parse_set(struct item *it, const char *p)
{
	bool negate = *p == '^';
	const char *first;

	p += negate;
	for (first = p; *p && (*p != ']' || p == first); p++) {
		unsigned char lo = (unsigned char)*p, hi = lo;

		if (p[1] == '-' && p[2] && p[2] != ']') {
			hi = (unsigned char)p[2];
			p += 2;
		}
		for (unsigned c = lo; c <= hi; c++)
			set_add(it, (unsigned char)c);
	}
	if (!*p)
		errx(2, "[ without ]");
	if (negate)
		for (unsigned i = 0; i < sizeof(it->set); i++)
			it->set[i] = (unsigned char)~it->set[i];
	return p + 1;
}

static const char *
parse_item(struct item *it, const char *p)
{
	if (*p == '.') {
		memset(it->set, 0xff, sizeof(it->set));
		return p + 1;
	}
	if (*p == '[')
		return parse_set(it, p + 1);
	if (*p == '\\') {
		if (!p[1])
			errx(2, "\\ at the end of the pattern");
		p++;
	}
	set_add(it, (unsigned char)*p);
	return p + 1;
}

static void
compile(const char *p)
{
	size_t n = strlen(p);

	items = calloc(n + 1, sizeof(*items));
	now = calloc(n + 2, sizeof(*now));
	then = calloc(n + 2, sizeof(*then));
	if (!items || !now || !then)
		err(2, "pattern");
	at_start = *p == '^';
	p += at_start;
	while (*p) {
		if (p[0] == '$' && !p[1]) {
			at_end = true;
			break;
		}
		p = parse_item(&items[nitems], p);
		if (*p == '*') {
			items[nitems].star = true;
			while (*p == '*')
				p++;
		}
		nitems++;
	}
}

/* State I is reached, and those behind items that need not match. */
static void
reach(bool *states, size_t i)
{
	for (;; i++) {
		if (states[i])
			return;
		states[i] = true;
		if (i == nitems || !items[i].star)
			return;
	}
}

static void
step(unsigned char c)
{
	bool *swap;

	memset(then, 0, nitems + 1);
	for (size_t i = 0; i < nitems; i++) {
		if (!now[i] || !set_has(&items[i], c))
			continue;
		reach(then, items[i].star ? i : i + 1);
	}
	swap = now;
	now = then;
	then = swap;
}

static bool
matches(const char *s, size_t n)
{
	memset(now, 0, nitems + 1);
	reach(now, 0);
	for (size_t i = 0; i < n; i++) {
		if (now[nitems] && !at_end)
			return true;
		step((unsigned char)s[i]);
		if (!at_start)
			reach(now, 0);
	}
	return now[nitems];
}

/* ---- files ---- */

/* How many lines of F were selected, or -1. */
static long
search(FILE *f, const char *name, bool with_name)
{
	static char *line;
	static size_t room;
	long selected = 0, number = 0;
	ssize_t n;

	while ((n = getline(&line, &room, f)) > 0) {
		bool newline = line[n - 1] == '\n';

		number++;
		if (matches(line, (size_t)n - newline) == invert)
			continue;
		selected++;
		if (quiet)
			return selected;
		if (count_only)
			continue;
		if (with_name)
			printf("%s:", name);
		if (numbers)
			printf("%ld:", number);
		fwrite(line, 1, (size_t)n, stdout);
		if (!newline)
			putchar('\n');
	}
	if (ferror(f)) {
		warn("%s", name);
		return -1;
	}
	if (count_only) {
		if (with_name)
			printf("%s:", name);
		printf("%ld\n", selected);
	}
	return selected;
}

static const char *
options(int argc, char **argv)
{
	const char *pattern = NULL;
	int c;

	while ((c = getopt(argc, argv, "vincqhe:")) >= 0) {
		switch (c) {
		case 'v':
			invert = true;
			break;
		case 'i':
			fold = true;
			break;
		case 'n':
			numbers = true;
			break;
		case 'c':
			count_only = true;
			break;
		case 'q':
			quiet = true;
			break;
		case 'h':
			no_names = true;
			break;
		case 'e':
			pattern = optarg;
			break;
		default:
			usage(help, 2);
		}
	}
	if (!pattern && optind < argc)
		pattern = argv[optind++];
	if (!pattern)
		usage(help, 2);
	return pattern;
}

int
main(int argc, char **argv)
{
	bool failed = false, found = false, with_name;
	long n;

	help_option(argc, argv, help);
	compile(options(argc, argv));
	with_name = argc - optind > 1 && !no_names;
	if (optind == argc) {
		n = search(stdin, "(standard input)", false);
		found = n > 0;
		failed = n < 0;
	}
	for (; optind < argc; optind++) {
		FILE *f = fopen(argv[optind], "r");

		if (!f) {
			warn("%s", argv[optind]);
			failed = true;
			continue;
		}
		n = search(f, argv[optind], with_name);
		found |= n > 0;
		failed |= n < 0;
		fclose(f);
		if (quiet && found)
			return 0;
	}
	return finish(failed && !(quiet && found) ? 2 : !found);
}

/* Formatted text. POSIX.1-2017, printf: %d i u o x X c s b %, and escapes. */
#include <err.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bin.h"

static const char help[] HELP_TEXT =
    "printf FORMAT [ARG]...\n"
    "Prints the arguments by FORMAT. It is used again while there are some:\n"
    "\\n \\t \\\\ \\NNN, %s a word, %c its first character, %d %i %u %o %x %X a number,\n"
    "%b a word with escapes (\\0NNN, and \\c, which ends everything), %% itself.\n";

static int status;

static bool
is_octal(char c)
{
	return c >= '0' && c <= '7';
}

/* Puts out the escape behind a backslash at S, and returns what is behind it. */
static const char *
escape(const char *s)
{
	static const char names[] = "abfnrtv\\\"'", values[] = "\a\b\f\n\r\t\v\\\"'";
	const char *name = *s ? strchr(names, *s) : NULL;
	int n = 0, digits = 0;

	if (name) {
		putchar(values[name - names]);
		return s + 1;
	}
	while (digits < 3 && is_octal(*s)) {
		n = n * 8 + (*s++ - '0');
		digits++;
	}
	putchar(digits ? n : '\\');
	return s;
}

/* %b */
static void
escaped_word(const char *s)
{
	while (*s) {
		if (*s != '\\') {
			putchar(*s++);
			continue;
		}
		if (*++s == 'c')
			exit(finish(status));
		s = escape(*s == '0' && is_octal(s[1]) ? s + 1 : s);
	}
}

static long long
number(const char *s)
{
	char *end;
	long long n;

	errno = 0;
	n = strtoll(s, &end, 0);
	if (*end || errno) {
		warnx("%s: not a number", s);
		status = 1;
	}
	return n;
}

/* The conversion at S, behind its '%', with ARG; returns what is behind it. */
static const char *
convert(const char *s, const char *arg)
{
	size_t n = strspn(s, "-+ #0123456789.");
	char spec[32], c = s[n];

	if (n == 0 && c == 'b') {
		escaped_word(arg);
		return s + 1;
	}
	if (n > 20 || !c || !strchr("diuoxXcs", c))
		errx(1, "%%%.*s: unknown conversion", (int)n + 1, s);
	if (c == 's' || c == 'c') {
		snprintf(spec, sizeof(spec), "%%%.*s%c", (int)n, s, c);
		if (c == 's')
			printf(spec, arg);
		else
			printf(spec, *arg);
	} else {
		snprintf(spec, sizeof(spec), "%%%.*sll%c", (int)n, s, c);
		printf(spec, number(*arg ? arg : "0"));
	}
	return s + n + 1;
}

int
main(int argc, char **argv)
{
	int used;

	help_option(argc, argv, help);
	if (argc < 2)
		usage(help, 1);
	used = 2;
	do {
		int before = used;

		for (const char *s = argv[1]; *s;) {
			if (*s == '\\') {
				s = escape(s + 1);
			} else if (*s == '%' && s[1] == '%') {
				putchar('%');
				s += 2;
			} else if (*s == '%') {
				s = convert(s + 1, used < argc ? argv[used] : "");
				used++;
			} else {
				putchar(*s++);
			}
		}
		if (used == before)
			break;
	} while (used < argc);
	return finish(status);
}

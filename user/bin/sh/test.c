/* test and [: conditions. POSIX.1-2017, test; with ( ) ! -a -o. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sh.h"

struct cursor {
	char **arg;		/* what is left */
	const char *error;
	unsigned depth;
};

static bool	expression(struct cursor *c);

static bool
accept(struct cursor *c, const char *word)
{
	if (!*c->arg || strcmp(*c->arg, word) != 0)
		return false;
	c->arg++;
	return true;
}

static bool
file_test(char op, const char *path)
{
	struct stat st;

	if ((op == 'h' || op == 'L' ? lstat : stat)(path, &st) < 0)
		return false;
	switch (op) {
	case 'd':
		return S_ISDIR(st.st_mode);
	case 'f':
		return S_ISREG(st.st_mode);
	case 'c':
		return S_ISCHR(st.st_mode);
	case 'p':
		return S_ISFIFO(st.st_mode);
	case 'h':
	case 'L':
		return S_ISLNK(st.st_mode);
	case 's':
		return st.st_size > 0;
	case 'r':
		return access(path, R_OK) == 0;
	case 'w':
		return access(path, W_OK) == 0;
	case 'x':
		return access(path, X_OK) == 0;
	}
	return true;			/* e */
}

static long
number(struct cursor *c, const char *s)
{
	char *end;
	long n;

	errno = 0;
	n = strtol(s, &end, 10);
	if (end == s || *end || errno)
		c->error = "a number was expected";
	return n;
}

static bool
unary(struct cursor *c, char op, const char *arg)
{
	switch (op) {
	case 'n':
		return *arg;
	case 'z':
		return !*arg;
	case 't':
		return isatty((int)number(c, arg));
	}
	return file_test(op, arg);
}

static bool
compare(struct cursor *c, const char *left, const char *op, const char *right)
{
	static const char ops[][3] = { "eq", "ne", "lt", "le", "gt", "ge" };
	long a, b;
	int i;

	if (*op != '-')
		return (strcmp(left, right) == 0) == (*op == '=');
	for (i = 0; strcmp(ops[i], op + 1) != 0; i++)
		;
	a = number(c, left);
	b = number(c, right);
	switch (i) {
	case 0:
		return a == b;
	case 1:
		return a != b;
	case 2:
		return a < b;
	case 3:
		return a <= b;
	case 4:
		return a > b;
	default:
		return a >= b;
	}
}

static bool
is_one_of(const char *s, const char *const *words)
{
	for (; s && *words; words++)
		if (strcmp(s, *words) == 0)
			return true;
	return false;
}

static const char *const binary_ops[] = {
	"=", "==", "!=", "-eq", "-ne", "-lt", "-le", "-gt", "-ge", NULL,
};

static bool
is_unary(const char *s)
{
	return s[0] == '-' && s[1] && !s[2] && strchr("bcdefhLnprstwxz", s[1]);
}

static bool
primary(struct cursor *c)
{
	char **a = c->arg;
	bool r;

	if (!*a) {
		c->error = "a condition is missing";
		return false;
	}
	if (is_one_of(a[1], binary_ops) && a[2]) {
		c->arg += 3;
		return compare(c, a[0], a[1], a[2]);
	}
	if (is_unary(*a) && a[1]) {
		c->arg += 2;
		return unary(c, a[0][1], a[1]);
	}
	if (a[1] && accept(c, "(")) {
		r = expression(c);
		if (!accept(c, ")"))
			c->error = ") is missing";
		return r;
	}
	c->arg++;
	return **a;
}

static bool
negation(struct cursor *c)
{
	bool not = false;

	while (*c->arg && c->arg[1] && !is_one_of(c->arg[1], binary_ops) && accept(c, "!"))
		not = !not;
	return primary(c) != not;
}

static bool
conjunction(struct cursor *c)
{
	bool r = negation(c);

	while (accept(c, "-a"))
		r = negation(c) && r;
	return r;
}

static bool
expression(struct cursor *c)
{
	bool r;

	if (++c->depth > 50) {
		c->error = "too many parentheses";
		return false;
	}
	r = conjunction(c);
	while (accept(c, "-o"))
		r = conjunction(c) || r;
	c->depth--;
	return r;
}

int
builtin_test(int argc, char **argv)
{
	struct cursor c = { .arg = argv + 1 };
	bool r;

	if (strcmp(argv[0], "[") == 0) {
		if (strcmp(argv[argc - 1], "]") != 0) {
			complain("[: ] is missing");
			return 2;
		}
		argv[--argc] = NULL;
	}
	if (argc == 1)
		return 1;
	r = expression(&c);
	if (!c.error && *c.arg)
		c.error = "too many words";
	if (c.error) {
		complain("%s: %s", argv[0], c.error);
		return 2;
	}
	return !r;
}

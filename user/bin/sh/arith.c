/* $(( )): integers, as in C. XCU 2.6.4. */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sh.h"

static const char *p, *whole;	/* where we are, and all of it for messages */
static bool skip;		/* the value does not count: || && ?: decided so */
static int nesting;

static long	assignment(void);

static _Noreturn void
bad(const char *why)
{
	fail(2, "$((%s)): %s", whole, why);
}

static void
blanks(void)
{
	while (isspace((unsigned char)*p))
		p++;
}

/* Takes the operator OP unless what follows makes it another one. */
static bool
accept(const char *op)
{
	size_t n = strlen(op);

	blanks();
	if (strncmp(p, op, n) != 0)
		return false;
	if (n == 1 && strchr("<>&|=", *op) && p[1] == *op)
		return false;
	if (strchr("<>+-*/%&|^!=", op[n - 1]) && p[n] == '=' && strcmp(op, "!") != 0 && n < 3 &&
	    op[n - 1] != '=')
		return false;
	p += n;
	return true;
}

static long
variable(const char *name)
{
	const char *value = var_get(name);
	char *end;
	long n;

	if (!value || !*value)
		return 0;
	errno = 0;
	n = strtol(value, &end, 0);
	if (*end || errno)
		fail(2, "$((%s)): %s is \"%s\", not a number", whole, name, value);
	return n;
}

static char *
name_at(void)
{
	const char *s;
	size_t n = 0;

	blanks();
	s = p;
	while (isalnum((unsigned char)s[n]) || s[n] == '_')
		n++;
	return is_name(s, n) ? arena_strdup(&temp, s, n) : NULL;
}

static long
primary(void)
{
	char *name, *end;
	long n;

	if (accept("(")) {
		if (++nesting > 50)
			bad("too many parentheses");
		n = assignment();
		nesting--;
		if (!accept(")"))
			bad(") is missing");
		return n;
	}
	name = name_at();
	if (name) {
		p += strlen(name);
		return skip ? 0 : variable(name);
	}
	if (!isdigit((unsigned char)*p))
		bad(*p ? "a number was expected" : "it ends too early");
	errno = 0;
	n = strtol(p, &end, 0);
	if (errno || isalnum((unsigned char)*end))
		bad("not a number");
	p = end;
	return n;
}

static long
unary(void)
{
	if (accept("-"))
		return (long)-(unsigned long)unary();
	if (accept("+"))
		return unary();
	if (accept("!"))
		return !unary();
	if (accept("~"))
		return ~unary();
	return primary();
}

static long
divide(long a, long b, char op)
{
	if (!b) {
		if (skip)
			return 0;
		bad("division by zero");
	}
	if (b == -1)		/* LONG_MIN / -1 */
		return op == '/' ? (long)-(unsigned long)a : 0;
	return op == '/' ? a / b : a % b;
}

/* Arithmetic wraps round, without the overflow that C leaves undefined. */
static long
apply(const char *op, long a, long b)
{
	unsigned long x = (unsigned long)a, y = (unsigned long)b;
	unsigned shift = y % (sizeof(long) * 8);

	switch (*op) {
	case '*':
		return (long)(x * y);
	case '/':
	case '%':
		return divide(a, b, *op);
	case '+':
		return (long)(x + y);
	case '-':
		return (long)(x - y);
	case '<':
		return op[1] == '<' ? (long)(x << shift) : op[1] ? a <= b : a < b;
	case '>':
		return op[1] == '>' ? a >> shift : op[1] ? a >= b : a > b;
	case '=':
		return a == b;
	case '!':
		return a != b;
	case '&':
		return a & b;
	case '^':
		return a ^ b;
	default:
		return a | b;
	}
}

/* Operators by level, the loosest first; each level's longest first. */
static const char levels[][5][3] = {
	{ "|" }, { "^" }, { "&" }, { "==", "!=" }, { "<=", ">=", "<", ">" },
	{ "<<", ">>" }, { "+", "-" }, { "*", "/", "%" },
};
#define LEVELS	(sizeof(levels) / sizeof(levels[0]))

static long
binary(size_t level)
{
	long n;

	if (level == LEVELS)
		return unary();
	n = binary(level + 1);
	for (size_t i = 0; i < 5 && levels[level][i][0];) {
		if (accept(levels[level][i])) {
			n = apply(levels[level][i], n, binary(level + 1));
			i = 0;
		} else {
			i++;
		}
	}
	return n;
}

/* The right side of an operator that may not need it. */
static long
maybe(bool needed, long (*parse)(void))
{
	bool before = skip;
	long n;

	skip = skip || !needed;
	n = parse();
	skip = before;
	return n;
}

static long
bit_or(void)
{
	return binary(0);
}

static long
logical_and(void)
{
	long n = bit_or();

	while (accept("&&"))
		n = (maybe(n, bit_or) && n) != 0;
	return n;
}

static long
logical_or(void)
{
	long n = logical_and();

	while (accept("||"))
		n = (maybe(!n, logical_and) || n) != 0;
	return n;
}

static long
conditional(void)
{
	long c = logical_or(), a, b;

	if (!accept("?"))
		return c;
	a = maybe(c, assignment);
	if (!accept(":"))
		bad(": is missing");
	b = maybe(!c, assignment);
	return c ? a : b;
}

static long
assignment(void)
{
	static const char ops[][4] = {
		"=", "+=", "-=", "*=", "/=", "%=", "<<=", ">>=", "&=", "^=", "|=",
	};
	const char *start = p;
	char *name = name_at();
	long n;

	if (name) {
		p += strlen(name);
		for (size_t i = 0; i < sizeof(ops) / sizeof(ops[0]); i++) {
			if (!accept(ops[i]))
				continue;
			n = assignment();
			if (i)
				n = apply(ops[i], skip ? 0 : variable(name), n);
			if (!skip)
				var_set_int(name, n);
			return n;
		}
		p = start;
	}
	return conditional();
}

long
arith(const char *expr)
{
	long n;

	p = whole = expr;
	skip = false;
	nesting = 0;
	blanks();
	if (!*p)
		return 0;
	n = assignment();
	blanks();
	if (*p)
		bad("not understood behind a number");
	return n;
}

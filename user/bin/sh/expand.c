/*
 * Words to arguments: ~, $, `..`, $((..)), splitting, patterns, quotes.
 *
 * While a word is expanded each of its characters has a kind beside it, which
 * says what may still happen to it.
 */
#include <ctype.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sh.h"

enum kind {
	LITERAL,	/* written there: may be part of a pattern, separates nothing */
	QUOTED,		/* means itself */
	VALUE,		/* of an unquoted expansion: blanks in it separate fields */
	BREAK,		/* the border between two fields of "$@"; no character */
};

struct expansion {
	struct str text, kinds;
	bool quotes;		/* there were some: an empty field counts */
	bool empty_at;		/* "$@" was nothing: it does not */
	bool dquote;		/* we are between double quotes */
	bool heredoc;		/* ... that are not written: " is a character */
};

static void	expand_text(struct expansion *x, const char *s, const char *end);

static void
add(struct expansion *x, char c, enum kind kind)
{
	str_add(&x->text, c);
	str_add(&x->kinds, (char)kind);
}

static void
add_value(struct expansion *x, const char *s)
{
	for (; *s; s++)
		add(x, *s, x->dquote ? QUOTED : VALUE);
}

/* ---- parameters ---- */

static void
add_params(struct expansion *x, bool separate)
{
	for (int i = 0; i < sh.nparams; i++) {
		if (i)
			add(x, ' ', separate ? BREAK : x->dquote ? QUOTED : VALUE);
		add_value(x, sh.params[i]);
	}
	if (!sh.nparams && separate)
		x->empty_at = true;
}

/* A special parameter: $? and so on. NULL: not one, or not set. */
static const char *
special_param(char c)
{
	char text[24];

	switch (c) {
	case '?':
		snprintf(text, sizeof(text), "%d", sh.status);
		break;
	case '$':
		snprintf(text, sizeof(text), "%d", (int)sh.pid);
		break;
	case '#':
		snprintf(text, sizeof(text), "%d", sh.nparams);
		break;
	case '!':
		if (!sh.last_background)
			return NULL;
		snprintf(text, sizeof(text), "%d", (int)sh.last_background);
		break;
	case '-':
		snprintf(text, sizeof(text), "%s%s%s%s", sh.errexit ? "e" : "",
		    sh.interactive ? "i" : "", sh.nounset ? "u" : "", sh.xtrace ? "x" : "");
		break;
	default:
		return NULL;
	}
	return arena_strdup(&temp, text, strlen(text));
}

/* $*: with the first character of IFS between. */
static const char *
join_params(void)
{
	const char *ifs = var_get("IFS");
	struct str s;

	str_init(&s, &temp);
	for (int i = 0; i < sh.nparams; i++) {
		if (i && (!ifs || *ifs))
			str_add(&s, ifs ? *ifs : ' ');
		str_cat(&s, sh.params[i], strlen(sh.params[i]));
	}
	return s.s;
}

static const char *
param_value(const char *name, size_t n)
{
	long i;

	if (isdigit((unsigned char)*name)) {
		i = strtol(name, NULL, 10);
		return i == 0 ? sh.name : i <= sh.nparams ? sh.params[i - 1] : NULL;
	}
	if (*name == '@' || *name == '*')
		return sh.nparams ? join_params() : NULL;
	if (!isalpha((unsigned char)*name) && *name != '_')
		return special_param(*name);
	return var_get(arena_strdup(&temp, name, n));
}

/* How long the parameter's name at S is; 0: none. Braced, $10 is one. */
static size_t
name_length(const char *s, bool braced)
{
	size_t n = 0;

	if (isdigit((unsigned char)*s)) {
		do
			n++;
		while (braced && isdigit((unsigned char)s[n]));
		return n;
	}
	while (isalnum((unsigned char)s[n]) || s[n] == '_')
		n++;
	if (!n && *s && strchr("?$#!-@*", *s))
		return 1;
	return n;
}

static void
check_set(const char *name, size_t n, const char *value)
{
	if (!value && sh.nounset && *name != '@' && *name != '*')
		fail(1, "%.*s: not set", (int)n, name);
}

static void
add_param(struct expansion *x, const char *name, size_t n)
{
	const char *value;

	if (*name == '@' && x->dquote && !x->heredoc) {
		add_params(x, true);
		return;
	}
	value = param_value(name, n);
	check_set(name, n, value);
	add_value(x, value ? value : "");
}

/* ---- ${name...} ---- */

/* VALUE without the shortest or longest part at the front or end that matches PATTERN. */
static const char *
strip(const char *value, const char *pattern, bool front, bool longest)
{
	size_t n = strlen(value);

	for (size_t k = 0; k <= n; k++) {
		size_t len = longest ? n - k : k;	/* of the part */
		const char *part = front ? arena_strdup(&temp, value, len) : value + n - len;

		if (fnmatch(pattern, part, 0) == 0)
			return front ? value + len : arena_strdup(&temp, value, n - len);
	}
	return value;
}

/* ${name OP word}: OP is - = ? +, COLON: an empty value counts as not set. */
static void
add_conditional(struct expansion *x, const char *name, size_t n, bool colon, char op,
    const char *word, const char *end)
{
	const char *value = param_value(name, n);
	bool set = value && !(colon && !*value);
	char *text;

	switch (op) {
	case '+':
		if (set)
			expand_text(x, word, end);
		return;
	case '-':
		if (!set)
			expand_text(x, word, end);
		else
			add_param(x, name, n);
		return;
	}
	if (!set) {
		text = expand_single(arena_strdup(&temp, word, (size_t)(end - word)));
		if (op == '?')
			fail(1, "%.*s: %s", (int)n, name, *text ? text : "not set");
		if (!is_name(name, n))
			fail(1, "%.*s: cannot be set this way", (int)n, name);
		var_set(arena_strdup(&temp, name, n), text);
		value = text;
	}
	add_value(x, value);
}

static void
add_length(struct expansion *x, const char *name, size_t n)
{
	const char *value = param_value(name, n);
	char text[24];

	check_set(name, n, value);
	snprintf(text, sizeof(text), "%zu", value ? strlen(value) : 0);
	add_value(x, text);
}

/* What is between ${ and }. */
static void
expand_braces(struct expansion *x, const char *s, const char *end)
{
	bool length = *s == '#' && end - s > 1 && !strchr("-=?+:%#", s[1]);
	const char *name = s + length, *op;
	size_t n = name_length(name, true);
	bool colon;

	op = name + n;
	if (!n || op > end || (length && op != end))
		fail(1, "${%.*s}: bad substitution", (int)(end - s), s);
	if (length) {
		add_length(x, name, n);
		return;
	}
	if (op == end) {
		add_param(x, name, n);
		return;
	}
	colon = *op == ':';
	op += colon;
	if (*op && strchr("-=?+", *op)) {
		add_conditional(x, name, n, colon, *op, op + 1, end);
	} else if ((*op == '%' || *op == '#') && !colon) {
		bool twice = op[1] == *op;
		const char *word = op + 1 + twice, *value = param_value(name, n);

		check_set(name, n, value);
		word = expand_pattern(arena_strdup(&temp, word, (size_t)(end - word)));
		add_value(x, strip(value ? value : "", word, *op == '#', twice));
	} else {
		fail(1, "${%.*s}: bad substitution", (int)(end - s), s);
	}
}

/* ---- commands and arithmetic ---- */

/* Runs TEXT in a child and returns what it prints, without newlines at the end. */
static char *
command_output(const char *text)
{
	struct str out;
	char buf[256];
	ssize_t n;
	pid_t pid;
	int fd[2];

	if (pipe(fd) < 0)
		fail(1, "cannot make a pipe");
	pid = job_fork(true);
	if (pid < 0) {
		close(fd[0]);
		close(fd[1]);
		give_up(1);
	}
	if (pid == 0) {
		close(fd[0]);
		if (fd[1] != 1) {
			dup2(fd[1], 1);
			close(fd[1]);
		}
		run_text(text, EXEC_LAST);
		shell_exit(sh.status);
	}
	close(fd[1]);
	str_init(&out, &temp);
	while ((n = read(fd[0], buf, sizeof(buf))) > 0)
		str_cat(&out, buf, (size_t)n);
	close(fd[0]);
	sh.status = job_wait(pid);
	sh.substituted = true;
	while (out.n && out.s[out.n - 1] == '\n')
		out.s[--out.n] = '\0';
	return out.s;
}

/* In `..` a backslash before $ ` \ goes away. */
static char *
unescape_backquoted(const char *s, const char *end)
{
	struct str out;

	str_init(&out, &temp);
	for (; s < end; s++) {
		if (*s == '\\' && s + 1 < end && strchr("$`\\", s[1]))
			s++;
		str_add(&out, *s);
	}
	return out.s;
}

static void
add_arith(struct expansion *x, const char *s, const char *end)
{
	char text[24];

	snprintf(text, sizeof(text), "%ld",
	    arith(expand_heredoc(arena_strdup(&temp, s, (size_t)(end - s)))));
	add_value(x, text);
}

/* ---- a whole word ---- */

/* At a '$' or '`': expands it and returns what is behind it. */
static const char *
expand_dollar(struct expansion *x, const char *s)
{
	const char *end = skip_quoted(s);
	size_t n;

	if (!end)
		fail(2, "%s: no end", s);
	if (*s == '`') {
		add_value(x, command_output(unescape_backquoted(s + 1, end - 1)));
	} else if (s[1] == '(' && s[2] == '(' && end[-2] == ')') {
		add_arith(x, s + 3, end - 2);
	} else if (s[1] == '(') {
		add_value(x, command_output(arena_strdup(&temp, s + 2, (size_t)(end - s - 3))));
	} else if (s[1] == '{') {
		expand_braces(x, s + 2, end - 1);
	} else {
		n = name_length(s + 1, false);
		if (n)
			add_param(x, s + 1, n);
		else
			add(x, '$', x->dquote ? QUOTED : LITERAL);
		return s + 1 + n;
	}
	return end;
}

static const char *
expand_backslash(struct expansion *x, const char *s, const char *end)
{
	if (s + 1 >= end) {
		add(x, '\\', QUOTED);
		return s + 1;
	}
	if (x->dquote && !strchr(x->heredoc ? "$`\\\n" : "$`\"\\\n", s[1]))
		add(x, '\\', QUOTED);
	if (s[1] != '\n')
		add(x, s[1], QUOTED);
	return s + 2;
}

static const char *
expand_single_quotes(struct expansion *x, const char *s, const char *end)
{
	x->quotes = true;
	for (s++; s < end && *s != '\''; s++)
		add(x, *s, QUOTED);
	return s < end ? s + 1 : s;
}

static void
expand_text(struct expansion *x, const char *s, const char *end)
{
	while (s < end) {
		if (*s == '\\') {
			s = expand_backslash(x, s, end);
		} else if (*s == '\'' && !x->dquote) {
			s = expand_single_quotes(x, s, end);
		} else if (*s == '"' && !x->heredoc) {
			x->dquote = !x->dquote;
			x->quotes = true;
			s++;
		} else if (*s == '$' || *s == '`') {
			s = expand_dollar(x, s);
		} else {
			add(x, *s++, x->dquote ? QUOTED : LITERAL);
		}
	}
}

/* ~ or ~/... at the beginning, also of an assignment's value. */
static const char *
expand_tilde(struct expansion *x, const char *s)
{
	const char *home;

	if (*s != '~' || (s[1] && s[1] != '/'))
		return s;
	home = var_get("HOME");
	if (!home)
		return s;
	for (; *home; home++)
		add(x, *home, QUOTED);
	if (s[1] == '/' && x->text.n && x->text.s[x->text.n - 1] == '/')
		return s + 2;
	return s + 1;
}

static void
expand(struct expansion *x, const char *raw)
{
	*x = (struct expansion){ 0 };
	str_init(&x->text, &temp);
	str_init(&x->kinds, &temp);
	raw = expand_tilde(x, raw);
	expand_text(x, raw, raw + strlen(raw));
}

/* ---- to fields ---- */

void
args_add(struct args *a, char *s)
{
	if ((a->n & (a->n + 1)) == 0) {		/* 0, 1, 3, 7 ...: full */
		char **bigger = arena_alloc(&temp, ((size_t)a->n * 2 + 2) * sizeof(*bigger));

		if (a->n)
			memcpy(bigger, a->v, (size_t)a->n * sizeof(*bigger));
		a->v = bigger;
	}
	a->v[a->n++] = s;
	a->v[a->n] = NULL;
}

/* Characters [from, to) as a pattern, in which quoted ones mean themselves. *MAGIC: it is one. */
static char *
field_pattern(struct expansion *x, size_t from, size_t to, bool *magic)
{
	struct str p;

	str_init(&p, &temp);
	*magic = false;
	for (size_t i = from; i < to; i++) {
		char c = x->text.s[i];

		if (strchr("*?[", c)) {
			if (x->kinds.s[i] != QUOTED)	/* the command [ is no pattern */
				*magic |= c != '[' || memchr(x->text.s + i, ']', to - i);
			else
				str_add(&p, '\\');
		} else if (c == '\\' || (strchr("]!-^", c) && x->kinds.s[i] == QUOTED)) {
			str_add(&p, '\\');
		}
		str_add(&p, c);
	}
	return p.s;
}

static void
add_field(struct args *a, struct expansion *x, size_t from, size_t to)
{
	bool magic;
	char *pattern = field_pattern(x, from, to, &magic);

	if (!magic || !glob_add(a, pattern))
		args_add(a, arena_strdup(&temp, x->text.s + from, to - from));
}

static bool
is_separator(struct expansion *x, size_t i, const char *ifs)
{
	return x->kinds.s[i] == BREAK || (x->kinds.s[i] == VALUE && strchr(ifs, x->text.s[i]));
}

/*
 * Blanks of IFS in a row are one border and none at the ends; any other
 * character of IFS, or a border of "$@", ends a field even if it is empty.
 */
static void
split(struct args *a, struct expansion *x)
{
	const char *ifs = var_get("IFS");
	size_t from = 0, n = x->text.n;
	bool pending = false;		/* a field has begun at `from`, even if it is empty */

	if (!ifs)
		ifs = " \t\n";
	for (size_t i = 0; i < n; i++) {
		bool blank;

		if (!is_separator(x, i, ifs)) {
			pending = true;
			continue;
		}
		blank = x->kinds.s[i] == VALUE && isspace((unsigned char)x->text.s[i]);
		if (pending || !blank)
			add_field(a, x, from, i);
		from = i + 1;
		pending = x->kinds.s[i] == BREAK;
	}
	if (pending || (n == 0 && x->quotes && !x->empty_at))
		add_field(a, x, from, n);
}

struct args
expand_words(struct word *w)
{
	struct args a = { .v = arena_alloc(&temp, sizeof(char *)) };

	for (; w; w = w->next) {
		struct expansion x;

		expand(&x, w->text);
		split(&a, &x);
	}
	return a;
}

char *
expand_single(const char *raw)
{
	struct expansion x;

	expand(&x, raw);
	return x.text.s;
}

char *
expand_pattern(const char *raw)
{
	struct expansion x;
	bool magic;

	expand(&x, raw);
	return field_pattern(&x, 0, x.text.n, &magic);
}

char *
expand_heredoc(const char *raw)
{
	struct expansion x = { .dquote = true, .heredoc = true };

	str_init(&x.text, &temp);
	str_init(&x.kinds, &temp);
	expand_text(&x, raw, raw + strlen(raw));
	return x.text.s;
}

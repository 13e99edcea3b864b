/* Tokens. Words keep their quotes; expand.c takes them off. */
#include <ctype.h>
#include <string.h>

#include "sh.h"

struct lexer lex;

bool
is_name(const char *s, size_t n)
{
	if (!n || isdigit((unsigned char)*s))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!isalnum((unsigned char)s[i]) && s[i] != '_')
			return false;
	return true;
}

/* Behind the CLOSE that ends what S is in, else NULL. In $( ) all parentheses must match. */
static const char *
skip_to(const char *s, char close)
{
	for (; *s && *s != close; s++) {
		if (*s == '\\' && s[1]) {
			s++;
		} else if (*s == '(' && close == ')') {
			s = skip_to(s + 1, ')');
			if (!s)
				return NULL;
			s--;
		} else if (*s == '\'' || *s == '"' || *s == '`' || *s == '$') {
			if ((close == '"' && (*s == '\'' || *s == '"')) || close == '`')
				continue;
			s = skip_quoted(s);
			if (!s)
				return NULL;
			s--;
		}
	}
	return *s ? s + 1 : NULL;
}

const char *
skip_quoted(const char *s)
{
	switch (*s) {
	case '\'':
		s = strchr(s + 1, '\'');
		return s ? s + 1 : NULL;
	case '"':
	case '`':
		return skip_to(s + 1, *s);
	case '$':
		if (s[1] == '(')
			return skip_to(s + 2, ')');
		if (s[1] == '{')
			return skip_to(s + 2, '}');
	}
	return s + 1;
}

/* ---- gathering a word ---- */

static int
must_get(int line, char close)
{
	int c = input_get();

	if (c < 0) {
		sh.line = line;
		fail(2, "the %c that began here has no end", close);
	}
	return c;
}

static void	gather_nested(struct str *s, char open);

/* Everything up to CLOSE, which is included; what nests in it as well. */
static void
gather_until(struct str *s, char close)
{
	int line = source->line, c;

	prompt_now = var_get("PS2");
	while ((c = must_get(line, close)) != close) {
		str_add(s, (char)c);
		if (c == '\\' && close != '\'')
			str_add(s, (char)must_get(line, close));
		else if (close == '\'' || close == '`')
			continue;
		else if (c == '(' && close == ')')
			gather_until(s, ')');
		else if (c == '`' || c == '$' || (close != '"' && (c == '"' || c == '\'')))
			gather_nested(s, (char)c);
	}
	str_add(s, close);
}

/* OPEN has been added to S: the rest of what it begins. */
static void
gather_nested(struct str *s, char open)
{
	int c;

	if (open != '$') {
		gather_until(s, open);
		return;
	}
	c = input_get();
	if (c == '(' || c == '{') {
		str_add(s, (char)c);
		gather_until(s, c == '(' ? ')' : '}');
	} else if (c >= 0) {
		input_unget();
	}
}

static bool
ends_word(int c)
{
	return c < 0 || strchr(" \t\n;&|<>()", c);
}

static void
gather_word(int c)
{
	struct str s;

	str_init(&s, lex.arena);
	for (; !ends_word(c); c = input_get()) {
		if (c == '\\') {
			c = input_get();
			if (c == '\n') {
				prompt_now = var_get("PS2");
				continue;
			}
			str_add(&s, '\\');
			if (c < 0)
				break;
			str_add(&s, (char)c);
			continue;
		}
		str_add(&s, (char)c);
		if (strchr("'\"`$", c))
			gather_nested(&s, (char)c);
	}
	if (c >= 0)
		input_unget();
	lex.text = s.s;
	lex.tok = T_WORD;
	if ((c == '<' || c == '>') && s.n == strspn(s.s, "0123456789") && s.n)
		lex.tok = T_IO_NUMBER;
	else if (!s.n)
		lex_next();		/* nothing but escaped newlines */
}

/* ---- here-documents ---- */

/* A line of input without its newline; NULL at the end. */
static char *
read_line(void)
{
	struct str s;
	int c = input_get();

	if (c < 0)
		return NULL;
	str_init(&s, lex.arena);
	for (; c >= 0 && c != '\n'; c = input_get())
		str_add(&s, (char)c);
	return s.s;
}

static void
read_heredoc(struct redirect *r)
{
	const char *delimiter = r->word;
	struct str body;
	char *line;

	str_init(&body, lex.arena);
	prompt_now = var_get("PS2");
	while ((line = read_line())) {
		if (r->op == T_DLESSDASH)
			line += strspn(line, "\t");
		if (strcmp(line, delimiter) == 0)
			break;
		str_cat(&body, line, strlen(line));
		str_add(&body, '\n');
	}
	r->body = body.s;
}

static void
read_heredocs(void)
{
	for (; lex.heredocs; lex.heredocs = lex.heredocs->next_heredoc)
		read_heredoc(lex.heredocs);
}

/* ---- tokens ---- */

static const struct {
	char text[4];
	enum token tok;
} operators[] = {		/* longer ones first */
	{ "<<-", T_DLESSDASH }, { "<<", T_DLESS }, { "<&", T_LESSAND }, { "<>", T_LESSGREAT },
	{ ">>", T_DGREAT }, { ">&", T_GREATAND }, { ">|", T_CLOBBER }, { "&&", T_AND },
	{ "||", T_OR }, { ";;", T_DSEMI }, { "<", T_LESS }, { ">", T_GREAT }, { "&", T_AMP },
	{ "|", T_PIPE }, { ";", T_SEMI }, { "(", T_LPAREN }, { ")", T_RPAREN },
};
#define NOPERATORS	(sizeof(operators) / sizeof(operators[0]))

/* Is TEXT of N bytes the beginning of an operator? Sets *TOK when it is a whole one. */
static bool
operator_prefix(const char *text, size_t n, enum token *tok)
{
	bool prefix = false;

	for (size_t i = 0; i < NOPERATORS; i++) {
		if (strncmp(operators[i].text, text, n) != 0)
			continue;
		prefix = true;
		if (!operators[i].text[n])
			*tok = operators[i].tok;
	}
	return prefix;
}

static void
gather_operator(int c)
{
	char text[4] = { (char)c };

	operator_prefix(text, 1, &lex.tok);
	for (size_t n = 1; n < 3; n++) {
		c = input_get();
		if (c < 0)
			return;
		text[n] = (char)c;
		if (!operator_prefix(text, n + 1, &lex.tok)) {
			input_unget();
			return;
		}
	}
}

static int
skip_blanks(void)
{
	int c;

	for (;;) {
		c = input_get();
		if (c == '#') {
			while (c >= 0 && c != '\n')
				c = input_get();
			return c;
		}
		if (c == '\\') {
			c = input_get();
			if (c == '\n') {
				prompt_now = var_get("PS2");
				continue;
			}
			if (c >= 0)
				input_unget();
			return '\\';
		}
		if (c != ' ' && c != '\t' && c != '\r')
			return c;
	}
}

void
lex_next(void)
{
	int c = skip_blanks();

	lex.text = NULL;
	lex.line = source->line;
	if (c < 0) {
		lex.tok = T_EOF;
		read_heredocs();
	} else if (c == '\n') {
		lex.line--;
		lex.tok = T_NEWLINE;
		read_heredocs();
		prompt_now = var_get("PS2");
	} else if (ends_word(c)) {
		gather_operator(c);
	} else {
		gather_word(c);
	}
}

const char *
lex_describe(void)
{
	switch (lex.tok) {
	case T_EOF:
		return "the end of input";
	case T_NEWLINE:
		return "the end of the line";
	case T_WORD:
	case T_IO_NUMBER:
		return lex.text;
	default:
		for (size_t i = 0; i < NOPERATORS; i++)
			if (operators[i].tok == lex.tok)
				return operators[i].text;
		return "?";
	}
}

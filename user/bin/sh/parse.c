/* Commands: recursive descent over the grammar of XCU 2.10. */
#include <string.h>

#include "sh.h"

#define MAX_DEPTH	60		/* of commands in commands */

static unsigned depth;

static struct node *parse_list(void);
static struct node *parse_command(void);

static _Noreturn void
syntax_error(const char *wanted)
{
	sh.line = lex.line;
	if (wanted)
		fail(2, "syntax error: %s where %s should be", lex_describe(), wanted);
	fail(2, "syntax error: unexpected %s", lex_describe());
}

static struct node *
node_new(enum node_type type)
{
	struct node *n = arena_alloc(lex.arena, sizeof(*n));

	n->type = type;
	n->line = lex.line;
	return n;
}

/* ---- small pieces ---- */

static bool
at_word(const char *word)
{
	return lex.tok == T_WORD && strcmp(lex.text, word) == 0;
}

static bool
accept_word(const char *word)
{
	if (!at_word(word))
		return false;
	lex_next();
	return true;
}

static void
expect_word(const char *word)
{
	if (!accept_word(word))
		syntax_error(word);
}

static void
skip_newlines(void)
{
	while (lex.tok == T_NEWLINE)
		lex_next();
}

static void
add_word(struct word ***end)
{
	struct word *w = arena_alloc(lex.arena, sizeof(*w));

	w->text = lex.text;
	**end = w;
	*end = &w->next;
	lex_next();
}

/* Words that end a list when they stand where a command could. */
static bool
ends_list(void)
{
	static const char words[][6] = { "then", "else", "elif", "fi", "do", "done", "esac", "}" };

	if (lex.tok == T_EOF || lex.tok == T_RPAREN || lex.tok == T_DSEMI)
		return true;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (at_word(words[i]))
			return true;
	return false;
}

/* ---- redirections ---- */

static bool
at_redirect(void)
{
	return lex.tok == T_IO_NUMBER || (lex.tok >= T_LESS && lex.tok <= T_CLOBBER);
}

/* The delimiter as it must stand on a line of its own; quotes in it make the text literal. */
static void
heredoc_begin(struct redirect *r)
{
	struct redirect **end = &lex.heredocs;

	r->literal = strpbrk(r->word, "'\"\\");
	if (r->literal) {
		char *to = r->word;

		for (const char *s = r->word; *s; s++)
			if (!strchr("'\"\\", *s))
				*to++ = *s;
		*to = '\0';
	}
	while (*end)
		end = &(*end)->next_heredoc;
	*end = r;
}

static struct redirect *
parse_redirect(void)
{
	struct redirect *r = arena_alloc(lex.arena, sizeof(*r));

	r->fd = -1;
	if (lex.tok == T_IO_NUMBER) {
		r->fd = 0;
		for (const char *s = lex.text; *s; s++)
			r->fd = r->fd < 10000 ? r->fd * 10 + (*s - '0') : r->fd;
		lex_next();
	}
	r->op = lex.tok;
	if (r->fd < 0)
		r->fd = r->op == T_GREAT || r->op == T_DGREAT || r->op == T_GREATAND ||
		    r->op == T_CLOBBER;
	lex_next();
	if (lex.tok != T_WORD)
		syntax_error("a file name");
	r->word = lex.text;
	if (r->op == T_DLESS || r->op == T_DLESSDASH)
		heredoc_begin(r);
	lex_next();
	return r;
}

static void
parse_redirects(struct redirect ***end)
{
	while (at_redirect()) {
		**end = parse_redirect();
		*end = &(**end)->next;
	}
}

/* ---- compound commands ---- */

static struct node *
parse_do(void)
{
	struct node *body;

	expect_word("do");
	body = parse_list();
	expect_word("done");
	return body;
}

/* Behind `if` or `elif`. */
static struct node *
parse_if(void)
{
	struct node *n = node_new(N_IF);

	n->a = parse_list();
	expect_word("then");
	n->b = parse_list();
	if (accept_word("elif")) {
		n->c = parse_if();
		return n;
	}
	if (accept_word("else"))
		n->c = parse_list();
	expect_word("fi");
	return n;
}

static struct node *
parse_while(enum node_type type)
{
	struct node *n = node_new(type);

	n->a = parse_list();
	n->b = parse_do();
	return n;
}

static struct node *
parse_for(void)
{
	struct node *n = node_new(N_FOR);
	struct word **end = &n->words;

	if (lex.tok != T_WORD || !is_name(lex.text, strlen(lex.text)))
		syntax_error("a variable's name");
	n->name = lex.text;
	lex_next();
	skip_newlines();
	if (accept_word("in")) {
		n->has_words = true;
		while (lex.tok == T_WORD)
			add_word(&end);
	}
	if (lex.tok == T_SEMI)
		lex_next();
	skip_newlines();
	n->a = parse_do();
	return n;
}

static struct case_item *
parse_case_item(void)
{
	struct case_item *item = arena_alloc(lex.arena, sizeof(*item));
	struct word **end = &item->patterns;

	if (lex.tok == T_LPAREN)
		lex_next();
	for (;;) {
		if (lex.tok != T_WORD)
			syntax_error("a pattern");
		add_word(&end);
		if (lex.tok != T_PIPE)
			break;
		lex_next();
	}
	if (lex.tok != T_RPAREN)
		syntax_error(")");
	lex_next();
	skip_newlines();
	if (!ends_list())
		item->body = parse_list();
	if (lex.tok == T_DSEMI)
		lex_next();
	else if (!at_word("esac"))
		syntax_error(";;");
	skip_newlines();
	return item;
}

static struct node *
parse_case(void)
{
	struct node *n = node_new(N_CASE);
	struct case_item **end = &n->items;

	if (lex.tok != T_WORD)
		syntax_error("a word");
	n->name = lex.text;
	lex_next();
	skip_newlines();
	expect_word("in");
	skip_newlines();
	while (!accept_word("esac")) {
		*end = parse_case_item();
		end = &(*end)->next;
	}
	return n;
}

static struct node *
parse_group(enum node_type type)
{
	struct node *n = node_new(type);

	lex_next();
	n->a = parse_list();
	if (type == N_GROUP) {
		expect_word("}");
	} else {
		if (lex.tok != T_RPAREN)
			syntax_error(")");
		lex_next();
	}
	return n;
}

/* NULL: no compound command begins here. */
static struct node *
parse_compound(void)
{
	if (lex.tok == T_LPAREN)
		return parse_group(N_SUBSHELL);
	if (at_word("{"))
		return parse_group(N_GROUP);
	if (accept_word("if"))
		return parse_if();
	if (accept_word("while"))
		return parse_while(N_WHILE);
	if (accept_word("until"))
		return parse_while(N_UNTIL);
	if (accept_word("for"))
		return parse_for();
	if (accept_word("case"))
		return parse_case();
	return NULL;
}

/* ---- simple commands, functions ---- */

/* Behind `NAME (`. */
static struct node *
parse_function(struct node *n)
{
	const char *name = n->words->text;

	n->type = N_FUNCTION;
	n->name = n->words->text;
	if (!is_name(name, strlen(name)))
		fail(2, "syntax error: %s is no name for a function", name);
	lex_next();
	if (lex.tok != T_RPAREN)
		syntax_error(")");
	lex_next();
	skip_newlines();
	n->a = parse_command();
	return n;
}

static struct node *
parse_simple(void)
{
	struct node *n = node_new(N_SIMPLE);
	struct word **words = &n->words, **assigns = &n->assigns;
	struct redirect **redirects = &n->redirects;

	for (;;) {
		parse_redirects(&redirects);
		if (lex.tok == T_LPAREN && n->words && !n->words->next && !n->assigns &&
		    !n->redirects)
			return parse_function(n);
		if (lex.tok != T_WORD)
			break;
		add_word(!n->words && is_assignment(lex.text) ? &assigns : &words);
	}
	if (!n->words && !n->assigns && !n->redirects)
		syntax_error(NULL);
	return n;
}

static struct node *
parse_command(void)
{
	struct redirect **end;
	struct node *n;

	if (++depth > MAX_DEPTH)
		fail(2, "too many commands in commands");
	n = parse_compound();
	if (n) {
		end = &n->redirects;
		parse_redirects(&end);
	} else {
		if (ends_list())
			syntax_error(NULL);
		n = parse_simple();
	}
	depth--;
	return n;
}

/* ---- pipes and lists ---- */

static struct node *
join(enum node_type type, struct node *a, struct node *b)
{
	struct node *n = node_new(type);

	n->line = a->line;
	n->a = a;
	n->b = b;
	return n;
}

static struct node *
parse_pipe(void)
{
	bool not = accept_word("!");
	struct node *n = parse_command(), **last = &n;

	while (lex.tok == T_PIPE) {
		lex_next();
		skip_newlines();
		*last = join(N_PIPE, *last, parse_command());
		last = &(*last)->b;
	}
	return not ? join(N_NOT, n, NULL) : n;
}

static struct node *
parse_and_or(void)
{
	struct node *n = parse_pipe();

	while (lex.tok == T_AND || lex.tok == T_OR) {
		enum node_type type = lex.tok == T_AND ? N_AND : N_OR;

		lex_next();
		skip_newlines();
		n = join(type, n, parse_pipe());
	}
	return n;
}

/* An and-or list and the ; or & behind it. *MORE: something may follow on this line. */
static struct node *
parse_item(bool *more)
{
	struct node *n = parse_and_or();

	*more = lex.tok == T_SEMI || lex.tok == T_AMP;
	if (lex.tok == T_AMP)
		n = join(N_BACKGROUND, n, NULL);
	if (*more)
		lex_next();
	return n;
}

/* Commands up to a word or token that ends a list; at least one. */
static struct node *
parse_list(void)
{
	struct node *n, **last = &n;
	bool more;

	skip_newlines();
	for (;;) {
		*last = parse_item(&more);
		if (lex.tok == T_NEWLINE) {
			more = true;
			skip_newlines();
		}
		if (!more || ends_list())
			return n;
		*last = join(N_SEQUENCE, *last, NULL);
		last = &(*last)->b;
	}
}

struct node *
parse_command_line(struct arena *a, bool *eof)
{
	struct node *n = NULL, **last = &n;
	bool more = true;

	lex = (struct lexer){ .arena = a };
	depth = 0;
	prompt_now = var_get("PS1");
	lex_next();
	*eof = lex.tok == T_EOF;
	while (more && lex.tok != T_NEWLINE && lex.tok != T_EOF) {
		if (n) {
			*last = join(N_SEQUENCE, *last, NULL);
			last = &(*last)->b;
		}
		*last = parse_item(&more);
	}
	if (lex.tok != T_NEWLINE && lex.tok != T_EOF)
		syntax_error(NULL);
	return n;
}

/* ---- back to text ---- */

static void
add_words(struct str *s, const struct word *w)
{
	for (; w; w = w->next) {
		if (s->n && s->s[s->n - 1] != ' ')
			str_add(s, ' ');
		str_cat(s, w->text, strlen(w->text));
	}
}

static void
add_string(struct str *s, const char *text)
{
	str_cat(s, text, strlen(text));
}

static void	add_node(struct str *s, const struct node *n);

static void
add_enclosed(struct str *s, const char *before, const struct node *n, const char *behind)
{
	add_string(s, before);
	add_node(s, n);
	add_string(s, behind);
}

static void
add_node(struct str *s, const struct node *n)
{
	static const char *const joined_by[] = {
		[N_PIPE] = " | ", [N_AND] = " && ", [N_OR] = " || ", [N_SEQUENCE] = "; ",
	};
	static const char *const compound[] = {
		[N_IF] = "if ...", [N_WHILE] = "while ...", [N_UNTIL] = "until ...",
		[N_FOR] = "for ...", [N_CASE] = "case ...", [N_FUNCTION] = "() ...",
	};

	switch (n->type) {
	case N_SIMPLE:
		add_words(s, n->assigns);
		add_words(s, n->words);
		break;
	case N_NOT:
		add_enclosed(s, "! ", n->a, "");
		break;
	case N_BACKGROUND:
		add_enclosed(s, "", n->a, " &");
		break;
	case N_SUBSHELL:
		add_enclosed(s, "( ", n->a, " )");
		break;
	case N_GROUP:
		add_enclosed(s, "{ ", n->a, "; }");
		break;
	case N_PIPE:
	case N_AND:
	case N_OR:
	case N_SEQUENCE:
		add_node(s, n->a);
		if (n->b)
			add_enclosed(s, joined_by[n->type], n->b, "");
		break;
	default:
		add_string(s, compound[n->type]);
	}
}

char *
node_text(struct node *n)
{
	struct str s;

	str_init(&s, &temp);
	add_node(&s, n);
	return s.s;
}

/*
 * The shell: reads commands (input.c), makes tokens (lex.c) and trees
 * (parse.c), expands words (expand.c, glob.c, arith.c), runs trees (exec.c,
 * redir.c, job.c, builtin.c). Syntax: POSIX.1-2017, XCU 2, without aliases and traps.
 *
 * Errors that end a command end a shell that is not interactive, else jump to its main loop.
 */
#ifndef SH_H
#define SH_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* ---- mem.c: memory that is given back in one go, or down to a mark ---- */

struct block;
struct arena {
	struct block *top;
	bool keep;		/* holds the body of a function */
};
struct mark {
	struct block *top;
	size_t used;
};

extern struct arena temp;	/* what expansion makes while a command runs */

void	*arena_alloc(struct arena *a, size_t n);	/* zeroed; no memory: fail() */
char	*arena_strdup(struct arena *a, const char *s, size_t n);
struct mark arena_mark(struct arena *a);
void	arena_release(struct arena *a, struct mark m);
void	arena_free(struct arena *a);

/* A string that grows; always ended by a NUL. */
struct str {
	struct arena *arena;
	char *s;
	size_t n, room;
};
void	str_init(struct str *s, struct arena *a);
void	str_add(struct str *s, char c);
void	str_cat(struct str *s, const char *text, size_t n);

char	*xstrdup(const char *s);	/* no memory: fail() */
void	*xrealloc(void *p, size_t n);

/* ---- input.c ---- */

struct source {
	struct source *up;
	const char *text;	/* what is left of a string; NULL: read from fd */
	int fd;
	bool seekable;		/* fd's offset can be put back behind the line that was read */
	bool prompts;
	bool eof;
	int line;		/* of the next byte */
	bool continued;		/* the command has begun with an earlier line */
	size_t pos, len;
	const char *buf;	/* own, or the line that was edited */
	char own[512];
};

extern struct source *source;

void	source_push_text(struct source *s, const char *text);
void	source_push_fd(struct source *s, int fd);
void	source_pop(void);
void	source_close_all(void);	/* this process will read no more commands from descriptors */
int	input_get(void);	/* a byte, or -1 at the end */
void	input_unget(void);	/* the last one got, not the end */
extern const char *prompt_now;	/* what to print when a terminal is asked for a line */

/* ---- lex.c ---- */

enum token {
	T_EOF, T_NEWLINE, T_WORD, T_IO_NUMBER, T_SEMI, T_DSEMI, T_AMP, T_AND, T_PIPE, T_OR,
	T_LPAREN, T_RPAREN, T_LESS, T_GREAT, T_DGREAT, T_DLESS, T_DLESSDASH, T_LESSAND,
	T_GREATAND, T_LESSGREAT, T_CLOBBER,
};

struct lexer {
	enum token tok;		/* the current token */
	char *text;		/* of a word, quotes and all */
	int line;		/* where it began */
	struct arena *arena;
	struct redirect *heredocs;	/* whose text comes behind the next newline */
};

extern struct lexer lex;

void	lex_next(void);		/* moves on to the next token */
const char *lex_describe(void);	/* the current token, for messages */
/* S ends behind the quote, $(..), ${..} or `..` that begins at S; NULL: it does not end. */
const char *skip_quoted(const char *s);
bool	is_name(const char *s, size_t n);

/* ---- parse.c ---- */

struct word {
	struct word *next;
	char *text;
};

struct redirect {
	struct redirect *next;
	enum token op;
	int fd;
	char *word;		/* file, descriptor, or delimiter of a here-document */
	char *body;		/* of a here-document */
	bool literal;		/* ... that is not to be expanded */
	struct redirect *next_heredoc;
};

struct case_item {
	struct case_item *next;
	struct word *patterns;
	struct node *body;
};

enum node_type {
	N_SIMPLE,		/* assigns words redirects */
	N_PIPE,			/* a | b: b may be a pipe again */
	N_NOT,			/* ! a */
	N_AND, N_OR,		/* a && b */
	N_SEQUENCE,		/* a; b */
	N_BACKGROUND,		/* a & */
	N_SUBSHELL, N_GROUP,	/* ( a ) { a } */
	N_IF,			/* if a; then b; else c */
	N_WHILE, N_UNTIL,	/* while a; do b */
	N_FOR,			/* for name in words; do a */
	N_CASE,			/* case name in items */
	N_FUNCTION,		/* name() a */
};

struct node {
	enum node_type type;
	int line;
	struct node *a, *b, *c;
	char *name;
	bool has_words;		/* N_FOR: there was an `in` */
	struct word *words, *assigns;
	struct redirect *redirects;
	struct case_item *items;
};

/* The next complete command, NULL for an empty line; *EOF: there is no more. */
struct node *parse_command_line(struct arena *a, bool *eof);
char	*node_text(struct node *n);	/* the command, shortened, in temp */

/* ---- expand.c, glob.c, arith.c ---- */

struct args {
	char **v;		/* ended by NULL */
	int n;
};

struct args expand_words(struct word *w);	/* fields, in temp */
char	*expand_single(const char *raw);	/* no splitting, no patterns */
char	*expand_pattern(const char *raw);	/* the same, quoted characters escaped */
char	*expand_heredoc(const char *raw);
void	args_add(struct args *a, char *s);
/* Adds what PATTERN matches, sorted; false: nothing does. */
bool	glob_add(struct args *a, const char *pattern);
long	arith(const char *expr);

/* ---- vars.c ---- */

const char *var_get(const char *name);			/* NULL: not set */
void	var_set(const char *name, const char *value);
void	var_set_int(const char *name, long value);
void	var_export(const char *name);
void	var_unset(const char *name);
void	var_import(char **envp);
void	var_show(bool exported);
/* Sets what "NAME=VALUE" says. */
void	var_assign(const char *assignment, bool export);
bool	is_assignment(const char *s);
char	**var_environment(void);			/* in temp */
/* Remembers NAME as it is, in temp, to be put back. */
struct saved_var {
	struct saved_var *next;
	const char *name;
	char *value;		/* NULL: it was not set */
	bool exported;
};
struct saved_var *var_save(const char *name, struct saved_var *next);
/* Remembers NAME until the function ends: var_locals_end() with what var_locals() was before. */
struct local *var_locals(void);
void	var_local(const char *name);
void	var_locals_end(struct local *before);
void	var_restore(struct saved_var *s);

/* ---- redir.c ---- */

struct saved_fd {
	struct saved_fd *next;
	int fd, copy;		/* copy -1: it was closed */
};

/* Redirects. SAVED: to remember how to undo it. false, with a complaint: one failed. */
bool	redirect(struct redirect *r, struct saved_fd **saved);
void	redirect_undo(struct saved_fd **saved);
void	redirect_reset(void);		/* undoes all */
void	redirect_forget(void);		/* in a child: closes all copies */
int	high_fd(int fd);		/* moves FD out of the way of scripts; -1: can't */

/* ---- job.c ---- */

/* Interactive: gives the command up if Ctrl-C was pressed since job_begin(). */
void	job_check_interrupt(void);
void	job_begin(void);		/* a new command line starts to run */
pid_t	job_fork(bool foreground);	/* -1 with a complaint */
int	job_wait(pid_t pid);		/* of a foreground child: its shell status */
void	job_pause(void);	/* for a moment; ends as job_check_interrupt() does */
void	job_start_shell(void);	/* an interactive one: nothing else is in front */
void	job_forget_terminal(void);	/* before becoming another program */
void	job_background(pid_t pid, const char *command);
void	job_reap(void);			/* collects background jobs that have ended */
int	job_wait_background(pid_t pid);	/* 0: all of them */
void	job_list(void);
int	shell_status(int wait_status);

/* ---- exec.c ---- */

#define EXEC_LAST	1	/* the process has nothing to do afterwards: needn't fork */
#define EXEC_TESTED	2	/* somebody looks at the status: set -e does not apply */

void	exec_node(struct node *n, unsigned flags);	/* leaves sh.status */
/* Runs all commands of the source on top. run_source() pops it then. */
void	run_lines(unsigned flags);
void	run_source(unsigned flags);
void	run_text(const char *text, unsigned flags);
/* A command was given up: forgets what was under way above source BASE. */
void	exec_reset(struct source *base);
struct function *function_find(const char *name);
void	function_unset(const char *name);
const char *function_name(size_t i);	/* the Ith; NULL: there are fewer */

/* ---- builtin.c, test.c ---- */

typedef int builtin_t(int argc, char **argv);
builtin_t *builtin_find(const char *name, bool *special);
const char *builtin_name(size_t i);	/* the Ith; NULL: there are fewer */
/* "NAME --help": done, it has printed its text. */
bool	builtin_explain(int argc, char **argv);
builtin_t builtin_test;

/* ---- main.c ---- */

enum unwind { UNWIND_NONE, UNWIND_BREAK, UNWIND_CONTINUE, UNWIND_RETURN };

struct shell {
	const char *name;	/* $0 */
	char **params;		/* $1 ... */
	char **own_params;	/* ... when `set` made them, to be freed */
	int nparams;
	int status;		/* $? */
	pid_t pid;		/* $$, also in subshells */
	pid_t last_background;	/* $! */
	bool interactive;
	bool at_terminal;	/* ... or a child of an interactive shell: no line numbers */
	bool errexit, xtrace, nounset;	/* set -e -x -u */
	enum unwind unwind;	/* what is under way ... */
	int unwind_levels;	/* ... through so many loops */
	int loops;		/* we are in */
	int calls;		/* of functions we are in */
	int line;		/* of the command that runs */
	bool substituted;	/* the command being expanded holds a $(..) */
};

extern struct shell sh;

void	complain(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* Complains and gives the whole command up; a shell that isn't interactive ends with STATUS. */
_Noreturn void fail(int status, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Gives the command up without a word. */
_Noreturn void give_up(int status);
_Noreturn void shell_exit(int status);

#endif

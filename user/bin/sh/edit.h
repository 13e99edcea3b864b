/*
 * Editing a line at a terminal: keys.c reads them, screen.c shows the line,
 * history.c remembers it, complete.c finishes words, edit.c holds it together.
 */
#ifndef EDIT_H
#define EDIT_H

#include <stdbool.h>
#include <stddef.h>

#define CTRL(c)		((c) & 0x1f)
#define DELETE		0x7f

/* ---- keys.c ---- */

/* What a key is: a control character, one of these, or ALT and a character. */
enum {
	KEY_TEXT = 0x100,	/* a character */
	KEY_UP, KEY_DOWN, KEY_LEFT, KEY_RIGHT, KEY_HOME, KEY_END, KEY_DELETE,
	KEY_WORD_LEFT, KEY_WORD_RIGHT,
	KEY_NONE,		/* not known, or an answer of the terminal */
	KEY_EOF,
	KEY_ALT = 0x200,
};

struct key {
	int code;
	size_t n;		/* KEY_TEXT: the bytes of one UTF-8 character, or a wrong one */
	char text[4];
};

void	keys_begin(void);		/* raw mode */
void	keys_end(void);
struct key key_read(void);
bool	keys_pending(void);		/* one can be read without waiting */
int	key_byte(void);			/* as it comes; -1: the end */

/* The terminal's size, as far as it has told us. */
struct terminal {
	size_t columns, rows;
	size_t column;			/* of the cursor, counted from 0, at the last answer */
	bool answers;
};
extern struct terminal terminal;
/* Asks for both; what is typed meanwhile is kept. false: no answer in time. */
bool	terminal_ask(void);

/* ---- screen.c ---- */

void	screen_begin(const char *prompt);	/* on the line where the cursor is */
/* Shows the N bytes of TEXT behind the prompt, and the cursor before byte AT. */
void	screen_show(const char *text, size_t n, size_t at);
void	screen_prompt(const char *prompt);	/* another one in its place */
void	screen_end(const char *mark);		/* MARK and a new line behind the text */
void	screen_clear(void);			/* the terminal; begins again at its top */
void	screen_beep(void);
/* How many bytes the character at S has, of N; how many columns it takes. */
size_t	char_bytes(const char *s, size_t n);
size_t	char_columns(const char *s, size_t n);
size_t	text_columns(const char *s, size_t n);

/* ---- history.c ---- */

void	history_load(void);
/* CONTINUED: a further line of the last command. */
void	history_add(const char *line, size_t n, bool continued);
void	history_flush(void);			/* to the file; before the command runs */
size_t	history_count(void);
const char *history_line(size_t i);		/* 0: the oldest */

/* ---- complete.c ---- */

struct completion {
	size_t from;		/* the bytes [from, cursor) of the line ... */
	char *text;		/* ... become this; in temp */
	char **names;		/* what there is, sorted, to be shown; in temp */
	size_t nnames;
};
/* What the word before byte AT of LINE can become. */
void	complete(struct completion *c, const char *line, size_t at);

/* ---- edit.c ---- */

bool	edit_wanted(void);	/* standard input is a terminal that can do it */
/* A line with its newline, until the next call; NULL at the end. INTERRUPTED: Ctrl-C, no line. */
const char *edit_line(const char *prompt, bool continued, size_t *n, bool *interrupted);
void	edit_reset(void);	/* after a jump out of it */

#endif

/*
 * The line on the screen. It is laid out in rows of the terminal's width,
 * from the column where the prompt begins. What is shown is remembered: only
 * what changed is written. Of a line with more rows than the terminal a window is shown,
 * rows [top, top + terminal.rows) of the layout. Sequences: ECMA-48.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "edit.h"
#include "sh.h"

struct place {
	size_t row, column;	/* column == terminal.columns: behind the last one */
};

static char out[1024];		/* to be written */
static size_t nout;

static char *prompt_text;	/* set by screen_begin(): its last line */
static size_t indent;		/* columns before the prompt */
static char *shown;		/* text on the screen, */
static size_t nshown, room;	/* its bytes, and what `shown` has room for */
static size_t top;		/* first row of the layout that is on the screen */
static struct place cursor;	/* where the terminal's is */

/* ---- output ---- */

static void
flush(void)
{
	if (nout)
		write(2, out, nout);
	nout = 0;
}

static void
put(const char *s, size_t n)
{
	while (n) {
		size_t k = sizeof(out) - nout < n ? sizeof(out) - nout : n;

		memcpy(out + nout, s, k);
		nout += k;
		s += k;
		n -= k;
		if (nout == sizeof(out))
			flush();
	}
}

static void
put_string(const char *s)
{
	put(s, strlen(s));
}

/* ESC [ N FINAL, when N is not 0. */
static void
put_motion(size_t n, char final)
{
	char text[16];

	if (n)
		put(text, (size_t)snprintf(text, sizeof(text), "\033[%zu%c", n, final));
}

/* ---- characters ---- */

size_t
char_bytes(const char *s, size_t n)
{
	unsigned char first = (unsigned char)*s;
	size_t want = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc2 ? 2 : 1;

	for (size_t i = 1; i < want; i++)
		if (i == n || (s[i] & 0xc0) != 0x80)
			return 1;
	return want;
}

static bool
is_wide(unsigned long c)
{
	static const struct { unsigned long first, last; } wide[] = {	/* Unicode, UAX 11 */
		{ 0x1100, 0x115f }, { 0x2e80, 0x303e }, { 0x3041, 0xa4cf }, { 0xac00, 0xd7a3 },
		{ 0xf900, 0xfaff }, { 0xfe30, 0xfe6f }, { 0xff00, 0xff60 }, { 0xffe0, 0xffe6 },
		{ 0x1f300, 0x1f64f }, { 0x1f900, 0x1f9ff }, { 0x20000, 0x3fffd },
	};

	for (size_t i = 0; i < sizeof(wide) / sizeof(wide[0]); i++)
		if (c >= wide[i].first && c <= wide[i].last)
			return true;
	return false;
}

size_t
char_columns(const char *s, size_t n)
{
	unsigned char first = (unsigned char)*s;
	size_t bytes = char_bytes(s, n);
	unsigned long c;

	if (first < ' ' || first == DELETE)
		return 2;			/* ^X */
	if (bytes == 1)
		return 1;			/* ASCII, or a wrong byte: a ? */
	c = first & (0x7fu >> bytes);
	for (size_t i = 1; i < bytes; i++)
		c = c << 6 | (s[i] & 0x3f);
	if ((c >= 0x300 && c <= 0x36f) || (c >= 0x200b && c <= 0x200f) ||
	    (c >= 0xfe00 && c <= 0xfe0f))
		return 0;			/* goes with the one before */
	return is_wide(c) ? 2 : 1;
}

size_t
text_columns(const char *s, size_t n)
{
	size_t columns = 0;

	for (size_t i = 0; i < n; i += char_bytes(s + i, n - i))
		columns += char_columns(s + i, n - i);
	return columns;
}

/* ---- layout ---- */

/* Behind a character of COLUMNS columns that is set at P or, if it does not fit, below. */
static struct place
advance(struct place p, char c, size_t columns)
{
	if (c == '\n')
		return (struct place){ p.row + 1, 0 };
	if (p.column + columns > terminal.columns)
		p = (struct place){ p.row + 1, 0 };
	p.column += columns;
	return p;
}

/* Behind the prompt. Sequences in it (colours) take no room. */
static struct place
text_begin(void)
{
	struct place p = { 0, indent };
	const char *s = prompt_text;
	size_t n = strlen(s), bytes;

	for (; n; s += bytes, n -= bytes) {
		bytes = char_bytes(s, n);
		if (*s == '\033') {
			bytes = strcspn(s, "ABCDHJKmhl") + 1;
			bytes = bytes > n ? n : bytes;
			continue;
		}
		p = advance(p, *s, char_columns(s, n));
	}
	return p;
}

/* Where the terminal's cursor is for a character to be set at P. */
static struct place
cursor_place(struct place p)
{
	return p.column < terminal.columns ? p : (struct place){ p.row + 1, 0 };
}

static struct place
place_of(const char *text, size_t n, size_t at)
{
	struct place p = text_begin();

	for (size_t i = 0; i < at; i += char_bytes(text + i, n - i))
		p = advance(p, text[i], char_columns(text + i, n - i));
	return p;
}

/* ---- drawing ---- */

static void
move_to(struct place to)
{
	bool pending = cursor.column >= terminal.columns;

	if (to.row < cursor.row)
		put_motion(cursor.row - to.row, 'A');
	else
		put_motion(to.row - cursor.row, 'B');
	if (!pending && to.column < cursor.column && cursor.column - to.column < 4) {
		for (size_t n = cursor.column - to.column; n; n--)
			put("\b", 1);
	} else if (pending || to.column < cursor.column) {
		put("\r", 1);
		put_motion(to.column, 'C');
	} else {
		put_motion(to.column - cursor.column, 'C');
	}
	cursor = to;
}

static void
put_char(const char *s, size_t bytes)
{
	unsigned char c = (unsigned char)*s;
	char control[2] = { '^', (char)(c ^ 0x40) };

	if (c < ' ' || c == DELETE)
		put(control, 2);
	else if (bytes == 1 && c >= 0x80)
		put("?", 1);
	else
		put(s, bytes);
}

/* Writes TEXT from byte I on, where the cursor is, down to row LAST at most. */
static void
put_text(const char *text, size_t n, size_t i, size_t last)
{
	while (i < n) {
		size_t bytes = char_bytes(text + i, n - i);
		struct place p = advance(cursor, text[i], char_columns(text + i, n - i));

		if (p.row > last)
			return;
		if (text[i] == '\n')
			put("\n", 1);		/* the terminal driver adds a \r */
		else
			put_char(text + i, bytes);
		cursor = p;
		i += bytes;
	}
	/* Behind the last column the next row may not be there yet. */
	if (cursor.column == terminal.columns && cursor.row < last) {
		put(" \r", 2);
		cursor = (struct place){ cursor.row + 1, 0 };
	}
}

/* The first byte of TEXT that is shown on row ROW, or below. */
static size_t
first_on_row(const char *text, size_t n, size_t row)
{
	struct place p = text_begin();
	size_t i = 0;

	while (i < n && p.row < row) {
		size_t bytes = char_bytes(text + i, n - i);
		struct place next = advance(p, text[i], char_columns(text + i, n - i));

		if (next.row >= row && text[i] != '\n')
			break;
		p = next;
		i += bytes;
	}
	return i;
}

/* Everything in the window that begins at row FIRST. */
static void
draw_window(const char *text, size_t n, size_t first)
{
	size_t i = 0;

	move_to((struct place){ top, 0 });
	if (top == 0 && first == 0)
		put_motion(indent, 'C');
	put_string("\033[J");
	if (first == 0) {
		put_string(prompt_text);
		cursor = text_begin();
	} else {
		i = first_on_row(text, n, first);
		cursor = (struct place){ first, 0 };
	}
	top = first;
	put_text(text, n, i, top + terminal.rows - 1);
}

/* The first byte of the two texts' difference, not inside a character. */
static size_t
difference(const char *text, size_t n)
{
	size_t i = 0;

	while (i < n && i < nshown && text[i] == shown[i])
		i++;
	while (i && i < n && (text[i] & 0xc0) == 0x80)
		i--;
	while (i && i < nshown && (shown[i] & 0xc0) == 0x80)
		i--;
	return i;
}

static void
remember(const char *text, size_t n)
{
	if (n > room) {
		room = n * 2;
		shown = xrealloc(shown, room);
	}
	memcpy(shown, text, n);
	nshown = n;
}

/* From byte FROM on. The terminal scrolls by itself when the cursor goes to the end. */
static void
draw_change(const char *text, size_t n, size_t from, size_t at)
{
	size_t last = at == n ? (size_t)-1 : top + terminal.rows - 1;

	if (from < n || from < nshown)
		move_to(cursor_place(place_of(text, n, from)));
	if (from < nshown)
		put_string("\033[J");
	if (from < n)
		put_text(text, n, from, last);
	if (cursor.row >= top + terminal.rows)
		top = cursor.row - terminal.rows + 1;
}

void
screen_show(const char *text, size_t n, size_t at)
{
	size_t from = difference(text, n), first = top;
	size_t from_row = cursor_place(place_of(text, n, from)).row;
	size_t row = cursor_place(place_of(text, n, at)).row;
	bool scrolls = at == n && from_row < top + terminal.rows;

	if (row < first)
		first = row;
	else if (row >= first + terminal.rows)
		first = row - terminal.rows + 1;
	if (from_row < top || first < top || (first > top && !scrolls))
		draw_window(text, n, first);
	else
		draw_change(text, n, from, at);
	move_to(cursor_place(place_of(text, n, at)));
	remember(text, n);
	flush();
}

/* ---- beginning and end ---- */

static void
begin(size_t column)
{
	nshown = 0;
	top = 0;
	indent = column;
	cursor = text_begin();
}

static void
set_prompt(const char *prompt)
{
	const char *newline = strrchr(prompt, '\n');
	char *copy = xstrdup(newline ? newline + 1 : prompt);

	free(prompt_text);
	prompt_text = copy;
}

void
screen_begin(const char *prompt)
{
	set_prompt(prompt);
	put_string(prompt);
	flush();
	begin(0);
	/* A command's output may have ended in the middle of a line. */
	if (terminal.answers && !keys_pending() && terminal_ask())
		begin((terminal.column + terminal.columns - cursor.column % terminal.columns) %
		    terminal.columns);
}

void
screen_prompt(const char *prompt)
{
	move_to((struct place){ top, top ? 0 : indent });
	put_string("\033[J");
	set_prompt(prompt);
	put_string(prompt);
	begin(top ? 0 : indent);
}

void
screen_end(const char *mark)
{
	move_to(cursor_place(place_of(shown, nshown, nshown)));
	put_string(mark);
	if (*mark || cursor.column || !cursor.row)
		put("\n", 1);
	flush();
}

void
screen_clear(void)
{
	put_string("\033[H\033[2J");
	put_string(prompt_text);
	begin(0);
	flush();
}

void
screen_beep(void)
{
	put("\a", 1);
	flush();
}

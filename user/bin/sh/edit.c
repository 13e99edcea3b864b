/* Editing a line: what each key does to it. */
#include "edit.h"

#include <quire.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sh.h"

static char *line;		/* ended by a NUL */
static size_t len, room, at;	/* its bytes; the cursor is before byte `at` */
static char *killed;		/* what Ctrl-Y brings back */
static bool killing, kills;	/* the last key and this one kill: this adds to the last */
static int last_key;
static size_t shown_line;	/* of the history; its count: the new one */
static char *draft;		/* the new one, while an old one is shown */
static const char *prompt_string;

/* ---- the text ---- */

static void
insert(const char *s, size_t n)
{
	if (len + n + 2 > room) {	/* a newline and a NUL go behind it */
		room = (len + n + 2) * 2;
		line = xrealloc(line, room);
	}
	memmove(line + at + n, line + at, len - at);
	memcpy(line + at, s, n);
	len += n;
	at += n;
	line[len] = '\0';
}

static void
erase(size_t from, size_t to)
{
	memmove(line + from, line + to, len - to);
	len -= to - from;
	line[len] = '\0';
	at = from;
}

static void
set_line(const char *s)
{
	len = at = 0;
	insert(s, strlen(s));
}

static size_t
before(size_t i)
{
	if (i)
		i--;
	while (i && (line[i] & 0xc0) == 0x80)
		i--;
	return i;
}

static size_t
behind(size_t i)
{
	return i < len ? i + char_bytes(line + i, len - i) : len;
}

/* Letters and digits, and whatever is not ASCII, for Alt-b and Alt-f; for Ctrl-W no blank. */
static bool
in_word(size_t i, bool blanks)
{
	unsigned char c = (unsigned char)line[i];

	if (blanks)
		return c != ' ' && c != '\t' && c != '\n';
	return c >= 0x80 || c == '_' || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
	    (c >= 'a' && c <= 'z');
}

static size_t
word_before(size_t i, bool blanks)
{
	while (i && !in_word(i - 1, blanks))
		i--;
	while (i && in_word(i - 1, blanks))
		i--;
	return i;
}

static size_t
word_behind(size_t i)
{
	while (i < len && !in_word(i, false))
		i++;
	while (i < len && in_word(i, false))
		i++;
	return i;
}

/* ---- killing and yanking ---- */

/* Kills [from, to), which is before or behind what was killed just now. */
static void
kill_text(size_t from, size_t to)
{
	size_t n = to - from, had = killing && killed ? strlen(killed) : 0;
	char *text = xrealloc(NULL, had + n + 1);

	if (from < at) {
		memcpy(text, line + from, n);
		memcpy(text + n, killed ? killed : "", had);
	} else {
		memcpy(text, killed ? killed : "", had);
		memcpy(text + had, line + from, n);
	}
	text[had + n] = '\0';
	free(killed);
	killed = text;
	kills = true;
	erase(from, to);
}

/* The characters on both sides of the cursor change places. */
static void
transpose(void)
{
	size_t second = at == len ? before(at) : at, first = before(second);
	size_t end = behind(second);
	char copy[4];

	if (first == second || second - first > sizeof(copy))
		return;
	memcpy(copy, line + first, second - first);
	memmove(line + first, line + second, end - second);
	memcpy(line + first + (end - second), copy, second - first);
	at = end;
}

/* ---- history ---- */

static void
go_to_line(size_t i)
{
	if (shown_line == history_count()) {
		free(draft);
		draft = xstrdup(line);
	}
	shown_line = i;
	set_line(i == history_count() ? draft : history_line(i));
}

static void
go_back(void)
{
	if (shown_line > 0)
		go_to_line(shown_line - 1);
	else
		screen_beep();
}

static void
go_forward(void)
{
	if (shown_line < history_count())
		go_to_line(shown_line + 1);
	else
		screen_beep();
}

/* The newest line before line I of the history that holds TEXT; I: there is none. */
static size_t
find_back(size_t i, const char *text)
{
	for (size_t k = i; *text && k > 0; k--)
		if (strstr(history_line(k - 1), text))
			return k - 1;
	return i;
}

static void
show_search(const char *text, size_t found)
{
	const char *match = found < history_count() ? history_line(found) : "";
	char prompt[128];
	const char *place = *text ? strstr(match, text) : NULL;

	snprintf(prompt, sizeof(prompt), "(search) '%.60s': ", text);
	screen_prompt(prompt);
	screen_show(match, strlen(match), place ? (size_t)(place - match) : 0);
}

/* One more key of a search: changes TEXT or FOUND. false: it ends the search. */
static bool
search_key(const struct key *k, char *text, size_t room_for, size_t *found)
{
	size_t n = strlen(text), hit;

	if (k->code == KEY_TEXT && n + k->n < room_for) {
		memcpy(text + n, k->text, k->n);
		text[n + k->n] = '\0';
		hit = *found < history_count() && strstr(history_line(*found), text) ?
		    *found : find_back(*found, text);
	} else if (k->code == CTRL('R')) {
		hit = find_back(*found, text);
	} else if (k->code == DELETE || k->code == CTRL('H')) {
		while (n && (text[n - 1] & 0xc0) == 0x80)
			n--;
		text[n ? n - 1 : 0] = '\0';
		hit = find_back(history_count(), text);
	} else {
		return false;
	}
	if (*text && (hit == history_count() || !strstr(history_line(hit), text) ||
			 (k->code == CTRL('R') && hit == *found)))
		screen_beep();
	*found = hit;
	return true;
}

/* Ctrl-R. Returns the key that ended it, which is still to be done. */
static struct key
search(void)
{
	size_t found = history_count();
	char text[64] = "";
	struct key k;

	do {
		show_search(text, found);
		k = key_read();
	} while (search_key(&k, text, sizeof(text), &found));
	screen_prompt(prompt_string);
	if (k.code == CTRL('C') || k.code == CTRL('G')) {
		k.code = KEY_NONE;
	} else if (found < history_count()) {
		go_to_line(found);
	}
	return k;
}

/* ---- completion ---- */

static void
list_names(char **names, size_t n)
{
	size_t width = 0, columns, rows;

	for (size_t i = 0; i < n; i++) {
		size_t w = text_columns(names[i], strlen(names[i]));

		width = w > width ? w : width;
	}
	columns = (terminal.columns - 1) / (width + 2);
	columns = columns ? columns : 1;
	rows = (n + columns - 1) / columns;
	for (size_t row = 0; row < rows; row++) {
		for (size_t i = row; i < n; i += rows) {
			size_t pad = width + 2 - text_columns(names[i], strlen(names[i]));

			fprintf(stderr, "%s%*s", names[i], i + rows < n ? (int)pad : 0, "");
		}
		fputc('\n', stderr);
	}
}

static void
complete_word(void)
{
	struct mark m = arena_mark(&temp);
	struct completion c;
	size_t n;

	complete(&c, line, at);
	n = c.text ? strlen(c.text) : 0;
	if (c.nnames && !(at - c.from == n && memcmp(line + c.from, c.text, n) == 0)) {
		erase(c.from, at);
		insert(c.text, n);
		if (c.nnames > 1)
			screen_beep();
	} else if (c.nnames > 1 && last_key == '\t') {
		screen_show(line, len, len);
		screen_end("");
		list_names(c.names, c.nnames);
		screen_begin(prompt_string);
	} else {
		screen_beep();
	}
	arena_release(&temp, m);
}

/* ---- keys ---- */

static void
move_key(int code)
{
	switch (code) {
	case CTRL('A'):
	case KEY_HOME:
		at = 0;
		break;
	case CTRL('E'):
	case KEY_END:
		at = len;
		break;
	case CTRL('B'):
	case KEY_LEFT:
		at = before(at);
		break;
	case CTRL('F'):
	case KEY_RIGHT:
		at = behind(at);
		break;
	case KEY_ALT | 'b':
	case KEY_WORD_LEFT:
		at = word_before(at, false);
		break;
	case KEY_ALT | 'f':
	case KEY_WORD_RIGHT:
		at = word_behind(at);
		break;
	}
}

/* Keys that take text away or bring it back. */
static void
change_key(int code)
{
	switch (code) {
	case CTRL('H'):
	case DELETE:
		erase(before(at), at);
		break;
	case CTRL('D'):
	case KEY_DELETE:
		erase(at, behind(at));
		break;
	case CTRL('K'):
		kill_text(at, len);
		break;
	case CTRL('U'):
		kill_text(0, at);
		break;
	case CTRL('W'):
		kill_text(word_before(at, true), at);
		break;
	case KEY_ALT | DELETE:
	case KEY_ALT | CTRL('H'):
		kill_text(word_before(at, false), at);
		break;
	case KEY_ALT | 'd':
		kill_text(at, word_behind(at));
		break;
	case CTRL('Y'):
		insert(killed ? killed : "", killed ? strlen(killed) : 0);
		break;
	case CTRL('T'):
		transpose();
		break;
	}
}

/* Ctrl-V: the next byte as it is. A NUL has no place in a line. */
static void
quoted_key(void)
{
	int c = key_byte();
	char byte = (char)c;

	if (c > 0)
		insert(&byte, 1);
}

static void
clear_key(void)
{
	screen_clear();
	terminal_ask();
}

static void
do_key(const struct key *k)
{
	kills = false;
	switch (k->code) {
	case KEY_TEXT:
		insert(k->text, k->n);
		break;
	case '\t':
		complete_word();
		break;
	case KEY_UP:
		go_back();
		break;
	case KEY_DOWN:
	case CTRL('N'):
		go_forward();
		break;
	case CTRL('L'):
		clear_key();
		break;
	case CTRL('V'):
		quoted_key();
		break;
	default:
		move_key(k->code);
		change_key(k->code);
	}
	killing = kills;
	last_key = k->code;
}

/* ---- a line ---- */

bool
edit_wanted(void)
{
	const char *term = var_get("TERM");

	return sh.interactive && isatty(0) && isatty(2) && !(term && strcmp(term, "dumb") == 0);
}

/* The terminal's own word on its width, else $COLUMNS. Programs see it there, too. */
static void
find_width(void)
{
	const char *columns = var_get("COLUMNS");

	if (terminal.answers) {
		var_set_int("COLUMNS", (long)terminal.columns);
		var_export("COLUMNS");
	} else if (columns && atoi(columns) > 3) {
		terminal.columns = (size_t)atoi(columns);
	}
}

static void
begin_line(const char *prompt, bool continued)
{
	static bool started;

	fflush(stdout);
	keys_begin();
	if (!started) {
		started = true;
		history_load();
		terminal_ask();
	}
	if (!continued)
		history_flush();
	set_line("");
	shown_line = history_count();
	prompt_string = prompt;
	killing = false;
	last_key = 0;
	screen_begin(prompt);
	find_width();
}

static const char *
finish_line(bool continued, size_t *n)
{
	screen_show(line, len, len);
	screen_end("");
	keys_end();
	history_add(line, len, continued);
	line[len++] = '\n';
	*n = len;
	return line;
}

static const char *
end_line(const char *mark)
{
	screen_show(line, len, len);
	if (mark)
		screen_end(mark);
	keys_end();
	return NULL;
}

const char *
edit_line(const char *prompt, bool continued, size_t *n, bool *interrupted)
{
	*interrupted = false;
	begin_line(prompt, continued);
	for (;;) {
		struct key k = key_read();

		if (k.code == CTRL('R'))
			k = search();
		if (k.code == '\r' || k.code == '\n')
			return finish_line(continued, n);
		if (k.code == CTRL('C')) {
			*interrupted = true;
			return end_line("^C");
		}
		/* The end: as a key, or because nothing can be read any more. */
		if ((k.code == CTRL('D') && !len) ||
		    (k.code == KEY_EOF && (!len || last_key == KEY_EOF)))
			return end_line(NULL);
		do_key(&k);
		if (!keys_pending())
			screen_show(line, len, at);
	}
}

void
edit_reset(void)
{
	keys_end();
}

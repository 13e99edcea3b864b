/*
 * Keys of the terminal, in raw mode. Bytes are read one at a time: what is
 * typed behind the line belongs to the commands that the line starts.
 */
#include "edit.h"

#include <quire.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define ESC		0x1b
#define STEP_MS		5
#define SEQUENCE_MS	250		/* between the bytes of one key */
#define ANSWER_MS	250

struct terminal terminal = { .columns = 80, .rows = 24 };

/* Bytes that came while we waited for an answer. */
static unsigned char kept[512];
static size_t kept_from, kept_to;

void
keys_begin(void)
{
	ttyctl(0, TTY_SETMODE, TTY_RAW);
}

void
keys_end(void)
{
	ttyctl(0, TTY_SETMODE, TTY_COOKED);
}

bool
keys_pending(void)
{
	return kept_from < kept_to || ttyctl(0, TTY_AVAIL, 0) > 0;
}

static int
read_byte(void)
{
	unsigned char c;

	return read(0, &c, 1) == 1 ? c : -1;
}

int
key_byte(void)
{
	return kept_from < kept_to ? kept[kept_from++] : read_byte();
}

/* false: *MS milliseconds have passed. What is left of them stays there. */
static bool
wait_for_input(int *ms)
{
	const struct timespec step = { .tv_nsec = STEP_MS * 1000000 };

	for (; ttyctl(0, TTY_AVAIL, 0) <= 0; *ms -= STEP_MS) {
		if (*ms <= 0)
			return false;
		nanosleep(&step, NULL);
	}
	return true;
}

/* The next byte of a key that has begun; -1: none comes. */
static int
next_byte(void)
{
	int ms = SEQUENCE_MS;

	if (kept_from == kept_to && !wait_for_input(&ms))
		return -1;
	return key_byte();
}

/* C, which key_byte() gave last, is the next byte again. */
static void
unread(int c)
{
	if (kept_from == 0)		/* then nothing is kept */
		kept_from = kept_to = 1;
	kept[--kept_from] = (unsigned char)c;
}

/* ---- answers: ESC [ row ; column R (ECMA-48, CPR) ---- */

static bool
parse_answer(const char *s, size_t *row, size_t *column)
{
	char *end;

	*row = strtoul(s, &end, 10);
	if (end == s || *end != ';')
		return false;
	s = end + 1;
	*column = strtoul(s, &end, 10);
	return end != s && *end == 'R' && *row && *column;
}

/* Takes an answer from the end of what was kept. */
static bool
take_answer(size_t *row, size_t *column)
{
	size_t at = kept_to;

	if (!at || kept[at - 1] != 'R')
		return false;
	while (at > kept_from && kept[at - 1] != ESC)
		at--;
	if (at == kept_from || kept[at] != '[')
		return false;
	kept[kept_to] = '\0';
	if (!parse_answer((const char *)kept + at + 1, row, column))
		return false;
	kept_to = at - 1;
	return true;
}

static bool
wait_for_answer(int *ms, size_t *row, size_t *column)
{
	do {
		int c;

		if (kept_to == sizeof(kept) - 1 || !wait_for_input(ms))
			return false;
		c = read_byte();
		if (c < 0)
			return false;
		kept[kept_to++] = (unsigned char)c;
	} while (!take_answer(row, column));
	return true;
}

bool
terminal_ask(void)
{
	/* Where are we? Then from the far corner, and back. */
	static const char question[] = "\033[6n\0337\033[999;999H\033[6n\0338";
	size_t row, column, rows, columns;
	int ms = ANSWER_MS;

	memmove(kept, kept + kept_from, kept_to - kept_from);
	kept_to -= kept_from;
	kept_from = 0;
	write(2, question, sizeof(question) - 1);
	terminal.answers = wait_for_answer(&ms, &row, &column) &&
	    wait_for_answer(&ms, &rows, &columns) && rows > 1 && columns > 3;
	if (terminal.answers) {
		terminal.rows = rows;
		terminal.columns = columns;
		terminal.column = column - 1;
	}
	return terminal.answers;
}

/* ---- keys ---- */

static int
final_key(int final)
{
	switch (final) {
	case 'A':
		return KEY_UP;
	case 'B':
		return KEY_DOWN;
	case 'C':
		return KEY_RIGHT;
	case 'D':
		return KEY_LEFT;
	case 'H':
		return KEY_HOME;
	case 'F':
		return KEY_END;
	}
	return KEY_NONE;
}

/* ESC [ parameters ~ */
static int
numbered_key(const char *params)
{
	switch (atoi(params)) {
	case 1:
	case 7:
		return KEY_HOME;
	case 4:
	case 8:
		return KEY_END;
	case 3:
		return KEY_DELETE;
	}
	return KEY_NONE;
}

/* Behind ESC [. A modifier (";5" is Ctrl) makes words of the arrows. */
static int
read_csi(void)
{
	char params[16];
	size_t n = 0, row, column;
	int c;

	while ((c = next_byte()) >= 0 && (c < 0x40 || c > 0x7e))
		if (n < sizeof(params) - 2)
			params[n++] = (char)c;
	if (c < 0)
		return KEY_NONE;
	params[n] = (char)c;
	params[n + 1] = '\0';
	if (c == '~')
		return numbered_key(params);
	if (c == 'R' && parse_answer(params, &row, &column)) {	/* a late one */
		terminal.answers = true;
		return KEY_NONE;
	}
	if (n && c == 'C' && strpbrk(params, "35"))
		return KEY_WORD_RIGHT;
	if (n && c == 'D' && strpbrk(params, "35"))
		return KEY_WORD_LEFT;
	return final_key(c);
}

static int
read_escape(void)
{
	int c = next_byte();

	switch (c) {
	case -1:
		return ESC;
	case '[':
		return read_csi();
	case 'O':
		return final_key(next_byte());
	default:
		return KEY_ALT | c;
	}
}

/* The rest of the UTF-8 character (RFC 3629) that begins with K's byte. */
static void
read_character(struct key *k)
{
	unsigned char first = (unsigned char)k->text[0];
	size_t n = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc2 ? 2 : 1;

	while (k->n < n) {
		int c = next_byte();

		if (c < 0)
			return;
		if ((c & 0xc0) != 0x80) {	/* no part of it: the next key */
			unread(c);
			return;
		}
		k->text[k->n++] = (char)c;
	}
}

struct key
key_read(void)
{
	struct key k = { .code = key_byte() };

	if (k.code < 0) {
		k.code = KEY_EOF;
	} else if (k.code == ESC) {
		k.code = read_escape();
	} else if (k.code >= ' ' && k.code != DELETE) {
		k.text[0] = (char)k.code;
		k.n = 1;
		k.code = KEY_TEXT;
		read_character(&k);
	}
	return k;
}

/*
 * Page-table entries of a process, for programs that show them.
 */
#ifndef ENTRY_H
#define ENTRY_H

#include <quire.h>
#include <stdbool.h>
#include <stdint.h>

/* The entry of process PID that translates VA. false: it has none (now). */
bool	entry_find(int pid, const void *va, struct kinfo_pte *e);
/* "rw-u C": rights, and the label S or C or a space; in BUF of ENTRY_TEXT bytes. */
const char *entry_rights(const struct kinfo_pte *e, char *buf);
#define ENTRY_TEXT	8

#endif

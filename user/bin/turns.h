/*
 * The story of test-shared1 and test-shared2: a parent and its child talk through the page of
 * mapshared().
 */
#ifndef TURNS_H
#define TURNS_H

#include <stdbool.h>

/* TOUCHED: the parent stores into the page before it forks. The program's status. */
int	turns(bool touched, bool verbose);
/* -v, or nothing, else usage. */
bool	turns_verbose(int argc, char **argv, const char *help);

#endif

/* The shared sources, compiled for this family. */
#ifndef FAMILY_H
#define FAMILY_H

#include <compat.h>

#include "types.h"

#include "stat.h"
#include "user.h"

typedef unsigned long long wide_t;

/* As in C; no header of this family tells. */
void	*memcpy(void *to, const void *from, uint n);
int	memcmp(const void *a, const void *b, uint n);

#endif
